// What the kernel tells of PCI functions that come and go.
#pragma once

#include <optional>
#include <string_view>

#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// Reads one message of the kernel: `ACTION@PATH`, then KEY=VALUE, each ended by a zero byte. Nothing for what is no coming or going of a
/// PCI function, or is no such message.
std::optional<BusEvent> parse_uevent(std::string_view message);

/// The kernel's messages since this object was made. Where the kernel allows no listening there are none, and when too many come at once
/// some are lost: they hasten a new look at the bus and do not replace it.
class Uevents {
 public:
  Uevents();
  Uevents(const Uevents&) = delete;
  Uevents& operator=(const Uevents&) = delete;
  ~Uevents();

  /// The oldest that was not told yet; never waits.
  std::optional<BusEvent> next();
  /// Readable while there is something to tell; -1 where there never is.
  int descriptor() const { return socket_; }

 private:
  int socket_;
};

}  // namespace phasebit::hw
