// What a program hears of its drives, and decides about them.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/backend/bus.hpp"
#include "src/driver/any_driver.hpp"
#include "src/driver/options.hpp"

namespace phasebit::driver {

/// Why a drive could not be attached, and at which step of it.
struct AttachFailure {
  enum class Step : std::uint8_t { claim, open, bring_up };
  Step step = Step::claim;
  Errc error{};
  std::string_view why;  ///< for a person
};

/// Each drive that is wanted is either attached or has failed, once. Each driver that was begun ends, once it has been let go of. No call
/// may call back into the probe.
class ProbeListener {
 public:
  /// A controller that is new. May change the options; false declines it, for as long as it stays on the bus.
  virtual bool found(const PciFunction& function, Options& options) = 0;
  /// It was claimed and opened, and there is a driver, which takes no operation yet. For those who watch bring-up.
  virtual void begun(const PciFunction& /*function*/, AnyDriver& /*driver*/) {}
  /// It is ready.
  virtual void attached(const PciFunction& function, AnyDriver& driver) = 0;
  /// It could not be claimed or opened, or never became ready.
  virtual void failed(const PciFunction& function, const AttachFailure& failure) = 0;
  /// Somebody wants to take it out: finish, then shut the driver down.
  virtual void removal_asked(const PciFunction& function, AnyDriver& driver) = 0;
  /// A driver that was begun has ended: detached, failed or gone. True lets go of it: it is destroyed and the function released. False
  /// keeps it while there is something to reap, perhaps by other threads; each poll asks again.
  virtual bool ended(const PciFunction& function, AnyDriver& driver) = 0;

 protected:
  ~ProbeListener() = default;
};

}  // namespace phasebit::driver
