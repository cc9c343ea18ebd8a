// One function in our hands, however the kernel lets us have it: its registers, its configuration space, its interrupts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/backend/bus.hpp"
#include "src/backend/dma.hpp"
#include "src/base/error.hpp"

namespace phasebit::hw {

/// Closed when it ends: from then on the function reaches no memory. Only the control path comes here. Registers are reached by `bar()`,
/// which stays where it is, so that the data path knows no difference.
class OpenedFunction {
 public:
  OpenedFunction() = default;
  OpenedFunction(const OpenedFunction&) = delete;
  OpenedFunction& operator=(const OpenedFunction&) = delete;
  virtual ~OpenedFunction() = default;

  virtual PciAddress address() const = 0;
  /// A file by which another process can have the function too; -1 where there is none.
  virtual int shareable_file() const = 0;

  /// BAR0. An access that the function does not answer with SIGBUS reads as all ones, from then until memory space is switched on again.
  virtual std::byte* bar() const = 0;
  virtual std::uint64_t bar_bytes() const = 0;
  /// A stretch behind one of the BARs, in our address space until the function is closed; a later one of another BAR takes its place.
  /// Errors: unsupported where that BAR is no memory that can be mapped, out_of_range beyond it, misaligned, no_space, environment.
  virtual Result<std::byte*> map_memory(const BarRange& range) = 0;

  /// All ones where nothing answers.
  virtual std::uint32_t config_read32(std::uint32_t offset) const = 0;
  /// Lost where nothing answers. Switching memory space on brings the registers back that a bus error has taken away.
  virtual void config_write16(std::uint32_t offset, std::uint16_t value) = 0;

  /// True once after somebody asked the kernel to take the function away, where the kernel waits for us to close it.
  virtual bool removal_asked() = 0;
  /// Lets the first vectors of MSI-X through; how many: at most `wanted`, 0 if function or machine has none. They all make the same event
  /// happen. The kernel takes them back when the function is closed.
  virtual std::uint32_t enable_interrupts(std::uint32_t wanted) = 0;
  /// True if a vector has fired since the last time.
  virtual bool take_interrupt() = 0;
  /// What is readable once a vector has fired, or somebody asks for the function; -1 for what never is.
  virtual int interrupt_event() const = 0;
  virtual int removal_event() const = 0;
};

}  // namespace phasebit::hw
