#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/world/hand_host.hpp"

namespace phasebit::sim {
namespace {

/// A world with one drive, a host that has opened it, and what happened.
struct BackendBench final : StreamReader {
  explicit BackendBench(const WorldOptions& options = quiet()) : world(make_world(options, region)), host(*world) {
    world->stream().add_reader(*this);
  }
  void on_event(std::uint64_t, const Event& event) override { events.push_back(event); }

  static WorldOptions quiet() {
    WorldOptions options;
    options.interleave = false;
    options.host_memory_bytes = 1 << 20;
    return options;
  }
  EmulatedBackend& open() {
    EXPECT_TRUE(world->bus().claim(host.address()).has_value());
    EmulatedBackend& backend = *world->bus().open(host.address()).value();
    backend.config_write16(spec::pci::config::command, 0x0406);
    events.clear();
    return backend;
  }
  std::size_t count(EventKind kind) const {
    return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const Event& event) { return event.kind == kind; }));
  }

  Region region = Region::create(64 << 20).value();
  WorldPointer world;
  HandHost host;
  std::vector<Event> events;
};

TEST(EmulatedBackend, registers_answer_only_while_memory_space_is_on) {
  BackendBench bench;
  EmulatedBackend& backend = bench.open();
  EXPECT_NE(backend.read32(spec::offset::vs), spec::all_ones32);
  backend.config_write16(spec::pci::config::command, 0x0404);
  EXPECT_EQ(backend.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_EQ(backend.read64(spec::offset::cap), spec::all_ones64);
  backend.write32(spec::offset::cc, 1);
  EXPECT_EQ(bench.events.back().c, 4u | 1u << 8) << "the write is lost";
}

TEST(EmulatedBackend, a_store_takes_effect_later_and_a_load_pushes_it) {
  WorldOptions options = BackendBench::quiet();
  options.posted_write_delay_max = nanoseconds(1'000'000);
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  backend.write32(spec::offset::cc, 0x460000);
  EXPECT_EQ(bench.count(EventKind::register_write), 0u);
  EXPECT_EQ(backend.read32(spec::offset::cc), 0x460000u);
  EXPECT_EQ(bench.count(EventKind::register_write), 1u);
  EXPECT_EQ(bench.events.back().kind, EventKind::register_read);
}

TEST(EmulatedBackend, stores_land_in_order_by_themselves) {
  BackendBench bench;
  EmulatedBackend& backend = bench.open();
  for (std::uint32_t i = 0; i < 20; ++i) {
    backend.write32(spec::offset::aqa, i);
  }
  bench.world->run_until(Instant{} + microseconds(10));
  ASSERT_EQ(bench.count(EventKind::register_write), 20u);
  std::uint32_t expected = 0;
  for (const Event& event : bench.events) {
    if (event.kind == EventKind::register_write) {
      EXPECT_EQ(event.b, expected++);
    }
  }
}

TEST(EmulatedBackend, a_look_at_an_unchanged_status_leaves_no_trace) {
  WorldOptions options = BackendBench::quiet();
  options.interleave = true;
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  const std::uint32_t status = backend.read32(spec::offset::csts);
  EXPECT_EQ(bench.count(EventKind::register_read), 1u);
  const std::uint64_t fingerprint = bench.world->fingerprint();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(backend.read32(spec::offset::csts), status);
  }
  EXPECT_EQ(bench.count(EventKind::register_read), 1u);
  EXPECT_EQ(bench.world->fingerprint(), fingerprint);
}

TEST(EmulatedBackend, configuration_space_and_registers_are_all_ones_once_the_function_is_gone) {
  BackendBench bench;
  EmulatedBackend& backend = bench.open();
  bench.world->remove(0);
  EXPECT_EQ(backend.config_read32(0), spec::all_ones32);
  EXPECT_EQ(backend.read32(spec::offset::csts), spec::all_ones32);
  backend.write32(spec::offset::cc, 0);
  EXPECT_EQ(bench.events.back().c, 4u | 1u << 8);
}

TEST(EmulatedBackend, stores_on_their_way_are_lost_with_the_function) {
  WorldOptions options = BackendBench::quiet();
  options.posted_write_delay_max = milliseconds(1);
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  backend.write32(spec::offset::aqa, 1);
  backend.write32(spec::offset::aqa, 2);
  bench.world->remove(0);
  ASSERT_EQ(bench.count(EventKind::register_write), 2u);
  for (const Event& event : bench.events) {
    EXPECT_TRUE(event.kind != EventKind::register_write || event.c == (4u | 1u << 8));
  }
  bench.world->give_back(0);
  bench.world->run_until(bench.world->now() + milliseconds(2));
  EXPECT_EQ(bench.count(EventKind::register_write), 2u) << "nothing lands on what came back";
}

TEST(EmulatedBackend, a_handle_from_before_the_removal_reaches_nothing_of_what_came_back) {
  BackendBench bench;
  EmulatedBackend& backend = bench.open();
  bench.world->remove(0);
  bench.world->give_back(0);
  EXPECT_EQ(backend.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_EQ(backend.config_read32(0), spec::all_ones32);
  EmulatedBackend& again = *bench.world->bus().open(bench.host.address()).value();
  EXPECT_NE(again.config_read32(0), spec::all_ones32);
}

TEST(EmulatedBackend, dma_memory_is_zeroed_aligned_for_both_and_named_in_events) {
  BackendBench bench;
  EmulatedBackend& backend = bench.open();
  const DmaRegion region = backend.allocate_dma(5000).value();
  EXPECT_EQ(region.bytes, 5000u);
  EXPECT_EQ(region.iova.value % 4096, 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(region.data) % 4096, 0u);
  backend.free_dma(region);
  ASSERT_EQ(bench.events.size(), 2u);
  EXPECT_EQ(bench.events[0].kind, EventKind::dma_allocated);
  EXPECT_EQ(bench.events[1].kind, EventKind::dma_freed);
  EXPECT_EQ(bench.events[1].b, region.iova.value);
  EXPECT_EQ(bench.world->host().allocations(), 0u);
}

TEST(EmulatedBackend, maps_in_counts_and_speaks_of_the_first_and_the_last) {
  BackendBench bench;
  EmulatedBackend& backend = bench.open();
  const auto buffer = bench.world->allocate_buffer(100).value();
  const Iova iova = backend.map(buffer, DmaRights::device_reads).value();
  EXPECT_EQ(backend.map(buffer, DmaRights::device_reads).value(), iova);
  EXPECT_EQ(bench.world->free_buffer(buffer).error(), Errc::busy);
  EXPECT_TRUE(backend.unmap(buffer).has_value());
  EXPECT_TRUE(backend.unmap(buffer).has_value());
  EXPECT_EQ(backend.unmap(buffer).error(), Errc::not_found);
  EXPECT_TRUE(bench.world->free_buffer(buffer).has_value());
  EXPECT_EQ(bench.count(EventKind::dma_mapped), 1u);
  EXPECT_EQ(bench.count(EventKind::dma_unmapped), 1u);
}

TEST(EmulatedBackend, says_no_space_when_the_iommu_is_full) {
  WorldOptions options = BackendBench::quiet();
  options.dma_mappings_max = 1;
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  ASSERT_TRUE(backend.allocate_dma(64).has_value());
  EXPECT_EQ(backend.allocate_dma(64).error(), Errc::no_space);
  EXPECT_EQ(bench.world->host().allocations(), 1u) << "the memory is given back";
}

Fault at(Verb what, Site site, std::uint64_t nth) {
  Fault fault;
  fault.what = what;
  fault.when.site = site;
  fault.when.nth = nth;
  return fault;
}

TEST(EmulatedBackend, the_nth_access_finds_the_function_gone) {
  WorldOptions options = BackendBench::quiet();
  options.faults = {at(Verb::surprise_removal, Site::access, 3)};
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  EXPECT_NE(backend.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_NE(backend.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_EQ(backend.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_EQ(backend.config_read32(0), spec::all_ones32);
  EXPECT_EQ(bench.world->bus().next_event()->kind, BusEvent::Kind::removed);
}

TEST(EmulatedBackend, all_ones_for_a_while_end_by_themselves) {
  WorldOptions options = BackendBench::quiet();
  Fault fault = at(Verb::all_ones, Site::access, 1);
  fault.lasts = microseconds(10);
  options.faults = {fault};
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  EXPECT_EQ(backend.read32(spec::offset::vs), spec::all_ones32);
  bench.world->run_until(Instant{9'996});
  EXPECT_EQ(backend.read32(spec::offset::vs), spec::all_ones32);
  bench.world->run_until(Instant{10'000});
  EXPECT_NE(backend.read32(spec::offset::vs), spec::all_ones32);
}

TEST(EmulatedBackend, a_lost_doorbell_has_no_effect_and_a_late_one_a_late_effect) {
  WorldOptions options = BackendBench::quiet();
  Fault late = at(Verb::late_doorbell, Site::register_write, 2);
  late.delay = milliseconds(3);
  options.faults = {at(Verb::lost_doorbell, Site::register_write, 1), late};
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  backend.write32(spec::offset::doorbells, 1);
  backend.write32(spec::offset::doorbells, 2);
  bench.world->run_until(Instant{} + milliseconds(2));
  ASSERT_EQ(bench.count(EventKind::register_write), 1u);
  EXPECT_NE(bench.events[1].c & 1u << 8, 0u) << "after the fault's own event";
  bench.world->run_until(Instant{} + milliseconds(4));
  EXPECT_EQ(bench.count(EventKind::register_write), 2u);
}

TEST(EmulatedBackend, a_torn_load_of_64_bits_is_two_with_time_between) {
  WorldOptions options = BackendBench::quiet();
  options.faults = {at(Verb::torn_register_read, Site::register_read, 1)};
  BackendBench bench(options);
  EmulatedBackend& backend = bench.open();
  const Instant before = bench.world->now();
  const std::uint64_t torn = backend.read64(spec::offset::cap);
  EXPECT_GT(bench.world->now(), before);
  EXPECT_EQ(torn, backend.read64(spec::offset::cap)) << "CAP does not change";
}

TEST(EmulatedBackend, stamps_what_the_host_says_with_drive_and_time) {
  WorldOptions options = BackendBench::quiet();
  options.drives.resize(2);
  BackendBench bench(options);
  HandHost second(*bench.world, 1);
  ASSERT_TRUE(bench.world->bus().claim(second.address()).has_value());
  bench.world->run_until(Instant{400});
  Event event = make_event(EventKind::command_pushed, 9, 1, 2, 3, 4);
  event.time = 77;
  bench.world->bus().open(second.address()).value()->record(event);
  EXPECT_EQ(bench.events.back().drive, 1);
  EXPECT_EQ(bench.events.back().time, 400u);
  EXPECT_EQ(bench.events.back().c, 4u);
}

/// Reaps until there is a completion; gives what was loaded, in order, as dword and whether it was an acquire load.
std::vector<std::pair<std::uint32_t, bool>> loads_of_one_completion(BackendBench& bench) {
  bench.host.submit(bench.host.admin(), spec::GetFeatures{spec::Fid::number_of_queues}.sqe());
  bench.events.clear();
  EXPECT_TRUE(bench.host.wait([&] { return bench.host.reap(bench.host.admin()).has_value(); }));
  std::vector<std::pair<std::uint32_t, bool>> loads;
  for (const Event& event : bench.events) {
    if (event.kind == EventKind::cqe_loaded) {
      loads.emplace_back(event.a >> 16, event.c == 1);
    }
  }
  return loads;
}

TEST(EmulatedBackend, each_dword_of_a_completion_is_loaded_once_as_an_event) {
  BackendBench bench;
  ASSERT_TRUE(bench.host.attach());
  using Loads = std::vector<std::pair<std::uint32_t, bool>>;
  for (int i = 0; i < 9; ++i) {  // More than twice around the ring.
    ASSERT_EQ(loads_of_one_completion(bench), (Loads{{3, true}, {0, false}, {1, false}, {2, false}})) << i;
  }
}

TEST(EmulatedBackend, a_look_at_an_empty_slot_leaves_no_trace) {
  WorldOptions options = BackendBench::quiet();
  options.interleave = true;
  BackendBench bench(options);
  ASSERT_TRUE(bench.host.attach());
  const std::uint64_t fingerprint = bench.world->fingerprint();
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(bench.host.reap(bench.host.admin()).has_value());
  }
  EXPECT_EQ(bench.world->fingerprint(), fingerprint);
}

TEST(EmulatedBackend, a_host_that_loads_a_dword_before_the_phase_is_seen_to) {
  BackendBench bench;
  ASSERT_TRUE(bench.host.attach());
  bench.host.submit(bench.host.admin(), spec::GetFeatures{spec::Fid::number_of_queues}.sqe());
  bench.world->run_until(bench.world->now() + seconds(1));
  const auto* dwords = reinterpret_cast<const Le32*>(bench.host.admin().completion.data);
  bench.host.backend().load32(dwords[0]);
  EXPECT_EQ(bench.events.back().kind, EventKind::cqe_loaded);
  EXPECT_EQ(bench.events.back().a, 0u);
}

}  // namespace
}  // namespace phasebit::sim
