#include <filesystem>

#include "scenarios/engine/interrupt.hpp"
#include "scenarios/engine/load.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"

namespace phasebit::cli {

Ending carry_out(const ListCommand& command) {
  const scenarios::Checked<std::vector<std::string>> files = scenarios::find_scenarios(command.path);
  if (!files) {
    complain(files.error());
    return {exit_code(files.error()), 0};
  }
  if (std::error_code error; command.path == ListCommand{}.path && !std::filesystem::exists(command.path, error)) {
    tell(fmt::format("phasebit: list: there is no {} here, which is listed if no PATH is given; name a file or a directory\n",
                     command.path));
    return {ExitCode::usage, 0};
  }
  ExitCode code = ExitCode::clean;
  for (const std::string& file : *files) {
    if (const int signal = scenarios::interrupt_seen(); signal != 0) {
      return {code, signal};
    }
    const scenarios::Checked<scenarios::Scenario> scenario = scenarios::load_scenario(file);
    if (scenario) {
      print(fmt::format("{:<40} {}\n", scenario->name, scenario->about));
    } else {
      complain(scenario.error());
      code = scenarios::louder(code, exit_code(scenario.error()));
    }
  }
  return {code, 0};
}

}  // namespace phasebit::cli
