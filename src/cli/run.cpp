#include <algorithm>

#include "scenarios/engine/device_needs.hpp"
#include "scenarios/engine/load.hpp"
#include "src/cli/batch.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/drive_flags.hpp"
#include "src/cli/environment_arguments.hpp"
#include "src/cli/output.hpp"
#include "src/cli/shell_text.hpp"

namespace phasebit::cli {
namespace {

scenarios::Checked<std::vector<std::string>> find_all(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    scenarios::Checked<std::vector<std::string>> found = scenarios::find_scenarios(path);
    if (!found) {
      return found;
    }
    files.insert(files.end(), found->begin(), found->end());
  }
  return files;
}

/// What repeats a scenario on the same drive, its serial, its owner's words and DPDK's options included.
std::string device_arguments(const DeviceTarget& target) {
  std::string text = target.device.empty() ? "" : " --device " + shell_path(target.device);
  text += target.consent.destructive ? " --destructive --serial " + shell_path(target.consent.serial) : "";
  text += target.consent.i_know ? " --i-know" : "";
  text += environment_arguments(target.environment);
  return target.deadline_scale == DeviceTarget{}.deadline_scale ? text : text + fmt::format(" --deadline-scale {}", target.deadline_scale);
}

/// Time enough for the driver to end what is outstanding and to shut the drive down, be it slow.
constexpr std::uint64_t shutdown_seconds = 30;

/// One process, which has the drive. It is not killed amid reads and writes if it can end by itself.
void run_on_device(Batch& batch, const DeviceTarget& target) {
  batch.jobs = 1;
  const std::uint64_t per_cent = std::max(target.deadline_scale, 100u);
  batch.item_seconds_max = batch.item_seconds_max * per_cent / 100;
  batch.grace_seconds = shutdown_seconds * per_cent / 100;
  batch.unmet = [&target](const scenarios::Scenario& scenario) { return unmet_on_device(scenario, target.consent.destructive); };
  batch.run = [runs = std::make_shared<DeviceRuns>(target)](const auto& scenario, const auto& options) {
    return runs->run(scenario, options);
  };
}

}  // namespace

Ending carry_out(const RunCommand& command) {
  const scenarios::Checked<std::vector<std::string>> files = find_all(command.paths);
  if (!files) {
    complain(files.error());
    return {exit_code(files.error()), 0};
  }
  if (!command.trace.empty() && files->size() != 1) {
    tell(fmt::format("phasebit: --trace records one scenario, and {} were named\n", files->size()));
    return {ExitCode::usage, 0};
  }
  if (!flags_fit(command.target.consent, command.target.environment, command.target.device)) {
    return {ExitCode::usage, 0};
  }
  Batch batch;
  batch.jobs = command.jobs;
  if (!command.target.device.empty()) {
    if (const ExitCode code = look_at(command.target); code != ExitCode::clean) {
      return {code, 0};
    }
    run_on_device(batch, command.target);
  }
  batch.noun = "scenario";
  batch.count = files->size();
  batch.prints_hashes = command.trace_hash;
  batch.outputs = {command.junit, command.report, command.trace, *files};
  batch.scenario = [&](std::size_t item) {
    return scenarios::load_scenario((*files)[item]).map([&](scenarios::Scenario scenario) {
      scenario.seed = command.seed.value_or(scenario.seed);
      return scenario;
    });
  };
  batch.title = batch.file = [&](std::size_t item) { return (*files)[item]; };
  batch.again = [&](std::size_t item, std::optional<std::uint64_t> seed) {
    const std::optional<std::uint64_t> known = seed ? seed : command.seed;
    return "phasebit run" + device_arguments(command.target) + " " + shell_path((*files)[item]) +
           (known ? " --seed " + scenarios::seed_text(*known) : "");
  };
  const BatchEnd end = run_batch(batch);
  return {end.code, end.signal};
}

}  // namespace phasebit::cli
