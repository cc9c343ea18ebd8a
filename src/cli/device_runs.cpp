#include "src/cli/device_runs.hpp"

#include "scenarios/engine/device_needs.hpp"
#include "src/cli/output.hpp"
#include "src/cli/real_drive.hpp"

#ifdef PHASEBIT_HW
#include "hw/physical_heap.hpp"
#include "scenarios/engine/device_stage.hpp"
#include "sim/memory/region.hpp"
#endif

namespace phasebit::cli {

using scenarios::ExitCode;
using scenarios::RunResult;

#ifdef PHASEBIT_HW

/// DPDK, the bus, and the answer to whether the drive may be used.
class DeviceRuns::Bench {
 public:
  struct WallClock final : scenarios::Clock {
    Instant now() override { return hw::now(); }
  };

  explicit Bench(const DeviceTarget& target) {
    const hw::Answer<PciAddress> address = hw::parse_device_name(target.device);
    if (!address) {
      refusal = address.error().why;
      return;
    }
    drive = *address;
    const auto found = find_drive(drive, target.environment);
    if (!found) {
      refusal = found.error().why;
      return;
    }
    auto started = hw::Environment::start(found->environment);
    if (!started) {
      refusal = started.error().why;
      return;
    }
    environment = std::move(*started);
    if (hw::Environment::is_secondary()) {
      refusal = belongs_to_primary(drive);
      return;
    }
    auto region = sim::Region::create(1ull << 30);
    if (!region) {
      refusal = "there is no address space for the host's memory";
      return;
    }
    memory.emplace(std::move(*region));
    if (!found->access.is_behind_iommu()) {
      buffers = &heap;
    }
    bus = std::make_unique<hw::PcieBus>();
    refusal = ask(target.consent);
  }

  PciAddress drive;
  std::unique_ptr<hw::Environment> environment;
  std::unique_ptr<hw::PcieBus> bus;
  WallClock clock;
  std::optional<sim::Region> memory;  ///< the hosts'
  hw::PhysicalHeap heap;
  std::pmr::memory_resource* buffers = std::pmr::new_delete_resource();  ///< what the drive can be let at
  scenarios::DriveSeen seen;
  KnownDrive known;     ///< what was said of it and found on it is asked of each attachment
  std::string refusal;  ///< empty: scenarios may run

 private:
  /// Attaches once, to see whether this is the drive that is meant and whether it may be overwritten.
  std::string ask(const DriveConsent& consent) {
    MachineClock machine;
    Session session(*bus, machine, drive, {.io_queues_max = scenarios::DriveSeen::queue_pairs_asked});
    if (!session.find() || !session.attach()) {
      return "the drive cannot be attached" + (bus->why().empty() ? "" : ": " + bus->why());
    }
    const driver::ControllerInfo& controller = session.driver().controller();
    const auto spaces = session.driver().namespaces();
    known = cli::known(session.driver());
    seen = {controller.optional_io_commands, controller.io_queues, {spaces.begin(), spaces.end()}};
    if (const auto other = is_another(session.driver(), consent)) {
      return *other;
    }
    return consent.destructive ? forbids_writing_any(session, consent) : "";
  }

  /// A story may write to any namespace.
  std::string forbids_writing_any(auto& session, const DriveConsent& consent) const {
    if (seen.namespaces.empty() || !session.open_channel()) {
      return "the drive has no namespace that could be looked at";
    }
    for (const driver::Namespace& space : seen.namespaces) {
      if (const auto why = forbids_writing(session, space, consent)) {
        return seen.namespaces.size() == 1 ? *why : fmt::format("namespace {}: {}", space.nsid.value, *why);
      }
    }
    return "";
  }
};

ExitCode look_at(const DeviceTarget& target) {
  const hw::Answer<PciAddress> address = hw::parse_device_name(target.device);
  if (!address) {
    return refuse(ExitCode::usage, address.error().why);
  }
  const auto found = find_drive(*address, target.environment);
  if (!found) {
    return refuse(ExitCode::environment, found.error().why);
  }
  if (found->access.way == hw::FunctionAccess::Way::unbound) {
    return refuse(ExitCode::environment,
                  hw::text(*address) +
                      ": run ends a process that takes too long, or that you interrupt, and nobody would then stop this "
                      "drive from writing to memory; hand it to uio_pci_generic, which does: phasebit setup bind " +
                      hw::text(*address));
  }
  warn_of(*address, found->access);
  return ExitCode::clean;
}

RunResult DeviceRuns::run(const scenarios::Scenario& scenario, const scenarios::RunOptions& options) {
  if (bench_ == nullptr) {
    bench_ = std::make_unique<Bench>(target_);
  }
  if (!bench_->refusal.empty()) {
    RunResult result;
    result.name = scenario.name;
    result.about = scenario.about;
    result.seed = scenario.seed;
    result.objections.push_back({"environment", bench_->refusal, ExitCode::environment, 0, 0, ""});
    return result;
  }
  if (const std::string reason = unmet_on_drive(scenario, bench_->seen); !reason.empty()) {
    RunResult result;
    result.name = scenario.name;
    result.about = scenario.about;
    result.seed = scenario.seed;
    result.skipped = reason;
    return result;
  }
  scenarios::DeviceStage stage(
      *bench_->bus, bench_->drive, bench_->clock, [](void*, Instant) {}, nullptr, scenario.faults, bench_->buffers,
      [this](const driver::AnyDriver& driver) { return is_another(driver, bench_->known).value_or(""); });
  RunResult result = run_scenario_on(stage, in_machine_time(scenario, target_.deadline_scale), options, bench_->memory->resource());
  bench_->refusal = stage.ends_because();  // the drive is not ours any more
  // No second run is like it: there is nothing to replay.
  result.hash = 0;
  result.failure_file.clear();
  return result;
}

#else

class DeviceRuns::Bench {};

ExitCode look_at(const DeviceTarget& target) {
  return on_real_drive(target.device, target.environment, [](auto&...) { return ExitCode::internal; });
}

RunResult DeviceRuns::run(const scenarios::Scenario& scenario, const scenarios::RunOptions& options) {
  return run_scenario(scenario, options);  // look_at lets nobody come here
}

#endif

DeviceRuns::DeviceRuns(DeviceTarget target) : target_(std::move(target)) {}
DeviceRuns::~DeviceRuns() = default;

}  // namespace phasebit::cli
