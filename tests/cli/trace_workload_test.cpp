// Recorded traces as workloads, each format through the program.
#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

std::string traced(const std::string& trace, const std::string& rest = "") {
  return "name: traced\nabout: A.\nworkload:\n  trace: " + trace + "\n  number_ios: 0\n  size: 1m\n" + rest;
}

constexpr char iolog_2[] =
    "fio version 2 iolog\n/dev/x add\n/dev/x open\n/dev/x write 0 8192\n/dev/x read 0 8192\n/dev/x wait 250 0\n/dev/x sync 0 0\n"
    "/dev/x trim 0 4096\n/dev/x close\n";
constexpr char iolog_3[] =
    "fio version 3 iolog\n1 /dev/x add\n2 /dev/x open\n5 /dev/x write 0 8192\n700 /dev/x read 0 8192\n900 /dev/x sync 0 0\n"
    "1000 /dev/x trim 0 4096\n1100 /dev/x close\n";
constexpr char blkparse[] =
    "  8,0    3        1     0.000000000   697  Q   W 16 + 16 [x]\n"
    "  8,0    3        2     0.000001829   697  D   W 16 + 16 [x]\n"
    "  8,0    3        3     0.000900000     0  D   R 16 + 16 [x]\n"
    "  8,0    3        4     0.001000000     0  D  FN [x]\n"
    "  8,0    3        5     0.001100000     0  D  DS 16 + 8 [x]\n"
    "  8,0    3        6     0.001200000     0  C   W 16 + 16 [0]\n";

TEST(TraceWorkload, of_each_format_is_done_on_the_drive_request_by_request) {
  const Folder folder;
  for (const char* trace : {iolog_2, iolog_3, blkparse}) {
    folder.write("app.trace", trace);
    // Write, read, flush, deallocate; then what was written is read back, 8 KiB in pieces of 4 KiB.
    const std::string file =
        folder.write("a.yaml", traced("app.trace", "expect: {counts: {ok: 6, failed: 0, rejected: 0, operations_accepted: 6}}\n"));
    const Ended ended = run({"run", file});
    EXPECT_EQ(ended.code, 0) << trace << ended.out;
    EXPECT_TRUE(contains(ended.out, "pass  traced")) << ended.out;
  }
}

TEST(TraceWorkload, finds_its_trace_beside_the_file_and_from_a_failure_file_that_lies_elsewhere) {
  const Folder folder;
  std::filesystem::create_directory(folder.path("stories"));
  folder.write("stories/app.trace", iolog_3);
  const std::string file = folder.write("stories/a.yaml", traced("app.trace", "expect: {counts: {retries: 3..4}}\n"));
  EXPECT_EQ(run({"run", file, "--report", folder.path("report")}).code, 1);
  const Ended replayed = run({"replay", folder.path("report/failures/traced-0x0000000000000001.yaml")});
  EXPECT_EQ(replayed.code, 1) << replayed.out << replayed.err;
  EXPECT_FALSE(contains(replayed.out, "determinism")) << replayed.out;
  // A relative path of the scenario is no other than a whole one.
  const Ended relative = run({"run", "stories/a.yaml"}, [&] { (void)!::chdir(folder.path().c_str()); });
  EXPECT_EQ(relative.code, 1) << relative.out;
}

TEST(BadTrace, that_is_missing_is_found_where_the_scenario_names_it) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", traced("/no/such"));
  for (const char* verb : {"run", "list", "replay"}) {
    const Ended ended = run({verb, file});
    EXPECT_EQ(ended.code, 2) << ended.out << ended.err;
    EXPECT_TRUE(contains(ended.out + ended.err, file + ":4:10: the trace /no/such: cannot be read: No such file or directory"))
        << ended.out << ended.err;
  }
}

TEST(BadTrace, that_is_malformed_is_told_with_its_own_line) {
  const Folder folder;
  folder.write("app.trace", "fio version 2 iolog\n/x add\n/x jump 0 512\n");
  const std::string file =
      folder.write("a.yaml", "name: a\nabout: A.\nworkloads:\n  - {number_ios: 1, size: 64k}\n  - {size: 64k, trace: app.trace}\n");
  const Ended ended = run({"run", file});
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(contains(ended.out, file + ":5:24: the trace " + folder.path("app.trace") + ":3:1: ")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "unknown action")) << ended.out;
}

TEST(BadTrace, that_is_empty_or_a_directory_or_binary_is_refused) {
  const Folder folder;
  folder.write("empty", "");
  folder.write("binary", std::string("\x7f\0ELF", 5));
  for (const std::string trace : {"empty", "binary", "/"}) {
    const Ended ended = run({"run", folder.write("a.yaml", traced(trace))});
    EXPECT_EQ(ended.code, 2) << trace << ended.out;
    EXPECT_TRUE(contains(ended.out, "a.yaml:4:10: the trace ")) << ended.out;
  }
}

}  // namespace
}  // namespace phasebit::cli
