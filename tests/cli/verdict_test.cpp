// What comes of scenarios, and which exit code wins.
#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

TEST(Needs, of_a_real_device_are_skipped_with_the_reason_and_alone_are_77) {
  const Folder folder;
  const std::string needy = folder.write("a.yaml", story("needy", "needs: [virtual_time, device]\n"));
  const std::string good = folder.write("b.yaml", story("good", "needs: [virtual_time, interposer]\n"));
  const Ended alone = run({"run", needy, "--report", folder.path("report")});
  EXPECT_EQ(alone.code, 77);
  EXPECT_EQ(alone.out, "skip  needy: needs a device\n1 scenarios: 0 passed, 0 failed, 1 skipped\n");
  EXPECT_TRUE(contains(folder.read("report/junit.xml"), "<skipped message=\"needs a device\"/>"));
  const Ended both = run({"run", needy, good});
  EXPECT_EQ(both.code, 0);
  EXPECT_TRUE(both.out.ends_with("\n2 scenarios: 1 passed, 0 failed, 1 skipped\n")) << both.out;
}

/// A drive that takes longer over its shutdown than anything may take.
std::string hopeless(const std::string& name) {
  return story(name, "drive: {shutdown_latency: 1s}\nphases: {drain: 20ms}\n");
}
std::string failing(const std::string& name) {
  return story(name, "expect: {counts: {retries: 3..4}}\n");
}
std::string endless(const std::string& name) {
  return "name: " + name + "\nabout: Long.\nseed: 9\nworkload: {number_ios: 100000000, bs: 4k, size: 64k}\n";
}

TEST(ExitCode, of_what_does_not_end_in_its_budget_is_3) {
  const Folder folder;
  const Ended ended = run({"run", folder.write("a.yaml", hopeless("a"))});
  EXPECT_EQ(ended.code, 3) << ended.out;
  EXPECT_TRUE(contains(ended.out, "oracle liveness: ")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "      at cycle ")) << ended.out;
}

TEST(ExitCode, of_several_is_the_first_of_6_1_3_5_2) {
  const Folder folder;
  const std::string bad = folder.write("bad.yaml", "name: [\n");
  const std::string hopeless_file = folder.write("hopeless.yaml", hopeless("hopeless"));
  const std::string failing_file = folder.write("failing.yaml", failing("failing"));
  const std::string good = folder.write("good.yaml", story("good"));
  EXPECT_EQ(run({"run", good, bad}).code, 2);
  EXPECT_EQ(run({"run", good, bad, "--junit", "/dev/full"}).code, 5);
  EXPECT_EQ(run({"run", good, bad, hopeless_file, "--junit", "/dev/full"}).code, 3);
  EXPECT_EQ(run({"run", good, bad, hopeless_file, failing_file, "--junit", "/dev/full"}).code, 1);
  const std::string endless_file = folder.write("endless.yaml", endless("endless"));
  const Ended all = run({"run", endless_file, good, bad, hopeless_file, failing_file, "--junit", "/dev/full", "--jobs", "1"}, [] {
    const rlimit one_second{1, RLIM_INFINITY};  // of each process: ends the world that never would
    ::setrlimit(RLIMIT_CPU, &one_second);
  });
  EXPECT_EQ(all.code, 6) << all.out;
  EXPECT_TRUE(contains(all.out, "FAIL  " + endless_file + " seed 0x0000000000000009\n      internal: ended ")) << all.out;
  EXPECT_TRUE(contains(all.out, "pass  good")) << "the others go on";
  EXPECT_TRUE(all.out.ends_with("\n5 scenarios: 1 passed, 4 failed, 0 skipped\n")) << all.out;
}

TEST(Rule, that_is_broken_is_told_with_its_sentence_and_the_first_offending_access) {
  const Folder folder;
  // The drive reports submission slots as free that are not: whoever believes it reuses them too early.
  const std::string file = folder.write("a.yaml",
                                        "name: a\nabout: A lie.\ndrive: {queue_entries_max: 4}\ndriver: {io_queue_entries: 4}\n"
                                        "workload: {number_ios: 400, bs: 4k, size: 1m, iodepth: 8}\n"
                                        "faults: [{what: wrong_sqhd, when: {nth: 30}, times: 0, value: 1}]\n");
  const Ended ended = run({"run", file, "--report", folder.path("report")});
  EXPECT_EQ(ended.code, 1);
  const std::size_t rule = ended.out.find("      rule QUE-21: A submission slot is not reused before a completion has reported");
  ASSERT_NE(rule, std::string::npos) << ended.out;
  const std::size_t line = ended.out.find('\n', rule) + 1;
  const std::string access = ended.out.substr(line, ended.out.find('\n', line) - line);
  EXPECT_TRUE(access.starts_with("      at cycle ")) << access;
  EXPECT_TRUE(contains(access, ", event ")) << access;
  EXPECT_TRUE(contains(access, "register_write doorbell 1008h := ")) << access;
  EXPECT_TRUE(contains(folder.read("report/index.html"), "first offending access: event "));
}

TEST(Rule, of_class_S_is_noted_and_fails_nothing) {
  const Folder folder;
  // Queues that cannot be deleted still exist when the controller is told of the shutdown.
  const std::string file = folder.write("a.yaml",
                                        "name: a\nabout: A.\ndrives: [{}, {}]\nworkloads:\n"
                                        "  - {drive: 0, number_ios: 400, bs: 4k, size: 1m}\n"
                                        "  - {drive: 1, number_ios: 4, bs: 4k, size: 64k}\nfaults:\n"
                                        "  - {what: orderly_removal, when: {drive: 1, after: 23ms}, delay: 60s}\n"
                                        "  - {what: status, when: {drive: 1, opcode: delete_io_sq}, times: 0, status: internal_error}\n");
  const Ended ended = run({"run", file, "--report", folder.path("report")});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.out, "\nnote  rule RST-05: I/O queues are deleted before a normal shutdown.")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "register_write CC := ")) << ended.out;
  EXPECT_TRUE(contains(folder.read("report/index.html"), "<strong>rule RST-05</strong>"));
  EXPECT_TRUE(contains(folder.read("report/junit.xml"), "<system-out>note  rule RST-05: "));
  EXPECT_TRUE(contains(folder.read("report/summary.json"), "\"rule RST-05\": 1"));
}

}  // namespace
}  // namespace phasebit::cli
