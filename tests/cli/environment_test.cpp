// DPDK's options on the command line: what is refused, and with which exit code.
#include "src/cli/environment_arguments.hpp"
#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

using Words = std::vector<std::string>;

const std::vector<Words> verbs = {
    {"hello"}, {"identify"}, {"perf"}, {"validate"}, {"run", PHASEBIT_SOURCES "/scenarios/catalog/quiet-drive.yaml"}};
/// The verbs by turns: each list of options below is longer than that of the verbs, so that each verb is tried.
const Words& verb_for(std::size_t turn) {
  return verbs[turn % verbs.size()];
}
const Words no_such_drive = {"--device", "ffff:ff:1f.7"};

Ended run_with(const Words& verb, const Words& first, const Words& then = {}) {
  Words words = verb;
  words.insert(words.end(), first.begin(), first.end());
  words.insert(words.end(), then.begin(), then.end());
  return run(words);
}

void expect_answer(const Ended& ended, int code, const std::string& part) {
  EXPECT_EQ(ended.code, code) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.err, part)) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST(DpdkOption, without_a_real_drive_is_a_mistake_of_the_caller) {
  std::size_t turn = 0;
  for (const Words& option : std::vector<Words>{{"--lcores", "0"},
                                                {"--core-mask", "1"},
                                                {"--iova-mode", "va"},
                                                {"--base-virtaddr", "0x200000000000"},
                                                {"--match-allocations"},
                                                {"--file-prefix", "x"},
                                                {"--proc-type", "auto"},
                                                {"--mem-size", "64"},
                                                {"--no-huge"},
                                                {"--log-level", "debug"}}) {
    expect_answer(run_with(verb_for(turn++), option), 2, "phasebit: " + option[0] + " is for a real drive; name it with --device");
  }
}

TEST(DpdkOption, that_says_nothing_that_it_can_mean_is_refused_by_the_parser) {
  std::size_t turn = 0;
  for (const Words& option : std::vector<Words>{{"--mem-size", "0"},
                                                {"--mem-size", "-1"},
                                                {"--mem-size", "much"},
                                                {"--mem-size", "99999999999999999999"},
                                                {"-s", "0"},
                                                {"--lcores", ""},
                                                {"--file-prefix", ""},
                                                {"--log-level"}}) {
    const Ended ended = run_with(verb_for(turn++), no_such_drive, option);
    EXPECT_EQ(ended.code, 2) << option[0] << ended.err;
    EXPECT_TRUE(contains(ended.err, option[0] == "-s" ? "--mem-size" : option[0])) << ended.err;
  }
}

TEST(DpdkOptions, are_repeated_as_a_shell_reads_them) {
  hw::EnvironmentOptions options;
  EXPECT_EQ("", environment_arguments(options));
  options.lcores = "0,2-3";
  options.match_allocations = true;
  options.file_prefix = "-x";
  options.mem_size = 64;
  options.log_level = "lib.*:8";
  EXPECT_EQ(" --lcores=0,2-3 --match-allocations --file-prefix=-x --mem-size=64 --log-level='lib.*:8'", environment_arguments(options));
}

#ifdef PHASEBIT_HW

TEST(DpdkOptions, that_are_legal_nowhere_are_refused_before_the_drive_is_looked_for) {
  const std::vector<std::pair<Words, std::string>> refused = {
      {{"--lcores", "0", "--core-mask", "1"}, "--core-mask '1' names the processors a second time: give this option or --lcores"},
      {{"--lcores", "1-0"}, "--lcores '1-0' is no list of processors: "},
      {{"--core-mask", "0xg"}, "--core-mask '0xg' is no mask of processors: "},
      {{"--iova-mode", "xa"}, "--iova-mode 'xa' is no IOVA mode: va (virtual addresses) or pa (physical ones)"},
      {{"--base-virtaddr", "0x1000"}, "--base-virtaddr '0x1000' is no address for EAL's memory: "},
      {{"--file-prefix", "../x"}, "--file-prefix '../x' is no file prefix: "},
      {{"--file-prefix=-x/"}, "--file-prefix '-x/' is no file prefix: "},
      {{"--proc-type", "main"}, "--proc-type 'main' is no type of process: primary, secondary or auto"},
      {{"--log-level", "lib.eal:loud"}, "--log-level 'lib.eal:loud' is no log level: "},
      {{"--no-huge", "--iova-mode", "pa"}, "--iova-mode 'pa' needs hugepages, "},
      {{"--no-huge", "--match-allocations"}, "--match-allocations is about hugepages: leave out --no-huge, or this option"},
      {{"--no-huge", "--file-prefix", "x"}, "--file-prefix 'x' names memory that processes share, "},
      {{"--proc-type", "secondary", "-s", "64"}, "--proc-type 'secondary' finds its memory as the primary process has set it up: "},
  };
  std::size_t turn = 0;
  for (const auto& [options, complaint] : refused) {
    expect_answer(run_with(verb_for(turn++), no_such_drive, options), 2, "phasebit: " + complaint);
  }
}

TEST(DpdkOptions, that_are_legal_come_after_the_question_whether_there_is_such_a_drive) {
  const Words all = {"--lcores=0",       "--iova-mode=va", "--base-virtaddr=0x200000000000", "--match-allocations", "--file-prefix=x",
                     "--proc-type=auto", "--mem-size=64",  "--log-level=lib.eal:debug"};
  for (const Words& verb : verbs) {
    expect_answer(run_with(verb, no_such_drive, all), 5, "ffff:ff:1f.7: there is no such PCI function");
    expect_answer(run_with(verb, no_such_drive, {"--no-huge", "-s", "64", "--core-mask", "0x1"}), 5, "there is no such PCI function");
  }
}

#endif

}  // namespace
}  // namespace phasebit::cli
