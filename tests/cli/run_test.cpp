#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

TEST(Hello, writes_reads_and_compares_one_block_of_the_emulated_drive) {
  const Ended ended = run({"hello"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  std::size_t at = 0;
  for (const char* step : {"probe ", "attach ", "write ", "read ", "compare ", "detach "}) {
    at = ended.out.find(step, at);
    EXPECT_NE(at, std::string::npos) << step << " is missing in\n" << ended.out;
  }
}

TEST(Hello, does_not_touch_a_real_drive_without_being_told_so_and_which) {
  EXPECT_EQ(run({"hello", "--device", "ffff:ff:1f.7", "--destructive"}).code, 2);
  EXPECT_EQ(run({"hello", "--device", "ffff:ff:1f.7", "--destructive", "--serial", "X"}).code, 5) << "there is no such drive";
  EXPECT_EQ(run({"hello", "--device", "ffff:ff:1f.7"}).code, 5) << "it would only be read";
  EXPECT_EQ(run({"hello", "--destructive"}).code, 2);
}

TEST(Identify, prints_the_names_of_nvme_cli) {
  const Ended ended = run({"identify", "--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.out, "\"sn\": \"PHASEBIT0001\""));
  EXPECT_TRUE(contains(ended.out, "\"mdts\": 5"));
  EXPECT_TRUE(contains(run({"identify"}).out, "sn        : PHASEBIT0001\n"));
  EXPECT_EQ(run({"identify", "--device", "ffff:ff:1f.7"}).code, 5) << "there is no such drive";
}

TEST(Run, of_a_directory_ends_with_the_tally) {
  const Folder folder;
  folder.write("a.yaml", story("first"));
  folder.write("b.yml", story("second"));
  folder.write("notes.txt", "no scenario");
  const Ended ended = run({"run", folder.path()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(ended.out.ends_with("\n2 scenarios: 2 passed, 0 failed, 0 skipped\n")) << ended.out;
  EXPECT_LT(ended.out.find("first"), ended.out.find("second"));
}

TEST(Run, gives_the_same_trace_hash_in_two_processes_and_with_any_number_of_workers) {
  const Folder folder;
  for (const char* name : {"one", "two", "three"}) {
    folder.write(std::string(name) + ".yaml",
                 story(name, "faults: [{what: drop, when: {opcode: write, nth: 3}}]\ndriver: {command_timeout: 10ms}\n"));
  }
  const Ended first = run({"run", folder.path(), "--trace-hash", "--jobs", "1"});
  EXPECT_EQ(first.code, 0) << first.out << first.err;
  EXPECT_TRUE(contains(first.out, "one trace-hash 0x")) << first.out;
  EXPECT_EQ(run({"run", folder.path(), "--trace-hash", "--jobs", "1"}).out, first.out);
  EXPECT_EQ(run({"run", folder.path(), "--trace-hash", "--jobs", "3"}).out, first.out);
  EXPECT_NE(run({"run", folder.path(), "--trace-hash", "--seed", "2"}).out, first.out);
}

TEST(Run, takes_seeds_as_decimal_hexadecimal_or_commit) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  const auto hash = [&](const char* seed) { return run({"run", file, "--trace-hash", "--seed", seed}).out; };
  EXPECT_EQ(hash("255"), hash("0xff"));
  // 11... ^ 22... ^ deadbeef, folded by hand.
  EXPECT_EQ(hash("11111111111111112222222222222222deadbeef"), hash("0x33333333ed9e8ddc"));
  EXPECT_NE(hash("255"), hash("256"));
}

TEST(Run, reports_a_failure_with_seed_judge_and_the_line_that_repeats_it) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a", "seed: 77\nexpect: {counts: {retries: 3..4}}\n"));
  const Ended ended = run({"run", file});
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(contains(ended.out, "FAIL  a seed 0x000000000000004d\n")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "expect: retries is 0, expected 3..4\n")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "at cycle ")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "again: phasebit run " + file + " --seed 0x000000000000004d\n")) << ended.out;
}

TEST(Run, says_why_a_drive_was_refused) {
  const Folder folder;
  const Ended ended = run({"run", folder.write("a.yaml", story("a", "drive: {command_sets: 0x80}\n"))});
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(contains(ended.out, "attach_refused is 2, expected 0; drive 0: the controller offers no NVM command set")) << ended.out;
}

TEST(Run, fails_a_scenario_whose_fault_never_strikes) {
  const Folder folder;
  const Ended ended = run({"run", folder.write("a.yaml", story("a", "faults: [{what: drop, when: {nth: 100000}}]\n"))});
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(contains(ended.out, "faults[0] (drop) never struck")) << ended.out;
}

TEST(Run, writes_a_report_with_a_failure_file_that_replays_bit_for_bit) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a",
                                                        "seed: 5\nfaults: [{what: drop, when: {nth: 3}}]\n"
                                                        "driver: {command_timeout: 10ms}\nexpect: {counts: {retries: 99}}\n"));
  const std::string report = folder.path("report");
  const Ended ended = run({"run", file, "--report", report, "--trace-hash"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(contains(folder.read("report/index.html"), "<svg class=\"timeline\""));
  EXPECT_TRUE(contains(folder.read("report/junit.xml"), "failures=\"1\""));
  EXPECT_TRUE(contains(folder.read("report/summary.json"), "\"exit_code\": 1"));

  const std::string failure = report + "/failures/a-0x0000000000000005.yaml";
  EXPECT_TRUE(contains(ended.out, "      replay: phasebit replay " + failure + "\n")) << ended.out;
  EXPECT_TRUE(contains(folder.read("report/index.html"), "<a href=\"failures/a-0x0000000000000005.yaml\">"));
  EXPECT_TRUE(contains(folder.read("report/summary.json"), "\"replay\": \"phasebit replay " + failure + "\""));
  const Ended replayed = run({"replay", failure});
  EXPECT_EQ(replayed.code, 1) << replayed.err;
  const std::string hash = ended.out.substr(ended.out.find("trace-hash"), 29);
  EXPECT_TRUE(contains(replayed.out, hash)) << replayed.out << ended.out;
  EXPECT_FALSE(contains(replayed.out, "replay:")) << "it has no report, and so no file";
  EXPECT_TRUE(contains(folder.read("report/failures/a-0x0000000000000005.yaml"), "  hash: \"" + hash.substr(11) + "\"\n"));

  // Another hash is another world: 4.
  std::string text = folder.read("report/failures/a-0x0000000000000005.yaml");
  const std::size_t digits = text.find("  hash: ") + 8;
  text.replace(digits, text.find('\n', digits) - digits, "12345");
  const Ended differs = run({"replay", folder.write("other.yaml", text)});
  EXPECT_EQ(differs.code, 4);
  EXPECT_TRUE(contains(differs.out, "oracle determinism")) << differs.out;
  // And `run` ignores what is recorded: a fix is tried with it.
  EXPECT_EQ(run({"run", failure}).code, 1);
  EXPECT_EQ(run({"replay", file}).code, 2);
}

TEST(Run, records_the_stream_of_one_scenario) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  EXPECT_EQ(run({"run", file, "--trace", folder.path("t")}).code, 0);
  EXPECT_EQ(folder.read("t").substr(0, 8), "PBSTREAM");
  EXPECT_EQ(run({"run", file, file, "--trace", folder.path("t")}).code, 2);
  EXPECT_EQ(run({"run", file, "--trace", "/dev/null"}).code, 2);
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(List, prints_a_name_and_a_sentence_for_each_scenario) {
  const Folder folder;
  folder.write("a.yaml", story("first"));
  const Ended ended = run({"list", folder.path()});
  EXPECT_EQ(ended.code, 0);
  EXPECT_TRUE(contains(ended.out, "first ")) << ended.out;
  EXPECT_TRUE(contains(ended.out, " A story.\n")) << ended.out;
}

TEST(List, without_a_path_is_of_the_catalog_and_says_so_where_there_is_none) {
  const Folder folder;
  const Ended elsewhere = run({"list"}, [&] { (void)!::chdir(folder.path().c_str()); });
  EXPECT_EQ(elsewhere.code, 2);
  EXPECT_TRUE(contains(elsewhere.err, "there is no scenarios/catalog here, which is listed if no PATH is given")) << elsewhere.err;
  const Ended here = run({"list"}, [] { (void)!::chdir(PHASEBIT_SOURCES); });
  EXPECT_EQ(here.code, 0) << here.err;
  EXPECT_TRUE(contains(here.out, "quiet-drive ")) << here.out;
}

TEST(Rules, are_listed_with_class_section_and_sentence) {
  const Ended all = run({"rules"});
  EXPECT_EQ(all.code, 0);
  for (const char* id : {"REG-04", "INI-27", "QUE-18", "CMD-16", "DMA-13", "RST-11"}) {
    EXPECT_TRUE(contains(all.out, std::string(id) + " ")) << id;
  }
  EXPECT_TRUE(contains(all.out, "UB: left undefined")) << "what the classes mean stands above the list";
  EXPECT_TRUE(run({"rules", "QUE-18"}).out.starts_with("QUE-18 "));
  EXPECT_EQ(run({"rules", "que-18"}).out, run({"rules", "QUE-18"}).out);
  const Ended unknown = run({"rules", "QUE-1"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(contains(unknown.err, "did you mean")) << unknown.err;
}

TEST(Swarm, prints_failures_only_and_a_summary) {
  const Ended ended = run({"swarm", "--seeds", "1..3", "--jobs", "2"});
  EXPECT_TRUE(contains(ended.out, "3 worlds: ")) << ended.out;
  EXPECT_FALSE(contains(ended.out, "pass  "));
}

}  // namespace
}  // namespace phasebit::cli
