#include "scenarios/engine/device_needs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/engine/load.hpp"
#include "scenarios/interpose/can.hpp"

namespace phasebit::scenarios {
namespace {

void forget_namespaces(sim::DriveOptions& drive) {
  drive.namespaces = sim::DriveOptions{}.namespaces;
}

void forget_queues(sim::DriveOptions& drive) {
  drive.io_submission_queues = sim::DriveOptions{}.io_submission_queues;
  drive.io_completion_queues = sim::DriveOptions{}.io_completion_queues;
}

/// Whether the file describes what `forget` takes out of its drive's description.
template <class Forget>
bool describes(const Scenario& scenario, Forget forget) {
  Scenario forgetful = scenario;
  forget(forgetful.drives.front());
  return scenario_text(forgetful) != scenario_text(scenario);
}

/// A story about a drive with properties of its own: another drive would tell another story. Namespaces and queues can be compared once the
/// drive is attached.
bool describes_its_drive(const Scenario& scenario) {
  Scenario rest = scenario;
  forget_namespaces(rest.drives.front());
  forget_queues(rest.drives.front());
  return describes(rest, [](sim::DriveOptions& drive) { drive = {}; });
}

bool writes(const WorkloadOptions& work) {
  return (work.rw != Pattern::read && work.rw != Pattern::randread) || work.rare > 0 || !work.trace.empty();
}

bool names_a_time(const sim::Trigger& when) {
  return when.not_before != Instant{} || when.not_after != never;
}

std::string unmet_commands(const Scenario& scenario, std::uint16_t optional_commands) {
  // ONCS, Base 2.0 figure 275: Compare, Write Uncorrectable, Dataset Management, Write Zeroes, Verify.
  constexpr std::uint16_t rare_commands = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 7;
  const auto missing = static_cast<std::uint16_t>(rare_commands & ~optional_commands);
  const bool wanted = std::ranges::any_of(scenario.workloads, [](const WorkloadOptions& work) { return work.rare > 0; });
  return wanted && missing != 0 ? fmt::format("uses optional commands that this drive has not (ONCS is {:#x})", optional_commands) : "";
}

std::string unmet_queues(const Scenario& scenario, std::uint32_t granted) {
  const sim::DriveOptions& drive = scenario.drives.front();
  if (describes(scenario, forget_queues)) {
    const std::uint32_t pairs = std::min(drive.io_submission_queues, drive.io_completion_queues);
    return pairs == granted ? "" : fmt::format("is about a drive with {} pairs of I/O queues, and this one grants {}", pairs, granted);
  }
  std::uint32_t needed = 0;
  for (const WorkloadOptions& work : scenario.workloads) {
    needed += work.numjobs * work.submission_queues;
  }
  return needed <= granted ? "" : fmt::format("needs {} pairs of I/O queues, and this drive grants {}", needed, granted);
}

const driver::Namespace* find(const DriveSeen& seen, Nsid nsid) {
  const auto found = std::ranges::find(seen.namespaces, nsid, &driver::Namespace::nsid);
  return found == seen.namespaces.end() ? nullptr : &*found;
}

/// Identifiers of zeros are not described.
template <std::size_t Bytes>
bool fits(const std::array<std::uint8_t, Bytes>& described, const std::array<std::uint8_t, Bytes>& found) {
  return described == std::array<std::uint8_t, Bytes>{} || described == found;
}

bool has(const DriveSeen& seen, const sim::NamespaceOptions& described) {
  const driver::Namespace* const found = find(seen, described.nsid);
  return described.active && found != nullptr && found->block_bytes == described.block_bytes && found->blocks >= described.blocks &&
         fits(described.nguid, found->nguid) && fits(described.eui64, found->eui64) && fits(described.uuid, found->uuid);
}

std::string unmet_namespaces(const Scenario& scenario, const DriveSeen& seen) {
  if (describes(scenario, forget_namespaces)) {
    for (const sim::NamespaceOptions& described : scenario.drives.front().namespaces) {
      if (!has(seen, described)) {
        return fmt::format("is about a drive whose namespace {} has {} blocks of {} bytes", described.nsid.value, described.blocks,
                           described.block_bytes);
      }
    }
  }
  for (const WorkloadOptions& work : scenario.workloads) {
    const driver::Namespace* const space = find(seen, Nsid{work.nsid});
    if (space == nullptr) {
      return fmt::format("works on namespace {}, which this drive has not", work.nsid);
    }
    if (work.offset + std::max<std::uint64_t>(work.size, space->block_bytes) > space->blocks * space->block_bytes) {
      return fmt::format("works on more than namespace {} of this drive has", work.nsid);
    }
  }
  return "";
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
  if (scenario.driver.interrupts) {
    return "waits for interrupts, which do not tell of what an interposer shows";
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

std::string unmet_on_drive(const Scenario& scenario, const DriveSeen& seen) {
  for (const std::string& reason :
       {unmet_commands(scenario, seen.optional_commands), unmet_queues(scenario, seen.queue_pairs), unmet_namespaces(scenario, seen)}) {
    if (!reason.empty()) {
      return reason;
    }
  }
  return "";
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
