#include "scenarios/engine/load.hpp"
#include "src/cli/batch.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"
#include "src/cli/shell_text.hpp"

namespace phasebit::cli {
namespace {

using scenarios::RunResult;

/// The same seed has to give the same stream.
void compare(const scenarios::Scenario& scenario, RunResult& result) {
  if (result.hash != scenario.recorded->hash) {
    result.objections.push_back(
        {"oracle determinism", fmt::format("the stream's hash is 0x{:016x}, recorded was 0x{:016x}", result.hash, scenario.recorded->hash),
         ExitCode::determinism, result.virtual_ns, result.events, ""});
  }
}

}  // namespace

Ending carry_out(const ReplayCommand& command) {
  scenarios::Checked<scenarios::Scenario> scenario = scenarios::load_scenario(command.file);
  if (!scenario) {
    complain(scenario.error());
    return {exit_code(scenario.error()), 0};
  }
  if (!scenario->recorded) {
    tell(fmt::format("{}: records no run; `phasebit run {}` runs it\n", command.file, shell_path(command.file)));
    return {ExitCode::usage, 0};
  }
  Batch batch;
  batch.noun = "scenario";
  batch.count = 1;
  batch.prints_hashes = true;
  batch.outputs.trace = command.trace;
  batch.outputs.inputs = {command.file};
  batch.scenario = [&](std::size_t) { return scenario; };
  batch.title = batch.file = [&](std::size_t) { return command.file; };
  batch.again = [&](std::size_t, std::optional<std::uint64_t>) { return "phasebit replay " + shell_path(command.file); };
  batch.review = compare;
  const BatchEnd end = run_batch(batch);
  return {end.code, end.signal};
}

}  // namespace phasebit::cli
