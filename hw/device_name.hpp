// How users name a function: by its address, or by an SPDK transport ID.
#pragma once

#include <string>
#include <string_view>

#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// Reads `0000:01:00.0`, `01:00.0` (domain 0), or a transport ID as SPDK writes it: `trtype:PCIe traddr:0000:01:00.0`, keys in any case and
/// order, `=` in place of `:`. Errors: invalid_argument for what is none of these, unsupported for another transport.
Answer<PciAddress> parse_device_name(std::string_view name);

/// `0000:01:00.0`, as sysfs names the function.
std::string text(PciAddress address);

}  // namespace phasebit::hw
