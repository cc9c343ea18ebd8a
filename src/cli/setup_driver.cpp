#include "src/cli/setup_driver.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hw/device_name.hpp"

namespace phasebit::cli {

namespace {

hw::Answer<void> refuse_users(const std::vector<hw::DriveUser>& users, PciAddress address) {
  std::vector<std::string> names;
  for (const hw::DriveUser& user : users) {
    names.push_back(hw::text(user));
  }
  return names.empty() ? hw::Answer<void>()
                       : hw::refuse(Errc::busy, fmt::format("{}: it is in use: {}", hw::text(address), fmt::join(names, "; ")));
}

}  // namespace

hw::Answer<void> check_unused(const hw::DriveUsers& users, PciAddress address) {
  if (auto unused = refuse_users(users.of(address), address); !unused) {
    return unused;
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
  if (before.driver == wanted.driver) {
    return hw::set_driver(machine, address, wanted);  // its override only: nobody notices
  }
  auto held = hw::hold_namespaces(machine, address);
  if (!held) {
    return tl::unexpected(held.error());
  }
  // Processes need not have it for themselves, and one may have come since the look at all drives.
  if (auto unused = refuse_users(hw::DriveUsers(machine).processes_at(address), address); !unused) {
    return unused;
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
