#include <sched.h>

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

/// The workers of a program that has begun to work.
std::vector<pid_t> wait_for_workers(pid_t process, std::size_t count) {
  std::vector<pid_t> workers;
  while (workers.size() < count) {
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

TEST(Interrupt, by_sigterm_ends_with_143_and_leaves_nothing) {
  expect_stopped_by(SIGTERM, 143);
}

TEST(Interrupt, removes_a_trace_in_the_making) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "name: a\nabout: Long.\nworkload: {number_ios: 100000000, bs: 4k, size: 64k}\n");
  Program program({"run", file, "--trace", folder.path("trace")});
  wait_for_workers(program.process(), 1);
  while (folder.entries() < 2) {
    ::sched_yield();
  }
  ::kill(program.process(), SIGINT);
  EXPECT_EQ(program.wait().code, 130);
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Interrupt, of_a_worker_is_an_internal_error_with_seed_and_cycle) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "name: a\nabout: Long.\nseed: 9\nworkload: {number_ios: 100000000, bs: 4k, size: 64k}\n");
  Program program({"run", file, "--trace", folder.path("trace")});
  const pid_t worker = wait_for_workers(program.process(), 1)[0];
  while (folder.entries() < 2) {
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
