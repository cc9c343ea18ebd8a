#include "src/cli/setup_hugepages.hpp"

#include <algorithm>

#include "hw/hugepages.hpp"
#include "src/cli/real_drive.hpp"
#include "src/cli/setup_record.hpp"

namespace phasebit::cli {
namespace {

/// All pools of that size: a count for the whole machine is spread over its nodes, and each has to be what it was. The whole machine's is
/// theirs together, and speaks only where there are none.
void remember_hugepages(const hw::Machine& machine, std::uint64_t page_bytes, SetupRecord& record) {
  const auto same_size = [&](const HugepageCount& pool) { return pool.page_bytes == page_bytes; };
  if (std::any_of(record.hugepages.begin(), record.hugepages.end(), same_size)) {
    return;
  }
  std::vector<HugepageCount> counts;
  for (const hw::HugepagePool& pool : hw::hugepage_pools(machine)) {
    if (pool.page_bytes == page_bytes) {
      counts.push_back({page_bytes, pool.node, pool.count()});
    }
  }
  const bool has_nodes = counts.size() > 1;
  record.hugepages.insert(record.hugepages.end(), counts.begin() + (has_nodes ? 1 : 0), counts.end());
}

hw::Answer<hw::HugepagePool> change_pool(hw::Machine& machine, const SetupHugepagesCommand& command) {
  const auto lock = lock_setup(machine);
  auto record = lock ? read_record(machine) : tl::unexpected(lock.error());
  if (!record) {
    return tl::unexpected(record.error());
  }
  remember_hugepages(machine, command.page_bytes, *record);
  return write_record(machine, *record)
      .and_then([&] { return hw::set_hugepages(machine, command.page_bytes, command.node, command.count); })
      .and_then([&] { return hw::hugepage_pool(machine, command.page_bytes, command.node); });
}

}  // namespace

ExitCode change_hugepages(hw::Machine& machine, const SetupHugepagesCommand& command) {
  const auto before = hw::hugepage_pool(machine, command.page_bytes, command.node);
  const auto after = before ? change_pool(machine, command) : before;
  if (!after) {
    return refuse(ExitCode::environment, after.error().why);
  }
  const std::string where = command.node ? fmt::format(" on node {}", *command.node) : "";
  print(fmt::format("{} hugepages of {}{}, were {}\n", after->count(), hw::page_size_text(command.page_bytes), where, before->count()));
  if (after->surplus > 0) {
    print(fmt::format("{} more are in use and go when they no longer are\n", after->surplus));
  }
  return ExitCode::clean;
}

}  // namespace phasebit::cli
