#include "src/cli/setup_reset.hpp"

#include "hw/device_name.hpp"
#include "hw/find_device.hpp"
#include "hw/hugepages.hpp"
#include "src/cli/real_drive.hpp"
#include "src/cli/setup_driver.hpp"
#include "src/cli/setup_record.hpp"

namespace phasebit::cli {
namespace {

using scenarios::ExitCode;

hw::Answer<void> put_back(hw::Machine& machine, const hw::DriveUsers& users, PciAddress drive, const hw::DriverState& wanted) {
  const hw::DriverState now = hw::driver_state(machine, drive);
  if (now == wanted) {
    return {};
  }
  if (now.driver == wanted.driver) {
    return change_driver(machine, drive, wanted);
  }
  return check_unused(users, drive)
      .and_then([&] { return wanted.driver ? hw::load_driver(machine, *wanted.driver) : hw::Answer<void>(); })
      .and_then([&] { return change_driver(machine, drive, wanted); })
      .map([&] {
        print(fmt::format("{}: is with {} again, was with {}\n", hw::text(drive), wanted.driver.value_or("no driver"),
                          now.driver.value_or("no driver")));
      });
}

hw::Answer<void> put_back(hw::Machine& machine, const HugepageCount& wanted) {
  const auto now = hw::hugepage_pool(machine, wanted.page_bytes, wanted.node);
  if (!now || now->count() == wanted.count) {
    return now ? hw::Answer<void>() : tl::unexpected(now.error());
  }
  return hw::set_hugepages(machine, wanted.page_bytes, wanted.node, wanted.count).map([&] {
    const std::string where = wanted.node ? fmt::format(" on node {}", *wanted.node) : "";
    print(fmt::format("{} hugepages of {}{} again, were {}\n", wanted.count, hw::page_size_text(wanted.page_bytes), where, now->count()));
  });
}

/// Whether the item is done with: what is no longer there cannot be put back, ever.
bool is_done(const hw::Answer<void>& answer) {
  if (!answer) {
    tell(fmt::format("phasebit: {}\n", answer.error().why));
  }
  return answer || answer.error().error == Errc::not_found;
}

void put_back_functions(hw::Machine& machine, SetupRecord& record) {
  const hw::DriveUsers users(machine);
  const hw::SysfsPci pci(machine.at("/sys/bus/pci/devices"));
  std::erase_if(record.functions, [&](const auto& entry) {
    return is_done(pci.check_drive(entry.first).and_then([&] { return put_back(machine, users, entry.first, entry.second); }));
  });
}

}  // namespace

ExitCode reset_setup(hw::Machine& machine) {
  const auto lock = lock_setup(machine);
  auto record = lock ? read_record(machine) : tl::unexpected(lock.error());
  if (!record) {
    return refuse(ExitCode::environment, record.error().why);
  }
  if (record->is_empty()) {
    print("there is nothing to put back\n");
    return ExitCode::clean;
  }
  put_back_functions(machine, *record);
  std::erase_if(record->hugepages, [&](const HugepageCount& pool) { return is_done(put_back(machine, pool)); });
  if (const auto written = write_record(machine, *record); !written) {
    return refuse(ExitCode::environment, written.error().why);
  }
  return record->is_empty() ? ExitCode::clean : ExitCode::environment;
}

}  // namespace phasebit::cli
