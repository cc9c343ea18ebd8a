// What is derived from outside agrees with what the emulated drive says of itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "src/spec/status.hpp"
#include "tests/scenarios/interpose/emulated_bench.hpp"

namespace phasebit::scenarios {
namespace {

sim::WorldOptions world_options(std::uint64_t seed) {
  sim::WorldOptions options;
  options.seed = seed;
  options.drives[0].namespaces = {sim::NamespaceOptions{.nsid = Nsid{1}, .blocks = 4096}};
  return options;
}

/// Everything of an event but when it happened.
using Facts = std::tuple<EventKind, std::uint16_t, std::uint32_t, std::uint64_t, std::uint64_t>;

Facts facts_of(const Event& event) {
  return {event.kind, event.queue, event.a, event.b, event.c};
}

/// The events of these kinds, queue by queue: what happens on two queues may be seen from outside in another order.
std::map<std::uint16_t, std::vector<Facts>> by_queue(const EventList& list, std::initializer_list<EventKind> kinds) {
  std::map<std::uint16_t, std::vector<Facts>> found;
  for (const Event& event : list.events) {
    if (std::find(kinds.begin(), kinds.end(), event.kind) != kinds.end()) {
      found[event.queue].push_back(facts_of(event));
    }
  }
  return found;
}

/// The last announcement of each fact, and of each namespace.
std::map<std::pair<std::uint32_t, std::uint32_t>, Facts> last_facts(const EventList& list) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, Facts> last;
  for (const Event& event : list.of(EventKind::drive_fact)) {
    const bool of_namespace = event.a == static_cast<std::uint32_t>(DriveFact::namespace_state);
    if (event.a != static_cast<std::uint32_t>(DriveFact::interrupt_vectors)) {
      last[{event.a, of_namespace ? static_cast<std::uint32_t>(event.b) : 0}] = facts_of(event);
    }
  }
  return last;
}

/// Register reads, but for looks at a CSTS that is as it was: the drive tells of one that pushed a write before it.
std::vector<Facts> reads(const EventList& list) {
  std::vector<Facts> found;
  std::uint64_t status = ~0ull;
  for (const Event& event : list.of(EventKind::register_read)) {
    if (event.a != spec::offset::csts || event.b != status) {
      found.push_back(facts_of(event));
    }
    status = event.a == spec::offset::csts ? event.b.get() : status;
  }
  return found;
}

class Agreement : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Agreement, of_a_clean_run_is_complete) {
  EmulatedBench bench(world_options(GetParam()));
  bench.seam.read32(spec::offset::vs);
  run_clean_host(bench.host, 30);

  const auto both_sides = [&](std::initializer_list<EventKind> kinds) {
    EXPECT_FALSE(by_queue(bench.inside, kinds).empty());
    EXPECT_EQ(by_queue(bench.outside, kinds), by_queue(bench.inside, kinds));
  };
  EXPECT_EQ(reads(bench.outside), reads(bench.inside));
  both_sides({EventKind::register_write});
  both_sides({EventKind::dma_allocated, EventKind::dma_freed});
  both_sides({EventKind::queue_made, EventKind::queue_deleted});
  both_sides({EventKind::sqe_part});
  both_sides({EventKind::cqe_posted});
  both_sides({EventKind::cqe_loaded});
  both_sides({EventKind::dma_access});
  EXPECT_EQ(last_facts(bench.outside), last_facts(bench.inside));
  EXPECT_EQ(bench.outside_monitor.violation_count(), 0u);
  EXPECT_EQ(bench.inside_monitor.violation_count(), 0u);
}

TEST_P(Agreement, of_fetches_holds_queue_by_queue) {
  EmulatedBench bench(world_options(GetParam()));
  run_clean_host(bench.host, 30);
  const auto fetches = [](const EventList& list) {
    auto found = by_queue(list, {EventKind::sqe_fetched});
    for (auto& [queue, events] : found) {
      for (Facts& event : events) {
        std::get<4>(event) = 0;  // the number of the fetch on the drive counts all queues
      }
    }
    return found;
  };
  EXPECT_EQ(fetches(bench.outside), fetches(bench.inside));
}

TEST_P(Agreement, of_data_addresses_holds_but_for_those_of_queues) {
  EmulatedBench bench(world_options(GetParam()));
  run_clean_host(bench.host, 10);
  const auto addresses = [](const EventList& list) {
    std::vector<Facts> found;
    for (const Event& event : list.of(EventKind::prp_entry)) {
      if (event.a >> 16 != static_cast<std::uint32_t>(PrpRole::queue_base)) {
        found.push_back(facts_of(event));
      }
    }
    return found;
  };
  EXPECT_FALSE(addresses(bench.inside).empty());
  EXPECT_EQ(addresses(bench.outside), addresses(bench.inside));
}

TEST_P(Agreement, of_status_is_that_nothing_is_told_that_was_not_so) {
  EmulatedBench bench(world_options(GetParam()));
  run_clean_host(bench.host, 3);
  const auto changes = [](const EventList& list) {
    std::vector<std::uint64_t> values;
    for (const Event& event : list.of(EventKind::register_changed)) {
      values.push_back(event.b);
    }
    return values;
  };
  // A look may miss a value between two others, and sees none that was not there.
  const auto seen = changes(bench.outside);
  const auto were = changes(bench.inside);
  auto at = were.begin();
  for (const std::uint64_t value : seen) {
    at = std::find(at, were.end(), value);
    ASSERT_NE(at, were.end()) << value;
  }
  EXPECT_GE(seen.size(), 3u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Agreement, ::testing::Values(1, 2, 3, 0x5eed, 0xffff'ffff'ffffull));

TEST(InterposedEmulation, withheld_answers_and_a_reset_go_together_on_a_whole_drive) {
  sim::Fault drop;
  drop.what = sim::Verb::drop;
  drop.when.queue = 1;
  drop.when.nth = 3;
  EmulatedBench bench(world_options(9), {drop});
  bench.host.enable();
  identify(bench.host);
  bench.host.ask_for_queues(4);
  bench.host.io = bench.host.make_io_queue(1, 8);
  const DmaRegion buffer = bench.host.memory(4096);
  std::uint32_t answered = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    bench.host.submit(bench.host.io, read_block(i, buffer));
    bench.host.let_time_pass(2'000);
    spec::Cqe cqe;
    while (bench.host.take(bench.host.io, cqe)) {
      bench.host.ring_head(1, bench.host.io.head.slot);
      ++answered;
    }
  }
  EXPECT_EQ(answered, 19u);
  EXPECT_EQ(bench.outside_monitor.violation_count(), 0u);
  EXPECT_EQ(bench.inside_monitor.violation_count(), 0u) << bench.inside_monitor.violations()[0].rule->id;
  EXPECT_EQ(bench.inside.of(EventKind::cqe_posted).size(), bench.outside.of(EventKind::cqe_posted).size() + 1);
}

TEST(InterposedEmulation, a_removal_at_the_seam_takes_the_drive_from_memory) {
  sim::Fault gone;
  gone.what = sim::Verb::surprise_removal;
  gone.when.site = sim::Site::command;
  gone.when.queue = 1;
  gone.when.nth = 2;
  EmulatedBench bench(world_options(9), {gone});
  bench.host.bring_up();
  const DmaRegion buffer = bench.host.memory(4096);
  bench.host.submit(bench.host.io, read_block(1, buffer));
  bench.host.let_time_pass(2'000);
  bench.host.submit(bench.host.io, read_block(2, buffer));
  const std::size_t before = bench.inside.of(EventKind::dma_access).size();
  bench.host.let_time_pass(2'000);
  const auto accesses = bench.inside.of(EventKind::dma_access);
  for (std::size_t i = before; i < accesses.size(); ++i) {
    EXPECT_NE(accesses[i].a >> 24, 0u) << "refused";
  }
  EXPECT_EQ(bench.seam.read32(spec::offset::csts), spec::all_ones32);
  EXPECT_FALSE(bench.world->drive(0).can_reach_memory());
}

}  // namespace
}  // namespace phasebit::scenarios
