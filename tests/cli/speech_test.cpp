// What the program says on stdout and stderr, and that neither can end it.
#include <thread>

#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

void put(const char* path, int descriptor) {
  ::dup2(::open(path, O_WRONLY), descriptor);
}

/// A pipe whose reader has gone.
void put_broken_pipe(int descriptor) {
  int ends[2];
  (void)!::pipe(ends);
  ::close(ends[0]);
  ::dup2(ends[1], descriptor);
  ::close(ends[1]);
}

using Prepare = std::function<void()>;
const std::vector<Prepare> unusable_stderr = {[] { put("/dev/full", STDERR_FILENO); }, [] { ::close(STDERR_FILENO); },
                                              [] { put_broken_pipe(STDERR_FILENO); }};

TEST(Stderr, that_cannot_be_written_changes_no_exit_code) {
  const Folder folder;
  const std::string good = folder.write("a.yaml", story("a"));
  const std::string bad = folder.write("b.yaml", story("b", "expect: {counts: {retries: 3..4}}\n"));
  for (const Prepare& prepare : unusable_stderr) {
    EXPECT_EQ(run({"run", good}, prepare).code, 0);
    EXPECT_EQ(run({"run", bad}, prepare).code, 1);
    EXPECT_EQ(run({"run", folder.path("none")}, prepare).code, 2);
    EXPECT_EQ(run({"run", good, "--junit", folder.path("none/x")}, prepare).code, 5);
    EXPECT_EQ(run({"list", bad + "none"}, prepare).code, 2);
    EXPECT_EQ(run({"rules", "ZZZ-99"}, prepare).code, 2);
    EXPECT_EQ(run({"swarm", "--seeds", "0..200000000"}, prepare).code, 2);
    EXPECT_EQ(run({"dance"}, prepare).code, 2);
    EXPECT_EQ(run({"hello", "--destructive"}, prepare).code, 2);
  }
}

TEST(Stderr, that_is_closed_is_never_a_file_that_was_opened_later) {
  const Folder folder;
  const std::string bad = folder.write("b.yaml", "name: [\n");
  const Ended ended = run({"list", bad, "--help"}, [] { ::close(STDERR_FILENO); });
  EXPECT_EQ(ended.code, 0);
  const auto close_all = [] {
    ::close(STDIN_FILENO);
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
  };
  EXPECT_EQ(run({"list", bad}, close_all).code, 2);
  EXPECT_EQ(folder.read("b.yaml"), "name: [\n");
}

TEST(Stdout, and_stderr_that_are_both_closed_leave_the_code_of_a_failure_and_the_report_whole) {
  const Folder folder;
  const std::string bad = folder.write("b.yaml", story("b", "expect: {counts: {retries: 3..4}}\n"));
  const auto close_both = [] {
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
  };
  EXPECT_EQ(run({"run", bad, "--report", folder.path("report")}, close_both).code, 1);
  EXPECT_TRUE(folder.read("report/index.html").starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(folder.read("report/summary.json").starts_with("{"));
  EXPECT_EQ(run({"rules"}, close_both).code, 5) << "what it had to say arrived nowhere";
}

TEST(Stdout, and_complaints_keep_their_order_in_one_file) {
  const Folder folder;
  folder.write("a.yaml", "name: [\n");
  folder.write("b.yaml", story("good"));
  folder.write("c.yaml", "name: [\n");
  const Ended ended = run({"list", folder.path()}, [] { ::dup2(STDOUT_FILENO, STDERR_FILENO); });
  const std::size_t good = ended.out.find("good ");
  EXPECT_LT(ended.out.find("a.yaml:"), good) << ended.out;
  EXPECT_GT(ended.out.find("c.yaml:"), good) << ended.out;
}

TEST(Help, says_how_many_jobs_there_are_by_default) {
  const std::string cores = std::to_string(std::max(1u, std::thread::hardware_concurrency()));
  for (const char* verb : {"run", "swarm"}) {
    const std::string help = run({verb, "--help"}).out;
    const std::string line = help.substr(help.find("--jobs"), 200);
    EXPECT_TRUE(contains(line.substr(0, line.find('\n')), "=" + cores)) << help;
  }
}

TEST(Failure, of_a_file_with_an_odd_name_is_repeated_by_a_line_that_a_shell_reads) {
  const Folder folder;
  for (const char* name : {"it's a $story; `x`.yaml", "tab\tand\nline.yaml"}) {
    const std::string file = folder.write(name, story("a", "expect: {counts: {retries: 3..4}}\n"));
    const Ended first = run({"run", file});
    EXPECT_EQ(first.code, 1);
    const std::size_t at = first.out.find("again: phasebit ");
    ASSERT_NE(at, std::string::npos);
    const std::string line = first.out.substr(at + 16, first.out.find('\n', at) - at - 16);
    const std::string program = PHASEBIT_PROGRAM;
    const std::string command = program + " " + line + " > " + folder.path("again");
    ASSERT_EQ(::setenv("COMMAND", command.c_str(), 1), 0);
    EXPECT_EQ(WEXITSTATUS(::system("exec bash -c \"$COMMAND\"")), 1) << command;  // NOLINT(concurrency-mt-unsafe,cert-env33-c)
    EXPECT_EQ(folder.read("again"), first.out);
  }
}

TEST(Failure, of_a_file_that_cannot_be_read_has_no_seed) {
  const Folder folder;
  const Ended ended = run({"run", folder.write("a.yaml", "name: [\n"), "--report", folder.path("report")});
  EXPECT_EQ(ended.code, 2);
  EXPECT_FALSE(contains(ended.out, "seed")) << ended.out;
  EXPECT_TRUE(contains(folder.read("report/summary.json"), "\"seed\": \"\""));
  EXPECT_TRUE(contains(folder.read("report/index.html"), "<p>seed none</p>"));
}

}  // namespace
}  // namespace phasebit::cli
