#include "src/cli/setup_status.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "hw/device_name.hpp"
#include "hw/drive_users.hpp"
#include "hw/find_device.hpp"
#include "hw/hugepages.hpp"
#include "hw/pci_driver.hpp"
#include "scenarios/engine/scalar.hpp"
#include "src/cli/output.hpp"
#include "src/cli/setup_record.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::cli {
namespace {

using scenarios::Json;

constexpr const char* absent = "-";

template <class T>
Json json_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json user_json(const hw::DriveUser& user) {
  return {{"kind", hw::kind_word(user.kind)}, {"device", user.device}, {"by", user.by}, {"text", hw::text(user)}};
}

Json function_json(const hw::Machine& machine, const hw::SysfsPci& pci, const hw::DriveUsers& users, const PciFunction& function) {
  Json devices = Json::array();
  for (const hw::BlockDevice& device : hw::block_devices(machine, function.address)) {
    devices.push_back(device.name);
  }
  Json used_by = Json::array();
  for (const hw::DriveUser& user : users.of(function.address)) {
    used_by.push_back(user_json(user));
  }
  return {{"address", hw::text(function.address)},
          {"device", fmt::format("{:04x}:{:04x}", function.vendor_id, function.device_id)},
          {"driver", json_or_null(pci.driver_of(function.address))},
          {"iommu_group", json_or_null(pci.iommu_group_of(function.address))},
          {"numa_node", json_or_null(pci.numa_node_of(function.address))},
          {"block_devices", devices},
          {"used_by", used_by},
          {"unseen", users.unseen(function.address)}};
}

Json functions_json(const hw::Machine& machine) {
  const hw::SysfsPci pci(machine.at("/sys/bus/pci/devices"));
  const hw::DriveUsers users(machine);
  Json functions = Json::array();
  for (const PciFunction& function : pci.functions()) {
    if (function.class_code == spec::pci::class_code_nvme) {
      functions.push_back(function_json(machine, pci, users, function));
    }
  }
  return functions;
}

Json hugepages_json(const hw::Machine& machine) {
  Json pools = Json::array();
  for (const hw::HugepagePool& pool : hw::hugepage_pools(machine)) {
    pools.push_back({{"size", hw::page_size_text(pool.page_bytes)},
                     {"node", json_or_null(pool.node)},
                     {"total", pool.total},
                     {"free", pool.free},
                     {"reserved", json_or_null(pool.reserved)}});
  }
  return pools;
}

std::string_view presence_word(hw::DriverPresence presence) {
  switch (presence) {
    case hw::DriverPresence::loaded:
      return "loaded";
    case hw::DriverPresence::loadable:
      return "not loaded, but at hand";
    case hw::DriverPresence::absent:
      return "not there";
  }
  return "unknown";
}

Json setup_json(const hw::Machine& machine) {
  Json drivers = Json::object();
  for (const char* driver : {"nvme", "vfio-pci", "uio_pci_generic"}) {
    drivers[driver] = presence_word(hw::driver_presence(machine, driver));
  }
  return {{"functions", functions_json(machine)},
          {"hugepages", hugepages_json(machine)},
          {"iommu_groups", hw::iommu_groups(machine)},
          {"drivers", drivers},
          {"changed", machine.has(setup_record_file)}};
}

using Row = std::vector<std::string>;

/// Columns as wide as their widest cell, two blanks between them.
void print_rows(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      line += fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    print(line + row.back() + "\n");
  }
}

std::string cell(const Json& value) {
  if (value.is_null()) {
    return absent;
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// `key` of each element, or the elements themselves.
std::string joined(const Json& list, const char* key, const char* separator) {
  std::vector<std::string> words;
  for (const Json& each : list) {
    words.push_back(cell(key != nullptr ? each.at(key) : each));
  }
  return words.empty() ? absent : fmt::format("{}", fmt::join(words, separator));
}

void print_functions(const Json& functions) {
  if (functions.empty()) {
    print("no NVMe I/O controller on the PCI bus\n");
    return;
  }
  std::vector<Row> rows{{"function", "device", "driver", "IOMMU group", "NUMA node", "block devices", "used by"}};
  for (const Json& each : functions) {
    rows.push_back({cell(each["address"]), cell(each["device"]), cell(each["driver"]), cell(each["iommu_group"]), cell(each["numa_node"]),
                    joined(each["block_devices"], nullptr, " "), joined(each["used_by"], "text", "; ")});
  }
  print_rows(rows);
  for (const Json& each : functions) {
    if (const auto unseen = each["unseen"].get<std::string>(); !unseen.empty()) {
      print(
          fmt::format("{}: there may be users that are not shown, for {} cannot be looked at; root can\n", cell(each["address"]), unseen));
    }
  }
}

void print_hugepages(const Json& pools) {
  std::vector<Row> rows{{"hugepages", "node", "total", "free", "reserved"}};
  for (const Json& each : pools) {
    rows.push_back({cell(each["size"]), each["node"].is_null() ? "all" : cell(each["node"]), cell(each["total"]), cell(each["free"]),
                    cell(each["reserved"])});
  }
  print_rows(rows);
}

void print_setup(const Json& setup) {
  print_functions(setup["functions"]);
  print("\n");
  print_hugepages(setup["hugepages"]);
  const auto groups = setup["iommu_groups"].get<std::size_t>();
  print(groups > 0 ? fmt::format("\nIOMMU: on, {} groups\n", groups)
                   : "\nIOMMU: none; vfio-pci needs it: switch it (VT-d, AMD-Vi) on in firmware and kernel\n");
  for (const auto& [driver, presence] : setup["drivers"].items()) {
    print(fmt::format("{}: {}\n", driver, cell(presence)));
  }
  if (setup["changed"].get<bool>()) {
    print(fmt::format("`phasebit setup reset` puts back what {} tells of\n", setup_record_file));
  }
}

}  // namespace

scenarios::ExitCode show_setup(const hw::Machine& machine, bool json) {
  const Json setup = setup_json(machine);
  if (json) {
    // Names of processes and mount points are whatever bytes somebody chose.
    print(setup.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print_setup(setup);
  }
  return scenarios::ExitCode::clean;
}

}  // namespace phasebit::cli
