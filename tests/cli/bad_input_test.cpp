#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

/// Runs a file of this text; expects exit code 2 and a complaint that starts with FILE:LINE:COLUMN and says `part`.
void expect_refused(const std::string& text, const std::string& place, const std::string& part) {
  const Folder folder;
  const std::string file = folder.write("bad.yaml", text);
  const Ended ended = run({"run", file});
  EXPECT_EQ(ended.code, 2) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, file + place + ": ")) << ended.out;
  EXPECT_TRUE(contains(ended.out, part)) << ended.out;
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(BadInput, an_unknown_key_is_refused_with_the_nearest_spelling) {
  expect_refused(story("a", "fautls: []\n"), ":4:1", "unknown key \"fautls\"; did you mean \"faults\"?");
}
TEST(BadInput, a_duplicate_key_is_refused) {
  expect_refused(story("a", "seed: 1\nseed: 2\n"), ":5:1", "is written twice");
}
TEST(BadInput, a_wrong_type_is_refused) {
  expect_refused(story("a", "seed: [1]\n"), ":4:7", "write a seed");
  expect_refused(story("a", "faults: 3\n"), ":4:9", "write a list");
}
TEST(BadInput, a_wrong_unit_is_refused) {
  expect_refused(story("a", "phases: {faulty: 10}\n"), ":4:18", "write a time with its unit");
  expect_refused(story("a", "driver: {page_bytes: 4q}\n"), ":4:22", "write bytes as");
}
TEST(BadInput, a_value_out_of_range_is_refused) {
  expect_refused(story("a", "driver: {admin_queue_entries: 5000}\n"), ":4:31", "from 2 to 4096");
}
TEST(BadInput, an_impossible_combination_is_refused) {
  expect_refused(story("a", "faults: [{what: drop, when: {lbas: 99999999..100000000}}]\n"), ":4:36", "lies beyond the end");
  expect_refused(story("a", "faults: [{what: drop, when: {queue: 60}}]\n"), ":4:37", "there is no queue 60");
  const auto dropped = [](const std::string& when) { return story("a", "faults: [{what: drop, when: {" + when + "}}]\n"); };
  expect_refused(dropped("opcode: identify, admin: false"), ":4:55", "identify is an admin command; leave admin out");
  expect_refused(dropped("opcode: read, admin: true"), ":4:51", "read is an I/O command; leave admin out");
  expect_refused(dropped("queue: 0, admin: false"), ":4:10", "queue 0 takes admin commands only; write an I/O queue's number");
  expect_refused(dropped("opcode: identify, queue: 1"), ":4:10", "admin commands come by queue 0");
  expect_refused(dropped("opcode: identify, lbas: 0..1"), ":4:10", "admin commands name no blocks; leave the lbas out");
  expect_refused(dropped("opcode: flush, lbas: 0..1"), ":4:10", "a Flush names no blocks");
  expect_refused(story("a", "faults: [{what: all_ones, when: {site: access, register_offset: 5}}]\n"), ":4:10", "at multiples of 4");
  expect_refused(story("a", "faults: [{what: namespace_detach, value: 99}]\n"), ":4:42", "no drive that is meant has a namespace 99");
}
TEST(BadInput, raw_bytes_that_are_none_are_refused) {
  const auto raw = [](const std::string& stretch) { return story("a", "drive: {raw: {smart_log: [" + stretch + "]}}\n"); };
  const char* const wanted = "write 2 to 128 hexadecimal digits in quotes, two for each byte";
  expect_refused(raw("{offset: 0, bytes: \"abc\"}"), ":4:46", wanted);
  expect_refused(raw("{offset: 0, bytes: \"\"}"), ":4:46", wanted);
  expect_refused(raw("{offset: 0, bytes: \"0x\"}"), ":4:46", wanted);
  expect_refused(raw("{offset: 0, bytes: 12}"), ":4:46", wanted);
  expect_refused(raw("{offset: 0, bytes: \"" + std::string(130, 'a') + "\"}"), ":4:46", wanted);
  expect_refused(raw("{bytes: \"00\"}"), ":4:27", "offset is missing; write a whole number from 0 to 4095");
  expect_refused(raw("{offset: 511, bytes: \"0000\"}"), ":4:36", "offset is 511: with its 2 bytes it may reach to 512");
  expect_refused(raw("{offset: 32, bytes: \"01\"}"), ":4:47", "changes Data Units Read");
  expect_refused(story("a", "drive: {error_log: [\"00\"]}\n"), ":4:21", "write 128 hexadecimal digits in quotes");
}
TEST(BadInput, aliases_and_anchors_are_refused) {
  expect_refused(story("a", "driver: &d {}\nhost: *d\n"), ":4:9", "anchors");
  expect_refused(story("a", "host: *d\n"), ":4:7", "aliases (*name) are not read; write the value out");
}
TEST(BadInput, more_than_a_mebibyte_is_refused) {
  expect_refused(story("a") + "#" + std::string(1 << 20, 'x'), "", "is larger than 1048576 bytes");
}
TEST(BadInput, deep_nesting_is_refused) {
  expect_refused(story("a") + "faults: " + std::string(100'000, '['), ":4:137", "nested too deeply");
}
TEST(BadInput, empty_and_binary_files_are_refused) {
  expect_refused("", "", "is empty");
  expect_refused(std::string("name: \0x\n", 9), ":1:7", "byte 00h");
  expect_refused(
      "\x7f"
      "ELF",
      ":1:1", "is no UTF-8 text");
}

TEST(BadInput, a_missing_file_is_a_mistake_of_the_caller) {
  const Ended ended = run({"run", "/no/such/file.yaml"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(contains(ended.out, "/no/such/file.yaml: cannot be read: No such file or directory")) << ended.out;
  EXPECT_EQ(run({"replay", "/no/such/file.yaml"}).code, 2);
  EXPECT_EQ(run({"list", "/no/such/file.yaml"}).code, 2);
}

TEST(BadInput, a_directory_without_scenarios_is_refused) {
  const Folder folder;
  const Ended ended = run({"run", folder.path()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(contains(ended.err, "holds no scenario")) << ended.err;
}

TEST(BadInput, a_bad_file_among_good_ones_does_not_stop_them) {
  const Folder folder;
  folder.write("a.yaml", story("good"));
  folder.write("b.yaml", "name: [\n");
  const Ended ended = run({"run", folder.path()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(contains(ended.out, "pass  good"));
  EXPECT_TRUE(contains(ended.out, "2 scenarios: 1 passed, 1 failed, 0 skipped"));
}

TEST(BadInput, a_seed_that_is_none_is_refused) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  for (const char* seed :
       {"x", "-1", "1.5", "0x", "123456789012345678901", "0xfffffffffffffffff", "zz11111111111111111111111111111111111111"}) {
    const Ended ended = run({"run", file, "--seed", seed});
    EXPECT_EQ(ended.code, 2) << seed;
    EXPECT_TRUE(contains(ended.err, "is no seed")) << ended.err;
  }
  for (const char* seeds : {"1", "5..4", "a..b", "1..", "..2", ""}) {
    EXPECT_EQ(run({"swarm", "--seeds", seeds}).code, 2) << seeds;
  }
}

TEST(BadInput, a_wrong_command_line_is_refused) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {}, {"dance"}, {"run"}, {"swarm"}, {"replay"}, {"run", "x", "--jobs", "0"}, {"run", "x", "--nonsense"}, {"hello", "there"}}) {
    EXPECT_EQ(run(arguments).code, 2);
  }
  // An unset variable of a script must not pass for an option that is not given: no drive would have been looked at.
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"hello", "--device", ""},
                                                                                         {"validate", "--device", ""},
                                                                                         {"run", "x", "--device="},
                                                                                         {"run", ""},
                                                                                         {"run", "x", "--report", ""},
                                                                                         {"run", "x", "--seed", ""},
                                                                                         {"rules", ""},
                                                                                         {"setup", "unbind", ""}}) {
    const Ended ended = run(arguments);
    EXPECT_EQ(ended.code, 2) << ended.out;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err, "");
  }
  EXPECT_EQ(run({"--help"}).code, 0);
  EXPECT_EQ(run({"run", "--help"}).code, 0);
  EXPECT_EQ(run({"--version"}).code, 0);
}

TEST(BadInput, an_unknown_verb_is_named_with_those_that_there_are) {
  const auto refusal = [](const std::vector<std::string>& arguments) {
    const Ended ended = run(arguments);
    EXPECT_EQ(ended.code, 2) << ended.out;
    return ended.err;
  };
  EXPECT_EQ(refusal({"identfy", "--json"}), "phasebit: there is no verb \"identfy\"; did you mean identify?\n");
  const std::string verbs = refusal({"zzzzzzzzzz"});
  EXPECT_TRUE(verbs.starts_with("phasebit: there is no verb \"zzzzzzzzzz\"; the verbs are run, swarm, list, ")) << verbs;
  EXPECT_EQ(refusal({"setup", "unbnd"}), "phasebit: setup: there is no verb \"unbnd\"; did you mean unbind?\n");
  EXPECT_TRUE(contains(refusal({"setup", "zzzzzzzzzz"}), "the verbs are status, bind, unbind, hugepages, reset"));
  EXPECT_TRUE(contains(refusal({"setup"}), "A subcommand is required"));
}

TEST(BadInput, a_fraction_is_refused_with_what_to_write) {
  const std::string wanted =
      " is a fraction, and there are none; write a whole number of a smaller unit, as 1500us for 1.5ms and 1536 for 1.5k";
  expect_refused(story("a", "phases: {faulty: 1.5ms}\n"), ":4:18", "1.5ms" + wanted);
  expect_refused(story("a", "driver: {page_bytes: 0.5k}\n"), ":4:22", "0.5k" + wanted);
}

TEST(BadInput, a_directory_is_no_drive) {
  const Folder folder;
  for (const char* verb : {"identify", "capture"}) {
    const Ended ended = run({verb, "--drive", folder.path()});
    EXPECT_EQ(ended.code, 2) << ended.out;
    EXPECT_EQ(ended.err, folder.path() + ": is a directory; --drive takes one scenario file, whose first drive is emulated\n");
  }
}

TEST(BadInput, a_report_directory_that_cannot_be_written_is_found_before_the_run) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  for (const std::string& report : {file, file + "/below", std::string("/proc/none")}) {
    const Ended ended = run({"run", file, "--report", report});
    EXPECT_EQ(ended.code, 5) << report;
    EXPECT_TRUE(contains(ended.err, report)) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
  EXPECT_EQ(run({"run", file, "--junit", folder.path("none/junit.xml")}).code, 5);
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(FullDisk, leaves_no_half_written_report) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  ASSERT_EQ(run({"run", file, "--report", folder.path("whole")}).code, 0);
  const auto size_of = [&](const char* name) { return std::filesystem::file_size(folder.path(std::string("whole/") + name)); };
  const rlim_t room = size_of("summary.json") - 1;
  ASSERT_LT(size_of("junit.xml"), room) << "one file is to be whole by then";
  std::filesystem::remove_all(folder.path("whole"));
  const Folder counters;
  const auto fill_disk = [room, &counters] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{room, room};
    ::setrlimit(RLIMIT_FSIZE, &small);
    // A build that measures coverage would leave cut off counters where it was built, or fill standard error with complaints.
    ::setenv("GCOV_PREFIX", counters.path().c_str(), 1);
    ::setenv("GCOV_ERROR_FILE", "/dev/null", 1);
  };
  const Ended ended = run({"run", file, "--report", folder.path("report")}, fill_disk);
  EXPECT_EQ(ended.code, 5) << ended.err;
  EXPECT_TRUE(contains(ended.err, "summary.json: cannot be written: File too large")) << ended.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path("report")));
  EXPECT_EQ(run({"run", file, "--trace", folder.path("trace")}, fill_disk).code, 5);
  EXPECT_EQ(folder.entries(), 1u);
  EXPECT_EQ(run({"run", file, "--junit", "/dev/full"}).code, 5);
}

TEST(FullDisk, is_noticed_on_standard_output) {
  const Ended ended = run({"rules"}, [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); });
  EXPECT_EQ(ended.code, 5);
  EXPECT_TRUE(contains(ended.err, "No space left on device")) << ended.err;
}

TEST(ClosedPipe, is_no_failure) {
  const Ended ended = run({"rules"}, [] {
    int ends[2];
    (void)!::pipe(ends);
    ::close(ends[0]);
    ::dup2(ends[1], STDOUT_FILENO);
  });
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
}

}  // namespace
}  // namespace phasebit::cli
