#include "scenarios/engine/device_needs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/engine/load.hpp"
#include "scenarios/interpose/can.hpp"

namespace phasebit::scenarios {
namespace {

/// A story about a drive with properties of its own: another drive would tell another story.
bool describes_its_drive(const Scenario& scenario) {
  Scenario plain = scenario;
  plain.drives = Scenario{}.drives;
  return scenario_text(plain) != scenario_text(scenario);
}

bool writes(const WorkloadOptions& work) {
  return (work.rw != Pattern::read && work.rw != Pattern::randread) || work.rare > 0 || !work.trace.empty();
}

bool names_a_time(const sim::Trigger& when) {
  return when.not_before != Instant{} || when.not_after != never;
}

}  // namespace

std::string unmet_on_device(const Scenario& scenario, bool may_write) {
  if (std::ranges::find(scenario.needs, Need::virtual_time) != scenario.needs.end()) {
    return "needs virtual time";
  }
  if (scenario.sqlite) {
    return "cuts the power of a world and goes back to the moment before";
  }
  if (scenario.drives.size() > 1) {
    return "needs several drives";
  }
  if (describes_its_drive(scenario)) {
    return "is about an emulated drive with properties of its own";
  }
  for (const sim::Fault& fault : scenario.faults) {
    std::string reason;
    if (!can(fault, reason)) {
      return std::string(name(fault.what)) + " cannot be done to a real drive: " + reason;
    }
    if (names_a_time(fault.when)) {
      return "a fault strikes at a virtual time";
    }
  }
  if (!may_write && std::ranges::any_of(scenario.workloads, writes)) {
    return "writes, and the drive is only read without --destructive";
  }
  return "";
}

std::string unmet_commands(const Scenario& scenario, std::uint16_t optional_commands) {
  // ONCS, Base 2.0 figure 275: Compare, Write Uncorrectable, Dataset Management, Write Zeroes, Verify.
  constexpr std::uint16_t rare_commands = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 7;
  const auto missing = static_cast<std::uint16_t>(rare_commands & ~optional_commands);
  const bool wanted = std::ranges::any_of(scenario.workloads, [](const WorkloadOptions& work) { return work.rare > 0; });
  return wanted && missing != 0 ? fmt::format("uses optional commands that this drive has not (ONCS is {:#x})", optional_commands) : "";
}

Scenario in_machine_time(Scenario scenario, std::uint32_t per_cent) {
  driver::Options& options = scenario.driver;
  for (Duration* const time : {&options.command_timeout, &options.admin_timeout, &options.abort_timeout, &options.ready_timeout_floor,
                               &options.shutdown_timeout_floor, &options.removal_grace, &scenario.phases.faulty, &scenario.phases.drain}) {
    time->ns = time->ns / 100 * per_cent;
  }
  if (scenario.expect.slowest_operation) {
    const std::uint64_t shortest = scenario.expect.slowest_operation->shortest.ns / 100 * std::min(per_cent, 100u);
    scenario.expect.slowest_operation = {{shortest}, {~0ull}};
  }
  return scenario;
}

}  // namespace phasebit::scenarios
