// A function by sysfs, where there is no IOMMU: a lock says that it is ours.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "hw/file_descriptor.hpp"
#include "hw/function_claim.hpp"
#include "hw/machine.hpp"

namespace phasebit::hw {

/// Programs that take the same lock (flock on the function's `config`) keep away from one another. The kernel keeps nobody away.
class SysfsClaim final : public FunctionClaim {
 public:
  /// Errors: busy if another has the lock; environment if DPDK does not run with physical addresses; those of a file that cannot be opened.
  static Answer<std::unique_ptr<FunctionClaim>> take(const Machine& machine, PciAddress address);
  /// The lock alone. Errors: busy; those of a file that cannot be opened.
  static Answer<FileDescriptor> lock(const Machine& machine, PciAddress address);

  /// Errors: those of SysfsPci::access_to, if it has changed hands since; those of SysfsDevice::open.
  Answer<FunctionParts> open() override;

 private:
  SysfsClaim(std::filesystem::path root, PciAddress address, FileDescriptor locked)
      : root_(std::move(root)), address_(address), locked_(std::move(locked)) {}

  std::filesystem::path root_;  ///< of the machine
  PciAddress address_;
  FileDescriptor locked_;
};

}  // namespace phasebit::hw
