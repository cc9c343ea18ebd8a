#include "scenarios/engine/draw_scenario.hpp"
#include "src/cli/batch.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"

namespace phasebit::cli {

Ending carry_out(const SwarmCommand& command) {
  constexpr std::uint64_t worlds_max = 100'000'000;
  constexpr std::size_t failures_kept_max = 1000;
  if (command.seeds.last - command.seeds.first >= worlds_max) {
    tell(fmt::format("phasebit: at most {} worlds at once\n", worlds_max));
    return {ExitCode::usage, 0};
  }
  const auto seed_of = [&](std::size_t item) { return command.seeds.first + item; };
  Batch batch;
  batch.noun = "world";
  batch.count = static_cast<std::size_t>(command.seeds.last - command.seeds.first + 1);
  batch.jobs = command.jobs;
  batch.shows_passes = false;
  batch.failures_kept_max = failures_kept_max;
  batch.outputs = {command.junit, command.report, ""};
  batch.scenario = [&](std::size_t item) -> scenarios::Checked<scenarios::Scenario> { return scenarios::draw_scenario(seed_of(item)); };
  batch.title = [&](std::size_t item) { return fmt::format("world-{}", seed_of(item)); };
  batch.file = [](std::size_t) { return std::string(); };
  batch.again = [&](std::size_t item, std::optional<std::uint64_t>) {
    return fmt::format("phasebit swarm --seeds {0}..{0}", seed_of(item));
  };
  const BatchEnd end = run_batch(batch);
  return {end.code, end.signal};
}

}  // namespace phasebit::cli
