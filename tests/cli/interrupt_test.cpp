#include <sched.h>
#include <sys/stat.h>

#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

/// The children of a process, as the kernel lists them.
std::vector<pid_t> children(pid_t process) {
  const std::string self = std::to_string(process);
  std::ifstream list("/proc/" + self + "/task/" + self + "/children");
  std::vector<pid_t> found;
  for (pid_t child = 0; list >> child;) {
    found.push_back(child);
  }
  return found;
}

bool has_ended(pid_t process) {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0;
}

/// The workers of a program that has begun to work.
std::vector<pid_t> wait_for_workers(pid_t process, std::size_t count) {
  std::vector<pid_t> workers;
  while (workers.size() < count && !has_ended(process)) {
    ::sched_yield();
    workers = children(process);
  }
  return workers;
}

void expect_stopped_by(int signal, int code) {
  const Folder folder;
  Program program(
      {"swarm", "--seeds", "1..1000000", "--jobs", "2", "--report", folder.path("report"), "--junit", folder.path("junit.xml")});
  const std::vector<pid_t> workers = wait_for_workers(program.process(), 2);
  ::kill(program.process(), signal);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.code, code) << ended.err;
  EXPECT_EQ(folder.entries(), 0u) << "something half-written was left";
  EXPECT_FALSE(contains(ended.out, " worlds: "));
  for (const pid_t worker : workers) {
    EXPECT_EQ(::kill(worker, 0), -1) << "a worker lives on";
  }
}

TEST(Interrupt, by_sigint_ends_with_130_and_leaves_nothing) {
  expect_stopped_by(SIGINT, 130);
}

TEST(Interrupt, by_sigquit_ends_with_131_and_leaves_nothing) {
  expect_stopped_by(SIGQUIT, 131);
}

TEST(Interrupt, by_a_signal_that_nohup_has_turned_off_is_none) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "name: a\nabout: Long.\nworkload: {number_ios: 20000, bs: 4k, size: 64k}\n");
  Program program({"run", file, "--trace", folder.path("trace")}, [] { ::signal(SIGHUP, SIG_IGN); });
  while (folder.entries() < 3 && !has_ended(program.process())) {
    ::sched_yield();  // it works
  }
  ::kill(program.process(), SIGHUP);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(Interrupt, by_sigterm_ends_with_143_and_leaves_nothing) {
  expect_stopped_by(SIGTERM, 143);
}

TEST(Interrupt, removes_a_trace_in_the_making) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "name: a\nabout: Long.\nworkload: {number_ios: 100000000, bs: 4k, size: 64k}\n");
  Program program({"run", file, "--trace", folder.path("trace")});
  wait_for_workers(program.process(), 1);
  while (folder.entries() < 3) {
    ::sched_yield();
  }
  ::kill(program.process(), SIGINT);
  EXPECT_EQ(program.wait().code, 130);
  EXPECT_EQ(folder.entries(), 1u);
}

/// Waits until signals are remembered and no longer end the program.
void wait_until_it_listens(pid_t process) {
  const std::string path = "/proc/" + std::to_string(process) + "/status";
  for (unsigned long long caught = 0; (caught >> (SIGHUP - 1) & 1) == 0 && !has_ended(process);) {
    ::sched_yield();
    std::ifstream status(path);
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("SigCgt:")) {
        caught = std::stoull(line.substr(7), nullptr, 16);
      }
    }
  }
}

TEST(Interrupt, while_reports_are_written_ends_at_once_and_leaves_nothing) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Folder folder;
    const std::string file = folder.write("a.yaml", story("a"));
    const std::string unread = folder.path("unread");
    ASSERT_EQ(::mkfifo(unread.c_str(), 0600), 0);
    Program program({"run", file, "--report", folder.path("report"), "--trace", folder.path("trace"), "--junit", unread});
    while (!contains(program.out_so_far(), "1 scenarios: ") && !has_ended(program.process())) {
      ::sched_yield();
    }
    ::kill(program.process(), signal);
    EXPECT_EQ(program.wait().code, 128 + signal);
    EXPECT_EQ(folder.entries(), 2u) << "something half-written was left";
  }
}

TEST(Interrupt, of_a_verb_whose_output_nobody_reads_ends_at_once) {
  const Folder folder;
  folder.write("a.yaml", story("a"));
  for (const std::vector<std::string>& verb : std::vector<std::vector<std::string>>{{"list", folder.path()}, {"hello"}, {"rules"}}) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const int bytes = ::fcntl(ends[1], F_SETPIPE_SZ, 4096);
    ASSERT_EQ(::write(ends[1], std::string(static_cast<std::size_t>(bytes), 'x').data(), static_cast<std::size_t>(bytes)), bytes);
    Program program(verb, [&] { ::dup2(ends[1], STDOUT_FILENO); });
    wait_until_it_listens(program.process());
    ::kill(program.process(), SIGTERM);
    EXPECT_EQ(program.wait().code, 143) << verb[0];
    ::close(ends[0]);
    ::close(ends[1]);
  }
}

TEST(Swarm, of_as_many_worlds_as_are_allowed_needs_no_more_memory_than_one_of_few) {
  Program program({"swarm", "--seeds", "1..99999999", "--jobs", "1"});
  wait_for_workers(program.process(), 1);
  std::ifstream status("/proc/" + std::to_string(program.process()) + "/status");
  unsigned long peak_kib = 0;
  for (std::string line; std::getline(status, line);) {
    peak_kib = line.starts_with("VmHWM:") ? std::stoul(line.substr(6)) : peak_kib;
  }
  EXPECT_GT(peak_kib, 0u) << "it has ended: " << program.out_so_far();
  EXPECT_LT(peak_kib, 512ul << 10);
  ::kill(program.process(), SIGINT);
  EXPECT_EQ(program.wait().code, 130);
}

TEST(Interrupt, of_a_worker_is_an_internal_error_with_seed_and_cycle) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "name: a\nabout: Long.\nseed: 9\nworkload: {number_ios: 100000000, bs: 4k, size: 64k}\n");
  Program program({"run", file, "--trace", folder.path("trace")});
  const pid_t worker = wait_for_workers(program.process(), 1)[0];
  while (folder.entries() < 3) {
    ::sched_yield();  // the world has begun when its recorder has
  }
  ::kill(worker, SIGKILL);  // as the kernel does when memory runs out; a sanitizer would turn others into exit statuses
  const Ended ended = program.wait();
  EXPECT_EQ(ended.code, 6) << ended.out;
  EXPECT_TRUE(contains(ended.out, "internal: ended by signal 9 (Killed)")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "--seed 0x0000000000000009")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "1 scenarios: 0 passed, 1 failed, 0 skipped")) << ended.out;
  EXPECT_EQ(folder.entries(), 1u) << "the trace of a crashed world was left";
}

}  // namespace
}  // namespace phasebit::cli
