#include "tests/hw/eal/real_eal.hpp"

#include <fcntl.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

namespace phasebit::hw {
namespace {

[[noreturn]] void answer_as_child(std::vector<std::string> arguments, unsigned patience_seconds) {
  const int nowhere = open("/dev/null", O_RDWR);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  signal(SIGALRM, SIG_DFL);
  alarm(patience_seconds);
  _exit(initialise_eal(std::move(arguments)) ? 0 : 1);
}

}  // namespace

std::string_view name(EalAnswer answer) {
  switch (answer) {
    case EalAnswer::takes:
      return "takes";
    case EalAnswer::refuses:
      return "refuses";
    case EalAnswer::ends_the_process:
      return "ends the process";
    case EalAnswer::waits:
      return "waits";
  }
  return "unknown";
}

EalAnswer ask_eal(std::vector<std::string> arguments, unsigned patience_seconds) {
  const pid_t child = fork();
  if (child == 0) {
    answer_as_child(std::move(arguments), patience_seconds);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    return WTERMSIG(status) == SIGALRM ? EalAnswer::waits : EalAnswer::ends_the_process;
  }
  return WEXITSTATUS(status) == 0 ? EalAnswer::takes : EalAnswer::refuses;
}

bool initialise_eal(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "program");
  std::vector<char*> words;
  for (std::string& argument : arguments) {
    words.push_back(argument.data());
  }
  const int count = static_cast<int>(words.size());
  words.push_back(nullptr);
  return rte_eal_init(count, words.data()) >= 0;
}

bool end_eal() {
  return rte_eal_cleanup() == 0;
}

SeenEal see_eal() {
  SeenEal seen;
  unsigned lcore = 0;
  RTE_LCORE_FOREACH(lcore) {
    seen.running.lcores.insert(lcore);
  }
  seen.running.iova_mode = rte_eal_iova_mode() == RTE_IOVA_VA ? "va" : rte_eal_iova_mode() == RTE_IOVA_PA ? "pa" : "none";
  seen.running.has_hugepages = rte_eal_has_hugepages() != 0;
  seen.running.proc_type = rte_eal_process_type() == RTE_PROC_PRIMARY ? "primary" : "secondary";
  constexpr std::size_t bytes = 4096;
  if (void* const memory = rte_malloc("test", bytes, bytes); memory != nullptr) {
    std::memset(memory, 0x5a, bytes);
    seen.gives_memory = true;
    seen.address = reinterpret_cast<std::uintptr_t>(memory);
    rte_free(memory);
  }
  rte_malloc_socket_stats stats{};
  rte_malloc_get_socket_stats(0, &stats);
  seen.heap_mib = stats.heap_totalsz_bytes >> 20;
  return seen;
}

}  // namespace phasebit::hw
