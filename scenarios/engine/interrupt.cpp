#include "scenarios/engine/interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace phasebit::scenarios {
namespace {

volatile std::sig_atomic_t seen = 0;

void remember(int signal) {
  seen = seen == 0 ? signal : seen;
}

}  // namespace

void remember_interrupts() {
  struct sigaction action {};
  action.sa_handler = remember;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    sigaction(signal, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

int interrupt_seen() {
  return seen;
}

}  // namespace phasebit::scenarios
