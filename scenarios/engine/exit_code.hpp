// What the program tells the shell, and which of several verdicts wins.
#pragma once

#include <cstdint>

namespace phasebit::scenarios {

/// The program's exit codes. Scripts rely on the numbers.
enum class ExitCode : std::uint8_t {
  clean = 0,
  objected = 1,      ///< an oracle or a rule objected
  usage = 2,         ///< the command line or a scenario file is wrong
  liveness = 3,      ///< something did not end within its budget of virtual time
  determinism = 4,   ///< the same seed gave another stream
  environment = 5,   ///< permission, disk full, no device, missing tool
  internal = 6,      ///< an assertion or a crash of our own
  nothing_ran = 77,  ///< everything was skipped
};

/// How loudly a code speaks: of several, the first of 6, 4, 1, 3, 5, 2 is told, and any of them before clean.
constexpr int loudness(ExitCode code) {
  switch (code) {
    case ExitCode::internal:
      return 7;
    case ExitCode::determinism:
      return 6;
    case ExitCode::objected:
      return 5;
    case ExitCode::liveness:
      return 4;
    case ExitCode::environment:
      return 3;
    case ExitCode::usage:
      return 2;
    case ExitCode::clean:
      return 1;
    case ExitCode::nothing_ran:
      return 0;
  }
  return 7;
}

/// The one of two codes that the program exits with.
constexpr ExitCode louder(ExitCode a, ExitCode b) {
  return loudness(b) > loudness(a) ? b : a;
}

}  // namespace phasebit::scenarios
