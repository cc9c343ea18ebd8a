// EAL for real: each in a process of its own, which is forked before any runs.
#include "hw/environment.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "hw/clock.hpp"
#include "hw/machine_limits.hpp"
#include "tests/hw/eal/hugepages.hpp"
#include "tests/hw/eal/real_eal.hpp"

namespace phasebit::hw {
namespace {

using Options = EnvironmentOptions;
using testing::ExitedWithCode;

constexpr std::uint64_t base = 0x200000000000;
const std::string base_text = "0x200000000000";

/// On stderr, what can be seen of the EAL that runs.
void tell_of_eal() {
  const SeenEal seen = see_eal();
  const char* const place = seen.address >= base && seen.address < base + (1ull << 40) ? "at-base" : "elsewhere";
  std::fprintf(stderr, "eal: lcores %s, iova %s, %s, %s, memory %s %s, %lu MiB\n", processor_list(seen.running.lcores).c_str(),
               seen.running.iova_mode.c_str(), seen.running.has_hugepages ? "hugepages" : "ordinary", seen.running.proc_type.c_str(),
               seen.gives_memory ? "given" : "refused", place, static_cast<unsigned long>(seen.heap_mib));
}

/// Starts EAL, tells of it and exits with 0; or tells why not and exits with 1.
[[noreturn]] void start_and_exit(const Options& options) {
  {
    const auto environment = Environment::start(options);
    if (!environment) {
      std::fprintf(stderr, "refused: %s\n", environment.error().why.c_str());
      std::exit(1);
    }
    tell_of_eal();
  }
  std::exit(0);
}

/// A directory for EAL's own files, so that none is left in the machine's.
class OwnRuntimeDirectory {
 public:
  OwnRuntimeDirectory() {
    path_ = ::mkdtemp(pattern_.data());
    ::setenv("RUNTIME_DIRECTORY", path_.c_str(), 1);
  }
  OwnRuntimeDirectory(const OwnRuntimeDirectory&) = delete;
  OwnRuntimeDirectory& operator=(const OwnRuntimeDirectory&) = delete;
  ~OwnRuntimeDirectory() {
    ::unsetenv("RUNTIME_DIRECTORY");
    std::filesystem::remove_all(path_);
  }
  const std::string& path() const { return path_; }

 private:
  std::string pattern_ = testing::TempDir() + "phasebit.XXXXXX";
  std::string path_;
};

class EalTest : public ::testing::Test {
 protected:
  /// The first processor that this process may run on, which need not be 0.
  static std::string first_processor() { return std::to_string(*read_machine_limits({}).processors.begin()); }
  static std::string mask_of_first_processor() {
    const unsigned first = *read_machine_limits({}).processors.begin();
    return "0x" + std::string(1, "1248"[first % 4]) + std::string(first / 4, '0');
  }
  OwnRuntimeDirectory directory_;
};

struct LegalSet {
  std::string name;
  Options options;
  std::string seen;  ///< as a regular expression, of what tell_of_eal says
};
void PrintTo(const LegalSet& set, std::ostream* out) {
  *out << set.name;
}
std::string set_name(const testing::TestParamInfo<LegalSet>& info) {
  return info.param.name;
}

class OrdinaryMemory : public EalTest, public testing::WithParamInterface<LegalSet> {};

TEST_P(OrdinaryMemory, is_given_by_an_eal_that_starts_as_it_was_told) {
  EXPECT_EXIT(start_and_exit(GetParam().options), ExitedWithCode(0), GetParam().seen);
}
INSTANTIATE_TEST_SUITE_P(Legal, OrdinaryMemory,
                         testing::Values(LegalSet{"alone", {.no_huge = true}, "iova va, ordinary, primary, memory given [a-z-]*, 64 MiB"},
                                         LegalSet{"of_a_size", {.mem_size = 20, .no_huge = true}, "memory given [a-z-]*, 20 MiB"},
                                         LegalSet{"at_an_address",
                                                  {.iova_mode = "va", .base_virtaddr = base_text, .no_huge = true},
                                                  "iova va, ordinary, primary, memory given at-base"},
                                         LegalSet{"with_a_log", {.no_huge = true, .log_level = "info"}, "EAL: Detected .*memory given"},
                                         LegalSet{"with_a_log_of_one_component",
                                                  {.no_huge = true, .log_level = "lib.eal:8"},
                                                  "EAL: lib.eal log level changed.*memory given"}),
                         set_name);

TEST_F(EalTest, runs_on_the_processors_that_it_was_told) {
  const std::string first = first_processor();
  const std::string seen = "lcores " + first + ", ";
  EXPECT_EXIT(start_and_exit({.no_huge = true}), ExitedWithCode(0), seen);
  EXPECT_EXIT(start_and_exit({.lcores = first, .no_huge = true}), ExitedWithCode(0), seen);
  EXPECT_EXIT(start_and_exit({.core_mask = mask_of_first_processor(), .no_huge = true}), ExitedWithCode(0), seen);
  const ProcessorSet all = read_machine_limits({}).processors;
  EXPECT_EXIT(start_and_exit({.lcores = processor_list(all), .no_huge = true}), ExitedWithCode(0), "lcores " + processor_list(all) + ", ");
}

class OwnHugepages : public EalTest, public testing::WithParamInterface<LegalSet> {};

TEST_P(OwnHugepages, are_given_by_an_eal_that_starts_as_it_was_told) {
  const Hugepages hugepages(32);
  if (!hugepages.why_not().empty()) {
    GTEST_SKIP() << hugepages.why_not();  // skipped: without hugepages, and the rights to set them aside, there is nothing to start with
  }
  if (GetParam().options.iova_mode == "pa" && !read_machine_limits({}).knows_physical_addresses) {
    GTEST_SKIP() << "the kernel does not tell physical addresses";  // skipped: a set that is legal for the privileged only
  }
  EXPECT_EXIT(start_and_exit(GetParam().options), ExitedWithCode(0), GetParam().seen);
}
INSTANTIATE_TEST_SUITE_P(
    Legal, OwnHugepages,
    testing::Values(LegalSet{"alone", {}, "iova va, hugepages, primary, memory given [a-z-]*, 2 MiB"},
                    LegalSet{"by_physical_address", {.iova_mode = "pa"}, "iova pa, hugepages, primary, memory given"},
                    LegalSet{"at_an_address", {.base_virtaddr = base_text}, "hugepages, primary, memory given at-base"},
                    LegalSet{"of_a_size", {.mem_size = 20}, "memory given [a-z-]*, 20 MiB"},
                    LegalSet{"matching_allocations", {.match_allocations = true}, "hugepages, primary, memory given"},
                    LegalSet{
                        "with_all",
                        {.iova_mode = "va", .base_virtaddr = base_text, .match_allocations = true, .mem_size = 4, .log_level = "error"},
                        "iova va, hugepages, primary, memory given at-base, 4 MiB"}),
    set_name);

/// In the calling process, which gets a view of file systems of its own.
bool mount_hugetlbfs(const std::string& directory) {
  return std::filesystem::create_directory(directory) && ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", directory.c_str(), "hugetlbfs", 0, "pagesize=2M") == 0;
}

/// Two processes with the same options, the second of which starts when the first has. Exits with 0 if both have started.
[[noreturn]] void start_two_and_exit(const Options& options, const std::string& directory) {
  int begin[2];
  if (!mount_hugetlbfs(directory) || ::pipe(begin) != 0) {
    std::exit(2);
  }
  const pid_t second = ::fork();
  if (second == 0) {
    char signal = 0;
    ::close(begin[1]);
    if (::read(begin[0], &signal, 1) != 1) {
      std::exit(3);
    }
    Options alone = options;
    alone.proc_type = "";
    std::fprintf(stderr, "alone: %s\n", Environment::start(alone).error().why.c_str());
    start_and_exit(options);
  }
  int status = 1;
  {
    const auto environment = Environment::start(options);
    if (environment) {
      tell_of_eal();
      status = ::write(begin[1], "b", 1) == 1 ? 0 : 1;
    }
    ::close(begin[1]);
    int status_of_second = 0;
    ::waitpid(second, &status_of_second, 0);
    status = status == 0 && WIFEXITED(status_of_second) ? WEXITSTATUS(status_of_second) : 4;
  }
  std::exit(status);
}

TEST_F(EalTest, shares_hugepages_between_two_processes_that_find_out_which_is_first) {
  const Hugepages hugepages(32);
  if (!hugepages.why_not().empty() || ::geteuid() != 0) {
    GTEST_SKIP() << hugepages.why_not();  // skipped: needs hugepages, and the rights to mount a hugetlbfs
  }
  const Options options{.base_virtaddr = base_text, .file_prefix = "shared", .proc_type = "auto", .mem_size = 8};
  EXPECT_EXIT(start_two_and_exit(options, directory_.path() + "/huge"), ExitedWithCode(0),
              "hugepages, primary, memory given at-base, 8 MiB\n"
              "alone: --file-prefix 'shared' has a primary process already[^\n]*\n"
              ".*hugepages, secondary, memory given at-base, 8 MiB");
}

TEST_F(EalTest, that_would_wait_for_a_primary_process_is_not_started) {
  EXPECT_EXIT(start_and_exit({.file_prefix = "nobody", .proc_type = "secondary"}), ExitedWithCode(1),
              "refused: --proc-type 'secondary' finds no primary process");
}

TEST_F(EalTest, is_not_started_on_processors_that_the_machine_has_not) {
  EXPECT_EXIT(start_and_exit({.lcores = "0-1023", .no_huge = true}), ExitedWithCode(1), "refused: --lcores '0-1023' names processors");
}

TEST_F(EalTest, is_not_started_with_more_memory_than_there_is) {
  EXPECT_EXIT(start_and_exit({.mem_size = 1u << 30, .no_huge = true}), ExitedWithCode(1), "refused: --mem-size '1073741824' is more MiB");
}

[[noreturn]] void start_with_few_files_and_exit(rlim_t files) {
  const rlimit limit{files, files};
  ::setrlimit(RLIMIT_NOFILE, &limit);
  start_and_exit({.lcores = processor_list(read_machine_limits({}).processors), .no_huge = true});
}
TEST_F(EalTest, is_not_started_where_it_would_end_the_process_for_want_of_files) {
  EXPECT_EXIT(start_with_few_files_and_exit(16), ExitedWithCode(1), "refused: too few files may be open");
}

[[noreturn]] void start_with_few_threads_and_exit() {
  const rlimit limit{1, 1};
  ::setrlimit(RLIMIT_NPROC, &limit);
  if (::geteuid() == 0 && ::setuid(65534) != 0) {  // the limit does not bind the privileged
    std::exit(2);
  }
  start_and_exit({.no_huge = true});
}
TEST_F(EalTest, is_not_started_where_it_would_end_the_process_for_want_of_threads) {
  EXPECT_EXIT(start_with_few_threads_and_exit(), ExitedWithCode(1), "refused: the process may start too few threads for EAL");
}

[[noreturn]] void start_twice_and_exit() {
  {
    const auto environment = Environment::start({.no_huge = true});
    const bool is_right = environment && Environment::start({.no_huge = true}).error().error == Errc::busy &&
                          Environment::adopt().error().error == Errc::busy;
    if (!is_right) {
      std::exit(1);
    }
  }
  std::exit(Environment::start({.no_huge = true}).error().error == Errc::busy ? 0 : 2);
}
TEST_F(EalTest, starts_only_once_in_a_process) {
  EXPECT_EXIT(start_twice_and_exit(), ExitedWithCode(0), "");
}

[[noreturn]] void start_after_a_refusal_and_exit() {
  if (Environment::start({.iova_mode = "pa", .no_huge = true}).error().error != Errc::invalid_argument) {
    std::exit(3);
  }
  start_and_exit({.no_huge = true});
}
TEST_F(EalTest, can_still_be_started_after_options_were_refused) {
  EXPECT_EXIT(start_after_a_refusal_and_exit(), ExitedWithCode(0), "memory given");
}

[[noreturn]] void adopt_and_exit() {
  const auto fail_if = [](bool is_wrong, int code) {
    if (is_wrong) {
      std::exit(code);
    }
  };
  fail_if(Environment::adopt().error().error != Errc::not_ready, 1);
  fail_if(!initialise_eal({"--no-huge", "--no-shconf", "-m", "64", "-l", processor_list({*read_machine_limits({}).processors.begin()}),
                           "--no-pci", "--no-telemetry", "--log-level=error", "--file-prefix=mine"}),
          2);
  {
    const auto started = Environment::start({.no_huge = true});
    fail_if(started || started.error().error != Errc::busy || started.error().why.find("adopt it") == std::string::npos, 3);
    const auto adopted = Environment::adopt({.iova_mode = "va", .file_prefix = "mine", .proc_type = "auto"});
    fail_if(!adopted, 4);
    fail_if(Environment::adopt({.iova_mode = "pa"}).error().error != Errc::invalid_argument, 5);
    fail_if(Environment::adopt({.lcores = "1023"}).error().error != Errc::invalid_argument, 6);
    fail_if(Environment::adopt({.lcores = "0-"}).error().error != Errc::invalid_argument, 7);
    Errc of_stranger{};
    std::thread([&] { of_stranger = Environment::adopt().error().error; }).join();
    fail_if(of_stranger != Errc::not_ready, 8);
  }
  fail_if(!see_eal().gives_memory, 9);
  fail_if(!end_eal(), 10);
  std::exit(0);
}
TEST_F(EalTest, of_the_process_itself_is_adopted_and_left_running) {
  EXPECT_EXIT(adopt_and_exit(), ExitedWithCode(0), "");
}

/// What the table of docs/environment.md says of EAL's own behaviour, and why ours refuses first.
TEST_F(EalTest, does_by_itself_with_what_is_refused_here_what_the_page_says) {
  const std::string first = first_processor();
  const auto expect = [](EalAnswer answer, std::vector<std::string> words) {
    words.insert(words.end(), {"--no-pci", "--no-telemetry"});
    EXPECT_EQ(name(answer), name(ask_eal(words, answer == EalAnswer::waits ? 3 : 60))) << testing::PrintToString(words);
  };
  const auto expect_ordinary = [&](EalAnswer answer, std::vector<std::string> words) {
    words.insert(words.end(), {"--no-huge", "--no-shconf", "-m", "64"});
    expect(answer, words);
  };
  expect_ordinary(EalAnswer::takes, {"-l", first});
  expect_ordinary(EalAnswer::refuses, {"-l", first, "-c", "1"});
  expect_ordinary(EalAnswer::refuses, {"-l", first + "-"});
  expect_ordinary(EalAnswer::refuses, {"-l", "1-0"});
  expect_ordinary(EalAnswer::refuses, {"-l", "127"});
  expect_ordinary(EalAnswer::refuses, {"-l", "128"});
  expect_ordinary(EalAnswer::refuses, {"-c", "0x0"});
  expect_ordinary(EalAnswer::refuses, {"-l", first, "--iova-mode=dc"});
  expect_ordinary(EalAnswer::refuses, {"-l", first, "--base-virtaddr=here"});
  expect_ordinary(EalAnswer::takes, {"-l", first, "--base-virtaddr=0x200000000123"});
  expect_ordinary(EalAnswer::refuses, {"-l", first, "--file-prefix=a%b"});
  expect_ordinary(EalAnswer::takes, {"-l", first, "--file-prefix=.."});
  expect_ordinary(EalAnswer::refuses, {"-l", first, "--proc-type=third"});
  expect_ordinary(EalAnswer::refuses, {"-l", first, "--match-allocations"});
  expect_ordinary(EalAnswer::takes, {"-l", first, "--iova-mode=pa"});
  expect_ordinary(EalAnswer::takes, {"-l", first, "--proc-type=auto"});
  expect_ordinary(EalAnswer::takes, {"-l", first, "--log-level=loud"});
  expect_ordinary(EalAnswer::takes, {"-l", first, "--log-level=9"});
  expect_ordinary(EalAnswer::waits, {"-l", first, "--proc-type=secondary"});
  expect(EalAnswer::takes, {"-l", first, "--no-huge", "--no-shconf", "-m", "0"});
  expect(EalAnswer::refuses, {"-l", first, "--no-huge", "--in-memory"});
  expect(EalAnswer::refuses, {"-l", first, "--file-prefix=nobody", "--proc-type=secondary"});
}

TEST(Clock, never_runs_backwards) {
  Instant before = now();
  for (int i = 0; i < 1000; ++i) {
    Instant after = now();
    ASSERT_LE(before, after);
    before = after;
  }
}

}  // namespace
}  // namespace phasebit::hw
