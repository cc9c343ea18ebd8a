// What perf says of the emulated drive. On a drive that is not ours it is tried in the guest (tests/guest).
#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

using Json = nlohmann::json;

Ended run_perf(const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"perf"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run(arguments);
}

Json measured(std::vector<std::string> options) {
  options.emplace_back("--json");
  const Ended ended = run_perf(options);
  EXPECT_EQ(ended.code, 0) << ended.err;
  return Json::parse(ended.out);
}

TEST(Perf, counts_what_was_read_in_virtual_time) {
  const Json result = measured({"-q", "4", "-o", "8k", "-w", "randread", "-t", "1"});
  EXPECT_EQ(result["time"], "virtual");
  EXPECT_EQ(result["rw"], "randread");
  EXPECT_EQ(result["bs"], 8192);
  EXPECT_EQ(result["failed"], 0);
  EXPECT_EQ(result["write"]["total_ios"], 0);
  const double ios = result["read"]["total_ios"];
  const double seconds = result["elapsed_ns"].get<double>() / 1e9;
  EXPECT_GE(seconds, 1.0) << "what is outstanding at the end is waited for";
  EXPECT_LT(seconds, 1.1);
  EXPECT_NEAR(result["read"]["iops"], ios / seconds, 1);
  EXPECT_NEAR(result["read"]["bw_bytes"], ios / seconds * 8192, 8192);
  // Little's law: four are outstanding all the time, so that the mean latency times the rate is four.
  EXPECT_NEAR(result["read"]["lat_ns"]["mean"].get<double>() / 1e9 * ios / seconds, 4, 0.2);
  EXPECT_LE(result["read"]["lat_ns"]["min"], result["read"]["lat_ns"]["percentile"]["50.00"]);
  EXPECT_LE(result["read"]["lat_ns"]["percentile"]["99.99"], result["read"]["lat_ns"]["max"]);
  EXPECT_GT(result["doorbells_per_io"], 0.0);
  EXPECT_LE(result["doorbells_per_io"], 2.01) << "one for the submission, one for the completion at most";
  EXPECT_GE(result["polls_per_io"], 0.25);
}

TEST(Perf, is_the_same_in_every_run_of_virtual_time) {
  const std::vector<std::string> arguments{"-q", "1", "-w", "randrw"};
  EXPECT_EQ(measured(arguments), measured(arguments));
}

TEST(Perf, looks_seldom_if_interrupts_tell_of_completions_and_misses_none) {
  const Json polled = measured({"-q", "1"});
  const Json sleeping = measured({"-q", "1", "--interrupts"});
  EXPECT_FALSE(polled["interrupts"].get<bool>());
  EXPECT_TRUE(sleeping["interrupts"].get<bool>());
  EXPECT_GT(polled["polls_per_io"], 5.0);
  EXPECT_LT(sleeping["polls_per_io"], 2.5);
  EXPECT_GT(sleeping["read"]["iops"].get<double>(), 0.9 * polled["read"]["iops"].get<double>());
  EXPECT_EQ(sleeping["failed"], 0);
}

TEST(Perf, mixes_as_it_was_told) {
  const Json result = measured({"-w", "rw", "-M", "80", "-q", "1"});
  const double reads = result["read"]["total_ios"];
  const double writes = result["write"]["total_ios"];
  EXPECT_NEAR(reads / (reads + writes), 0.8, 0.02);
  EXPECT_EQ(measured({"-w", "write", "-q", "1"})["read"]["total_ios"], 0);
}

TEST(Perf, says_in_words_whose_time_it_was) {
  const Ended ended = run({"perf", "-q", "1"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.out, "of virtual time")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "99.99th")) << ended.out;
}

TEST(Perf, speaks_of_a_mix_only_where_there_is_one) {
  EXPECT_FALSE(contains(run({"perf", "-w", "randread"}).out, "rwmixread"));
  EXPECT_TRUE(contains(run({"perf", "-w", "randrw", "-M", "80"}).out, "rwmixread 80"));
}

TEST(Perf, refuses_what_has_no_meaning) {
  const auto refusal = [](const std::vector<std::string>& options, const std::string& piece) {
    const Ended ended = run_perf(options);
    EXPECT_EQ(ended.code, 2) << ended.out;
    EXPECT_TRUE(contains(ended.err, piece)) << ended.err;
  };
  refusal({"-o", "513"}, "a multiple of the block of 512 bytes");
  refusal({"-o", "0"}, "is no size");
  refusal({"-o", "17m"}, "is no size");
  refusal({"-w", "sideways"}, "sideways not in");
  refusal({"-M", "101"}, "not in range");
  refusal({"-q", "0"}, "not in range");
  refusal({"-t", "0"}, "not in range");
  refusal({"--destructive"}, "for a real drive");
  refusal({"--device", "0000:01:00.0", "-w", "write"}, "this load writes");
  refusal({"--device", "0000:01:00.0", "-w", "write", "--destructive"}, "give its serial number too");
  refusal({"--device", "0000:01:00.0", "--i-know"}, "says nothing without --destructive");
}

}  // namespace
}  // namespace phasebit::cli
