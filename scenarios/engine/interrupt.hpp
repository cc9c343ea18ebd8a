// Being asked to stop: SIGINT, SIGTERM, SIGHUP and SIGQUIT become a number that loops look at between two steps.
#pragma once

namespace phasebit::scenarios {

/// From now on the four signals are remembered instead of ending the process, but for those that it was started to ignore (as under nohup),
/// and a closed pipe is an error of write, not a signal.
void remember_interrupts();

/// The first of the signals that came, or 0.
int interrupt_seen();

/// The exit code of a program that was stopped by `signal`, as shells count: 130 for SIGINT, 143 for SIGTERM.
constexpr int interrupted_exit_code(int signal) {
  return 128 + signal;
}

}  // namespace phasebit::scenarios
