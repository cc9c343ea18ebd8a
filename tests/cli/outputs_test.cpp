// Reports, JUnit files and traces: written whole or not at all, whatever stands in their way.
#include <sys/prctl.h>
#include <sys/stat.h>

#include "sim/stream/stream_file.hpp"
#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

constexpr unsigned long override_permissions = 1;       // CAP_DAC_OVERRIDE
constexpr unsigned long override_read_permissions = 2;  // CAP_DAC_READ_SEARCH

/// Directories without permissions stop root like anybody else.
void obey_permissions() {
  if (::geteuid() == 0) {
    ::prctl(PR_CAPBSET_DROP, override_permissions);
    ::prctl(PR_CAPBSET_DROP, override_read_permissions);
  }
}

std::string failing_story(const std::string& name, const std::string& rest = "") {
  return story(name, "expect: {counts: {retries: 3..4}}\n" + rest);
}

/// The names below a directory, sorted.
std::vector<std::string> names_below(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    names.push_back(entry.path().lexically_relative(path).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Outputs, that_cannot_be_written_are_an_error_of_the_environment_with_a_reason) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  const std::string locked = folder.path("locked");
  const std::string loop = folder.path("loop");
  ASSERT_EQ(::mkdir(locked.c_str(), 0), 0);
  std::filesystem::create_symlink("loop", loop);
  for (const char* option : {"--report", "--junit", "--trace"}) {
    for (const std::string& path : {locked + "/x", locked + "/below/x", folder.path(std::string(300, 'n')), loop, loop + "/x"}) {
      const Ended ended = run({"run", file, option, path}, obey_permissions);
      EXPECT_EQ(ended.code, 5) << option << " " << path << ": " << ended.err;
      EXPECT_TRUE(ended.err.starts_with(path + ": cannot be ")) << ended.err;
      EXPECT_EQ(ended.out, "") << "it is found before anything is run";
    }
  }
  ::chmod(locked.c_str(), 0700);
  EXPECT_EQ(names_below(folder.path()), (std::vector<std::string>{"a.yaml", "locked", "loop"}));
}

TEST(Outputs, may_have_names_as_long_as_names_can_be) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  for (const char* option : {"--junit", "--trace"}) {
    EXPECT_EQ(run({"run", file, option, folder.path(option[2] + std::string(254, 'n'))}).code, 0) << option;
  }
  EXPECT_EQ(folder.entries(), 3u);
}

TEST(Outputs, of_which_one_cannot_be_written_leave_no_directory_behind) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  EXPECT_EQ(run({"run", file, "--report", folder.path("new/report"), "--junit", folder.path("none/junit.xml")}).code, 5);
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Outputs, may_lie_in_a_report_directory_that_is_made_for_them) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  const std::string report = folder.path("deep/report");
  const Ended ended = run({"run", file, "--report", report, "--junit", report + "/junit.xml", "--trace", report + "/trace"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(names_below(report), (std::vector<std::string>{"index.html", "junit.xml", "summary.json", "trace"}));
}

TEST(Outputs, of_two_runs_with_one_trace_file_are_whole) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "name: a\nabout: A.\nworkload: {number_ios: 1000, bs: 4k, size: 64k}\n");
  const std::string trace = folder.path("trace");
  for (int round = 0; round < 3; ++round) {
    Program one({"run", file, "--trace", trace, "--seed", "1"});
    Program two({"run", file, "--trace", trace, "--seed", "2"});
    EXPECT_EQ(one.wait().code, 0);
    EXPECT_EQ(two.wait().code, 0);
    const auto stream = sim::read_stream_file(trace);
    ASSERT_TRUE(stream.has_value()) << stream.error();
  }
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(Outputs, name_the_trace_that_the_disk_had_no_room_for) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  const Ended ended = run({"run", file, "--trace", folder.path("trace")}, [] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{2000, 2000};
    ::setrlimit(RLIMIT_FSIZE, &small);
  });
  EXPECT_EQ(ended.code, 5);
  EXPECT_TRUE(contains(ended.out, "environment: " + folder.path("trace") + ": File too large")) << ended.out;
}

TEST(Report, of_a_clean_run_keeps_no_failure_file_of_an_earlier_one) {
  const Folder folder;
  const std::string report = folder.path("report");
  const std::string file = folder.write("a.yaml", failing_story("a"));
  EXPECT_EQ(run({"run", file, "--report", report}).code, 1);
  ASSERT_TRUE(std::filesystem::exists(report + "/failures/a-0x0000000000000001.yaml"));
  folder.write("report/failures/mine.yaml", "somebody's own");
  folder.write("a.yaml", story("a"));
  EXPECT_EQ(run({"run", file, "--report", report}).code, 0);
  EXPECT_EQ(names_below(report + "/failures"), std::vector<std::string>{"mine.yaml"});
  std::filesystem::remove(report + "/failures/mine.yaml");
  EXPECT_EQ(run({"run", file, "--report", report}).code, 0);
  EXPECT_EQ(names_below(report), (std::vector<std::string>{"index.html", "junit.xml", "summary.json"}));
}

TEST(Report, stays_as_it_was_if_a_new_one_cannot_be_written_whole) {
  const Folder folder;
  const std::string report = folder.path("report");
  const std::string file = folder.write("a.yaml", failing_story("a"));
  EXPECT_EQ(run({"run", file, "--report", report}).code, 1);
  const std::vector<std::string> names = names_below(folder.path());
  const std::string page = folder.read("report/index.html");
  const std::string summary = folder.read("report/summary.json");
  folder.write("a.yaml", story("a"));
  const Ended full = run({"run", file, "--report", report}, [] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{2000, 2000};
    ::setrlimit(RLIMIT_FSIZE, &small);
  });
  EXPECT_EQ(full.code, 5) << full.err;
  EXPECT_EQ(run({"run", file, "--report", report, "--junit", "/dev/full"}).code, 5);
  EXPECT_EQ(names_below(folder.path()), names);
  EXPECT_EQ(folder.read("report/index.html"), page);
  EXPECT_EQ(folder.read("report/summary.json"), summary);
}

TEST(Report, has_a_failure_file_for_each_of_two_scenarios_with_one_name_and_seed) {
  const Folder folder;
  const std::string first = folder.write("a.yaml", failing_story("same"));
  const std::string second = folder.write("b.yaml", failing_story("same", "driver: {io_queues_max: 2}\n"));
  const Ended ended = run({"run", first, second, "--report", folder.path("report")});
  EXPECT_EQ(ended.code, 1);
  EXPECT_LT(ended.out.find("same-0x0000000000000001.yaml\n"), ended.out.find("same-0x0000000000000001-2.yaml\n")) << ended.out;
  EXPECT_TRUE(contains(folder.read("report/failures/same-0x0000000000000001.yaml"), "io_queues_max: 4"));
  EXPECT_TRUE(contains(folder.read("report/failures/same-0x0000000000000001-2.yaml"), "io_queues_max: 2"));
}

TEST(Outputs, replace_neither_what_was_read_nor_each_other) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", story("a"));
  std::filesystem::create_symlink(file, folder.path("link.yaml"));
  const std::string link = folder.path("link.yaml");
  const std::string report = folder.path("report");
  const std::string other = folder.path("other");
  for (const std::vector<std::string>& outputs :
       std::vector<std::vector<std::string>>{{"--junit", file},
                                             {"--trace", file},
                                             {"--trace", folder.path("./a.yaml")},
                                             {"--junit", link},
                                             {"--junit", other, "--trace", other},
                                             {"--report", report, "--junit", report + "/index.html"},
                                             {"--report", report, "--trace", report + "/junit.xml"},
                                             {"--report", report, "--trace", report + "/summary.json"}}) {
    std::vector<std::string> arguments{"run", file};
    arguments.insert(arguments.end(), outputs.begin(), outputs.end());
    const Ended ended = run(arguments);
    EXPECT_EQ(ended.code, 2) << ended.out;
    EXPECT_TRUE(contains(ended.err, " too; name another file")) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
  EXPECT_EQ(folder.entries(), 2u) << "nothing was made";
  EXPECT_EQ(folder.read("a.yaml"), story("a"));
  EXPECT_EQ(run({"run", file, file, "--report", report, "--junit", report + "/junit.xml"}).code, 0) << "the same text in the same place";
}

}  // namespace
}  // namespace phasebit::cli
