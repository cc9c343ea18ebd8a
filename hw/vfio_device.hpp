// One function's device file under VFIO: BAR0 and memory of the controller's own in our address space, and configuration space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hw/bar_mapping.hpp"
#include "hw/file_descriptor.hpp"
#include "hw/opened_function.hpp"
#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"
#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// An open function whose group a VfioContainer holds. The kernel resets the function when it is opened and when it is closed, so that it
/// reaches no memory afterwards.
class VfioDevice final : public OpenedFunction {
 public:
  /// Errors: busy, unsupported if BAR0 is no memory that can be mapped, environment.
  static Answer<std::unique_ptr<VfioDevice>> open(PciAddress address);
  /// One that another process has opened, by VFIO's file of it. It stays open, and is reset, when the last process lets go of it; removal
  /// and interrupts are told to the other. Errors: as open's.
  static Answer<std::unique_ptr<VfioDevice>> join(PciAddress address, FileDescriptor file);

  ~VfioDevice() override;

  PciAddress address() const override { return address_; }
  int shareable_file() const override { return descriptor_; }
  std::byte* bar() const override { return bar_->memory(); }
  std::uint64_t bar_bytes() const override { return bar_->bytes(); }
  Result<std::byte*> map_memory(const BarRange& range) override;
  std::uint32_t config_read32(std::uint32_t offset) const override;
  void config_write16(std::uint32_t offset, std::uint16_t value) override;
  /// The kernel waits until the function is closed.
  bool removal_asked() override { return take(removal_event_); }
  std::uint32_t enable_interrupts(std::uint32_t wanted) override;
  bool take_interrupt() override { return take(interrupt_event_); }
  int interrupt_event() const override { return interrupt_event_; }
  int removal_event() const override { return removal_event_; }

 private:
  VfioDevice(PciAddress address, int descriptor) : address_(address), descriptor_(descriptor) {}

  Answer<void> find_regions();
  Answer<void> map_bar();
  Answer<void> find_config();
  void listen_for_removal();
  static bool take(int event);

  PciAddress address_;
  int descriptor_;
  FileDescriptor joined_;  ///< the same, if another process has opened it
  int interrupt_event_ = -1;
  int removal_event_ = -1;              ///< counts the kernel's requests; -1 if it makes none
  std::unique_ptr<BarMapping> bar_;     ///< BAR0
  std::unique_ptr<BarMapping> memory_;  ///< what map_memory mapped of another BAR, if anything
  BarRange memory_range_;               ///< of memory_
  std::uint64_t config_offset_ = 0;     ///< of configuration space in the device file
};

}  // namespace phasebit::hw
