// The program `phasebit`.
#pragma once

namespace phasebit::cli {

/// Parses, runs the verb, and gives the exit code (scenarios/engine/exit_code.hpp; 130 or 143 when interrupted).
int run_program(int argc, char** argv);

}  // namespace phasebit::cli
