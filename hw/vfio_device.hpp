// One function's device file under VFIO: BAR0 and memory of the controller's own in our address space, and configuration space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hw/bus_error_guard.hpp"
#include "hw/file_descriptor.hpp"
#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"
#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// An open function whose group a VfioContainer holds. The kernel resets the function when it is opened and when it is closed, so that it
/// reaches no memory afterwards.
class VfioDevice {
 public:
  /// Errors: busy, unsupported if BAR0 is no memory that can be mapped, environment.
  static Answer<std::unique_ptr<VfioDevice>> open(PciAddress address);
  /// One that another process has opened, by VFIO's file of it. It stays open, and is reset, when the last process lets go of it; removal
  /// and interrupts are told to the other. Errors: as open's.
  static Answer<std::unique_ptr<VfioDevice>> join(PciAddress address, FileDescriptor file);

  VfioDevice(const VfioDevice&) = delete;
  VfioDevice& operator=(const VfioDevice&) = delete;
  ~VfioDevice();

  PciAddress address() const { return address_; }
  /// VFIO's file of the function.
  int descriptor() const { return descriptor_; }

  /// An access that the function does not answer with SIGBUS reads as all ones, from then until memory space is switched on again.
  std::byte* bar() const { return registers_.memory; }
  std::uint64_t bar_bytes() const { return registers_.bytes; }

  /// A stretch behind one of the BARs, in our address space until the function is closed; a later one of another BAR takes its place.
  /// Errors: unsupported where that BAR is no memory that can be mapped, out_of_range beyond it, misaligned, no_space, environment.
  Result<std::byte*> map_memory(const BarRange& range);

  /// True once after somebody asked the kernel to take the function away. The kernel then waits until the function is closed.
  bool removal_asked() { return take(removal_event_); }

  /// Lets the first vectors of MSI-X through; how many: at most `wanted`, 0 if function or machine has none. They all make the same event
  /// happen. The kernel takes them back when the function is closed.
  std::uint32_t enable_interrupts(std::uint32_t wanted);
  /// True if a vector has fired since the last time.
  bool take_interrupt() { return take(interrupt_event_); }
  /// What is readable once a vector has fired, or somebody asks for the function; -1 for what never is.
  int interrupt_event() const { return interrupt_event_; }
  int removal_event() const { return removal_event_; }

  /// All ones where nothing answers.
  std::uint32_t config_read32(std::uint32_t offset) const;
  /// Lost where nothing answers. Switching memory space on brings the registers back that a bus error has taken away.
  void config_write16(std::uint32_t offset, std::uint16_t value);

 private:
  VfioDevice(PciAddress address, int descriptor) : address_(address), descriptor_(descriptor) {}
  /// A BAR, or a stretch of one, in our address space.
  struct Mapping {
    std::byte* memory = nullptr;
    std::uint64_t bytes = 0;
    std::uint64_t file_offset = 0;         ///< of its first byte in the device file
    std::unique_ptr<BusErrorGuard> guard;  ///< of the mapping
  };

  Answer<void> find_regions();
  Answer<void> map_bar();
  Answer<void> map(std::uint64_t file_offset, std::uint64_t bytes, Mapping& mapping);
  void map_again(Mapping& mapping) const;
  static void unmap(Mapping& mapping);
  Answer<void> find_config();
  void listen_for_removal();
  static bool take(int event);

  PciAddress address_;
  int descriptor_;
  FileDescriptor joined_;  ///< the same, if another process has opened it
  int interrupt_event_ = -1;
  int removal_event_ = -1;           ///< counts the kernel's requests; -1 if it makes none
  Mapping registers_;                ///< BAR0
  Mapping memory_;                   ///< what map_memory mapped of another BAR, if anything
  BarRange memory_range_;            ///< of memory_
  std::uint64_t config_offset_ = 0;  ///< of configuration space in the device file
};

}  // namespace phasebit::hw
