#include <gtest/gtest.h>

#include <array>
#include <set>

#include "tests/sim/faults/fault_bench.hpp"

namespace phasebit::sim {
namespace {

/// The plan's own fields of a world's fingerprint.
std::uint64_t fingerprint(const Bench& bench) {
  Hasher hasher;
  bench.plan.fingerprint(hasher);
  return hasher.value();
}

TEST(FaultPlanFingerprint, tells_what_commands_carry) {
  std::set<std::uint64_t> seen;
  Bench bench({});
  seen.insert(fingerprint(bench));
  bench.push(1, 5, 77, 1);
  seen.insert(fingerprint(bench));
  bench.push(1, 5, 77, 2);
  seen.insert(fingerprint(bench));
  bench.push(1, 5, 78, 2);
  seen.insert(fingerprint(bench));
  bench.push(1, 6, 78, 2);
  seen.insert(fingerprint(bench));
  spec::Sqe sqe;
  bench.plan.on_fetch({0, Qid{1}, Cid{6}, std::as_bytes(std::span<const spec::Sqe, 1>(&sqe, 1))});
  seen.insert(fingerprint(bench));
  sqe.opcode = 0x02;
  bench.plan.on_fetch({0, Qid{1}, Cid{6}, std::as_bytes(std::span<const spec::Sqe, 1>(&sqe, 1))});
  seen.insert(fingerprint(bench));
  EXPECT_EQ(seen.size(), 7u);
}

TEST(FaultPlanFingerprint, tells_which_command_is_meant) {
  std::set<std::uint64_t> seen;
  for (const auto& [queue, cid, pushed] : {std::array{1, 5, 0}, {1, 6, 0}, {2, 5, 0}, {1, 5, 1}}) {
    Bench bench({});
    const auto qid = static_cast<std::uint16_t>(queue);
    if (pushed != 0) {
      bench.push(qid, static_cast<std::uint16_t>(cid), 0, 0);
    }
    const spec::Sqe sqe;
    bench.plan.on_fetch({0, Qid{qid}, Cid{static_cast<std::uint16_t>(cid)}, std::as_bytes(std::span<const spec::Sqe, 1>(&sqe, 1))});
    seen.insert(fingerprint(bench));
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(FaultPlanFingerprint, tells_where_the_driver_stands) {
  std::set<std::uint64_t> seen;
  Bench bench({});
  const std::uint64_t before = fingerprint(bench);
  for (const auto& [machine, row, visit] : {std::array{0, 4, 1}, {0, 4, 2}, {0, 5, 2}, {1, 5, 2}}) {
    bench.enter(static_cast<std::uint16_t>(machine), static_cast<std::uint16_t>(row), static_cast<std::uint16_t>(visit));
    seen.insert(fingerprint(bench));
  }
  EXPECT_EQ(seen.size(), 4u);
  for (const std::uint16_t machine : {0, 1}) {
    bench.stream.append(make_event(EventKind::driver_state, 0, machine, 5 | 2u << 16, 1));
  }
  EXPECT_EQ(fingerprint(bench), before) << "left again";
}

}  // namespace
}  // namespace phasebit::sim
