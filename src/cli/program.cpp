#include "src/cli/program.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "scenarios/engine/interrupt.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"

namespace phasebit::cli {
namespace {

/// The errno of the first output that did not arrive. The parser of arguments prints by stdio, everybody else does not.
int output_error() {
  errno = 0;
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  return scenarios::print_error() != 0 || !failed ? scenarios::print_error() : errno != 0 ? errno : EIO;
}

/// Output that did not arrive is an error of the environment, unless the reader has simply gone (`phasebit list | head`).
ExitCode judge_output() {
  const int error = output_error();
  if (error == 0 || error == EPIPE) {
    return ExitCode::clean;
  }
  tell(fmt::format("phasebit: standard output cannot be written: {}\n", std::strerror(error)));
  return ExitCode::environment;
}

}  // namespace

int run_program(int argc, char** argv) {
  scenarios::hold_standard_descriptors();
  scenarios::remember_interrupts();
  Ending ending;
  try {
    ending = std::visit([](const auto& command) { return carry_out(command); }, parse_arguments(argc, argv));
  } catch (const std::exception& error) {
    tell(fmt::format("phasebit: internal error: {}\n", error.what()));
    ending.code = ExitCode::internal;
  }
  // Whatever was being done when the signal came: it has been left off, or had just ended.
  if (const int signal = ending.signal != 0 ? ending.signal : scenarios::interrupt_seen(); signal != 0) {
    return scenarios::interrupted_exit_code(signal);
  }
  const ExitCode output = judge_output();
  // Clean is louder than nothing_ran, and that output arrived is no reason to say that something was run.
  return static_cast<int>(output == ExitCode::clean ? ending.code : scenarios::louder(output, ending.code));
}

Ending carry_out(const NoCommand& command) {
  return {command.code, 0};
}

}  // namespace phasebit::cli
