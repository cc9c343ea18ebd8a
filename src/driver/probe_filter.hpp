// Which functions a probe may look at.
#pragma once

#include <algorithm>
#include <span>

#include "src/backend/bus.hpp"

namespace phasebit::driver {

/// A function that is on both lists is blocked. The lists are the caller's.
struct ProbeFilter {
  std::span<const PciAddress> allowed{};  ///< empty: every function
  std::span<const PciAddress> blocked{};

  bool passes(PciAddress address) const {
    const bool is_allowed = allowed.empty() || std::ranges::find(allowed, address) != allowed.end();
    return is_allowed && std::ranges::find(blocked, address) == blocked.end();
  }
};

}  // namespace phasebit::driver
