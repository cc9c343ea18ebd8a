// One function by its files in sysfs, where there is no IOMMU and so no VFIO.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "hw/bar_mapping.hpp"
#include "hw/file_descriptor.hpp"
#include "hw/find_device.hpp"
#include "hw/machine.hpp"
#include "hw/opened_function.hpp"
#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// BAR0 is `resource0`, configuration space is `config`. When it is opened and when it is closed, bus mastering is switched off and the
/// function is reset, if it can be (`reset`). If the process ends without closing it, nobody resets it. Then uio_pci_generic switches bus
/// mastering off, since Linux lets go of its file, and the drive reaches no memory any more; of a function without a driver nobody takes
/// care, and the drive goes on writing to memory that others have by then.
///
/// There are no interrupts: uio_pci_generic hands on INTx only, which NVMe drives have no use for beside MSI-X. Nobody is asked before the
/// function goes.
class SysfsDevice final : public OpenedFunction {
 public:
  /// Errors: unsupported if BAR0 is no memory that can be mapped; busy if a kernel driver has taken it meanwhile; permission_denied;
  /// environment.
  static Answer<std::unique_ptr<SysfsDevice>> open(const Machine& machine, PciAddress address, const FunctionAccess& access);
  /// A file of the function's, for reading and writing. Errors: permission_denied, environment.
  static Answer<FileDescriptor> open_file(const Machine& machine, PciAddress address, const std::string& name);

  ~SysfsDevice() override;

  PciAddress address() const override { return address_; }
  int shareable_file() const override { return -1; }
  std::byte* bar() const override { return bar_->memory(); }
  std::uint64_t bar_bytes() const override { return bar_->bytes(); }
  Result<std::byte*> map_memory(const BarRange& /*range*/) override { return fail(Errc::unsupported); }
  /// All ones also once the function has changed hands: the kernel does not wait for us when uio_pci_generic is taken off it.
  std::uint32_t config_read32(std::uint32_t offset) const override;
  void config_write16(std::uint32_t offset, std::uint16_t value) override;
  bool removal_asked() override { return false; }
  std::uint32_t enable_interrupts(std::uint32_t /*wanted*/) override { return 0; }
  bool take_interrupt() override { return false; }
  int interrupt_event() const override { return -1; }
  int removal_event() const override { return -1; }

 private:
  SysfsDevice(const Machine& machine, PciAddress address, FunctionAccess::Way way, FileDescriptor config);
  Answer<void> hold_uio();
  Answer<void> switch_on();
  Answer<void> map_bar();
  bool write_file(const std::string& name, const std::string& text);
  bool is_ours() const;
  /// Afterwards the function remembers no memory, or cannot reach it.
  void quiesce();

  Machine machine_;
  PciAddress address_;
  FunctionAccess::Way way_;  ///< in which it is ours
  FileDescriptor config_;
  FileDescriptor uio_;       ///< open for as long as the function is, where uio_pci_generic holds it
  bool is_enabled_ = false;  ///< by us, where no driver holds it
  FileDescriptor resource_;  ///< outlives its mapping
  std::unique_ptr<BarMapping> bar_;
};

}  // namespace phasebit::hw
