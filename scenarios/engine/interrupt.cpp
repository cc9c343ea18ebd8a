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
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) {  // nohup, and jobs in the background of a script, mean it
      sigaction(signal, &action, nullptr);
    }
  }
  std::signal(SIGPIPE, SIG_IGN);
}

int interrupt_seen() {
  return seen;
}

}  // namespace phasebit::scenarios
