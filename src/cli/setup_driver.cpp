#include "src/cli/setup_driver.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hw/device_name.hpp"

namespace phasebit::cli {

hw::Answer<void> check_unused(const hw::DriveUsers& users, PciAddress address) {
  std::vector<std::string> names;
  for (const hw::DriveUser& user : users.of(address)) {
    names.push_back(hw::text(user));
  }
  if (!names.empty()) {
    return hw::refuse(Errc::busy, fmt::format("{}: it is in use: {}", hw::text(address), fmt::join(names, "; ")));
  }
  if (const std::string unseen = users.unseen(address); !unseen.empty()) {
    return hw::refuse(
        Errc::permission_denied,
        fmt::format("{}: whether it is in use cannot be told, for {} cannot be looked at; run this as root", hw::text(address), unseen));
  }
  return {};
}

hw::Answer<void> change_driver(hw::Machine& machine, PciAddress address, const hw::DriverState& wanted) {
  const hw::DriverState before = hw::driver_state(machine, address);
  auto held = hw::hold_namespaces(machine, address);
  if (!held) {
    return tl::unexpected(held.error());
  }
  const auto changed = hw::set_driver(machine, address, wanted);
  if (changed) {
    return {};
  }
  held->clear();  // or the names that it had would still be taken
  const auto undone = hw::set_driver(machine, address, before);
  return hw::refuse(changed.error().error,
                    undone ? changed.error().why + "; it is as before" : changed.error().why + "; and " + undone.error().why);
}

}  // namespace phasebit::cli
