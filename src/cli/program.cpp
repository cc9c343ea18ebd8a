#include "src/cli/program.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "scenarios/engine/interrupt.hpp"
#include "src/cli/commands.hpp"

namespace phasebit::cli {
namespace {

/// Output that did not arrive is an error of the environment, unless the reader has simply gone (`phasebit list | head`).
ExitCode flush_output() {
  errno = 0;
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (!failed || errno == EPIPE) {
    return ExitCode::clean;
  }
  fmt::print(stderr, "phasebit: standard output cannot be written{}{}\n", errno != 0 ? ": " : "", errno != 0 ? std::strerror(errno) : "");
  return ExitCode::environment;
}

}  // namespace

int run_program(int argc, char** argv) {
  scenarios::remember_interrupts();
  Ending ending;
  try {
    ending = std::visit([](const auto& command) { return carry_out(command); }, parse_arguments(argc, argv));
  } catch (const std::exception& error) {
    fmt::print(stderr, "phasebit: internal error: {}\n", error.what());
    ending.code = ExitCode::internal;
  }
  if (ending.signal != 0) {
    std::fflush(stdout);
    return scenarios::interrupted_exit_code(ending.signal);
  }
  return static_cast<int>(scenarios::louder(flush_output(), ending.code));
}

Ending carry_out(const NoCommand& command) {
  return {command.code, 0};
}

}  // namespace phasebit::cli
