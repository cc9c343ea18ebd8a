// The PCI bus as probing sees it: which functions there are, who owns them, and what comes and goes.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <vector>

#include "src/backend/backend.hpp"
#include "src/base/error.hpp"

namespace phasebit {

/// Where a function sits: domain:bus:device.function.
struct PciAddress {
  std::uint16_t domain = 0;
  std::uint8_t bus = 0;
  std::uint8_t device = 0;    ///< 0 to 31
  std::uint8_t function = 0;  ///< 0 to 7

  friend constexpr auto operator<=>(PciAddress, PciAddress) = default;
  /// domain<<16 | bus<<8 | device<<3 | function, as events carry it.
  constexpr std::uint32_t packed() const {
    return static_cast<std::uint32_t>(domain) << 16 | static_cast<std::uint32_t>(bus) << 8 | static_cast<std::uint32_t>(device) << 3 |
           function;
  }
};

/// What enumeration tells of a function before anybody opens it.
struct PciFunction {
  PciAddress address;
  std::uint32_t class_code = 0;  ///< 24 bits; 010802h is an NVM Express I/O controller
  std::uint16_t vendor_id = 0;
  std::uint16_t device_id = 0;
  std::uint16_t subsystem_vendor_id = 0;
  std::uint16_t subsystem_id = 0;
};

/// What a bus tells without being asked.
struct BusEvent {
  enum class Kind : std::uint8_t { added, removed, removal_asked };
  Kind kind = Kind::added;
  PciAddress address;
};

/// A bus. `claim` makes a function this process's own (`busy` if it is somebody's); `open` needs a claim and gives a backend that
/// stays at its address until `close`; `release` ends the claim. `next_event` gives each event once, oldest first.
template <class B>
concept Bus = requires(B bus, PciAddress address) {
  typename B::BackendType;
  requires Backend<typename B::BackendType>;
  { bus.enumerate() } -> std::same_as<std::vector<PciFunction>>;
  { bus.claim(address) } -> std::same_as<Result<void>>;
  { bus.release(address) } -> std::same_as<void>;
  { bus.open(address) } -> std::same_as<Result<typename B::BackendType*>>;
  { bus.close(address) } -> std::same_as<void>;
  { bus.next_event() } -> std::same_as<std::optional<BusEvent>>;
};

/// A bus that can sleep. `wait(until)` returns when an open function has interrupted since the last wait returned, when the bus has
/// something to tell, or at `until`, whichever is first; sooner does no harm. True unless only time has passed. An interrupt is never lost
/// between two waits: whoever looks at completions after a wait has returned, and then waits again, has seen all of them or is woken.
template <class B>
concept CanWait = Bus<B> && requires(B bus, Instant until) {
  { bus.wait(until) } -> std::same_as<bool>;
};

}  // namespace phasebit
