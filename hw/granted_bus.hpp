// The PCI bus in a process that is not the primary: it opens what the primary has open.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hw/find_device.hpp"
#include "hw/granted_backend.hpp"
#include "hw/uevents.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// Needs an Environment that is_secondary(), which must outlive it. Functions belong to the primary: any number of processes may claim one.
class GrantedBus {
 public:
  using BackendType = GrantedBackend;

  explicit GrantedBus(SysfsPci sysfs = SysfsPci()) : sysfs_(std::move(sysfs)) {}

  std::vector<PciFunction> enumerate() const { return sysfs_.functions(); }
  Result<void> claim(PciAddress address);
  /// Closes the function if it is open.
  void release(PciAddress address);
  /// Asks the primary for it. Errors: not_ready without a claim; busy if it is open; as PrimaryProcess::introduce and VfioDevice::join.
  Result<GrantedBackend*> open(PciAddress address);
  void close(PciAddress address);
  std::optional<BusEvent> next_event() { return uevents_.next(); }
  /// Until then, or until the primary has something to say.
  bool wait(Instant until);

  /// What the last open that failed was refused for, in words for a user.
  const std::string& why() const { return why_; }

 private:
  tl::unexpected<Errc> fail_with(Refusal refusal);

  SysfsPci sysfs_;
  Uevents uevents_;
  std::map<PciAddress, std::unique_ptr<GrantedBackend>> claimed_;  ///< nullptr: not open
  std::string why_;
};
static_assert(CanWait<GrantedBus>);

}  // namespace phasebit::hw
