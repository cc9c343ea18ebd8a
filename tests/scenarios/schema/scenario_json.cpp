// Prints the JSON that our reader makes of a scenario file, or with --schema the schema of scenario files.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "scenarios/engine/load.hpp"

int main(int argc, char** argv) {
  using namespace phasebit::scenarios;
  if (argc == 2 && std::string(argv[1]) == "--schema") {
    fmt::print("{}\n", scenario_schema().dump(2));
    return 0;
  }
  for (int i = 1; i < argc; ++i) {
    const Checked<Json> tree = load_json(argv[i]);
    if (!tree) {
      fmt::print(stderr, "{}\n", to_string(tree.error().front()));
      return 1;
    }
    fmt::print("{}\n", tree->dump());
  }
}
