// A channel of a driver as one object, for whoever is to know the channel and not the driver: CallbackChannel above all.
#pragma once

#include <cstdint>
#include <span>

#include "src/driver/any_driver.hpp"

namespace phasebit::driver {

/// The calls of AnyDriver that are about one channel, with its name filled in. It owns nothing: the driver outlives it, and the channel is
/// made and destroyed at the driver. Of a channel that is no more, submit and abort say `not_found`, and reap finds nothing.
class DriverChannel {
 public:
  DriverChannel(AnyDriver& driver, ChannelId id) : driver_(driver), id_(id) {}

  ChannelId id() const { return id_; }

  SubmitResult submit(std::span<const Operation> operations, Instant now) { return driver_.submit(id_, operations, now); }
  std::uint32_t reap(Instant now, std::span<OperationResult> results) { return driver_.reap(id_, now, results); }
  Result<void> abort(std::uint64_t tag, Instant now) { return driver_.abort(id_, tag, now); }

 private:
  AnyDriver& driver_;
  ChannelId id_;
};

}  // namespace phasebit::driver
