// A whole driver on drives that have memory of their own.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory_resource>
#include <vector>

#include "sim/monitor/monitor.hpp"
#include "sim/world/world.hpp"
#include "src/driver/controller_memory.hpp"
#include "src/driver/probe.hpp"
#include "src/spec/io_commands.hpp"
#include "tests/support/probe_diary.hpp"

namespace phasebit::driver {
namespace {

constexpr std::uint64_t part_bytes = 4096;

struct MemoryWatch final : sim::StreamReader {
  void on_event(std::uint64_t, const Event& event) override {
    if (event.kind == EventKind::queue_made && event.queue != 0 && (event.a >> 31) == 0) {
      queues.push_back(Iova{event.b});
    }
    const bool is_status = event.a == spec::offset::csts;
    register_reads += event.kind == EventKind::register_read && !is_status ? 1 : 0;
    memory_writes += event.kind == EventKind::register_write && (event.a & ~4u) == spec::offset::cmbmsc ? 1 : 0;
    base = event.kind == EventKind::register_write && event.a == spec::offset::cmbmsc + 4 ? event.b << 32 : base;
    base = event.kind == EventKind::register_write && event.a == spec::offset::cmbmsc ? base | (event.b & 0xffff'f000) : base;
  }
  std::vector<Iova> queues;  ///< submission queues, in the order in which they were made
  std::uint64_t base = 0;    ///< where the host last put the memory
  std::uint32_t register_reads = 0;
  std::uint32_t memory_writes = 0;
};

struct MemoryBench {
  MemoryBench(const sim::ControllerMemoryOptions& memory, ControllerMemoryUse use, std::uint32_t entries = 32,
              std::vector<sim::Fault> faults = {})
      : world(sim::make_world(world_options(memory, std::move(faults)), region)),
        probe(world->bus(), driver_options(use, entries), {}, diary, heap()) {
    world->stream().add_reader(watch);
    world->stream().add_reader(monitor);
    probe.probe(world->now());
    EXPECT_TRUE(run_until([&] { return probe.driver(address()) != nullptr && driver().state() == State::ready; }));
  }
  MemoryBench(const MemoryBench&) = delete;
  MemoryBench& operator=(const MemoryBench&) = delete;
  ~MemoryBench() {
    for (const DmaRegion& region_taken : buffers) {
      probe.backend(address())->free_dma(region_taken);
    }
    probe.detach_all(world->now());
    EXPECT_TRUE(run_until([&] { return probe.is_idle(); }));
    for (const sim::Violation& violation : monitor.violations()) {
      ADD_FAILURE() << violation.rule->id << ": " << violation.detail;
    }
  }
  static std::pmr::memory_resource* heap() { return std::pmr::new_delete_resource(); }
  static sim::WorldOptions world_options(const sim::ControllerMemoryOptions& memory, std::vector<sim::Fault> faults) {
    sim::WorldOptions options;
    options.faults = std::move(faults);
    options.interleave = false;
    options.drives[0].controller_memory = memory;
    return options;
  }
  static Options driver_options(ControllerMemoryUse use, std::uint32_t entries) {
    Options options;
    options.controller_memory = use;
    options.io_queue_entries = entries;
    return options;
  }

  PciAddress address() { return world->drive(0).address(); }
  AnyDriver& driver() { return *probe.driver(address()); }
  std::uint64_t made_there() { return driver().statistics().queues_in_controller_memory; }
  /// The link drops, too shortly to be noticed: the function was reset, and that is all that its host finds.
  void flap() {
    world->drive(0).drop_link();
    world->drive(0).restore_link();
  }
  bool lies_there(Iova iova) const {
    const std::uint64_t bytes = world->options().drives[0].controller_memory.bytes;
    return iova.value >= watch.base && iova.value - watch.base < bytes;
  }

  ChannelId open_channel(std::uint32_t submission_queues = 1) {
    const std::size_t before = watch.queues.size();
    channels.push_back(driver().create_channel({.submission_queues = submission_queues}, world->now()).value());
    EXPECT_TRUE(run_until([&] { return watch.queues.size() == before + submission_queues; }));
    const Instant answered = world->now() + milliseconds(1);
    EXPECT_TRUE(run_until([&] { return world->now() >= answered; }));
    return channels.back();
  }
  DmaRegion buffer(std::uint64_t bytes) {
    buffers.push_back(probe.backend(address())->allocate_dma(bytes).value());
    return buffers.back();
  }
  bool submit(ChannelId channel, spec::NvmOpcode opcode, std::uint64_t lba, const DmaRegion& data, std::uint64_t tag = 0) {
    const Operation operation{.tag = tag, .opcode = opcode, .lba = Lba{lba}, .blocks = data.bytes / 512, .buffers = {&data, 1}};
    return driver().submit(channel, {&operation, 1}, world->now()).accepted == 1;
  }
  /// One operation, start to end.
  OperationResult perform(ChannelId channel, spec::NvmOpcode opcode, std::uint64_t lba, const DmaRegion& data) {
    const std::size_t before = results.size();
    EXPECT_TRUE(submit(channel, opcode, lba, data));
    EXPECT_TRUE(run_until([&] { return results.size() > before; }));
    return results.back();
  }
  /// True if a block goes out and comes back.
  bool works(ChannelId channel) {
    const DmaRegion data = buffer(2 * part_bytes);
    std::memset(data.data, ++pattern, part_bytes);
    const bool written = perform(channel, spec::NvmOpcode::write, pattern * 8ull, data.slice(0, part_bytes)).outcome == Outcome::ok;
    const bool read = perform(channel, spec::NvmOpcode::read, pattern * 8ull, data.slice(part_bytes, part_bytes)).outcome == Outcome::ok;
    return written && read && std::memcmp(data.data, data.data + part_bytes, part_bytes) == 0;
  }

  template <class Done>
  bool run_until(Done done, Duration limit = seconds(30)) {
    const Instant end = world->now() + limit;
    while (!done()) {
      if (world->now() >= end) {
        return false;
      }
      const Instant wake = std::min(probe.poll(world->now()), world->next_due());
      reap();
      world->run_until(std::clamp(wake, world->now() + nanoseconds(100), world->now() + milliseconds(1)));
    }
    return true;
  }
  void reap() {
    for (const ChannelId channel : channels) {
      std::array<OperationResult, 8> batch;
      const std::uint32_t count = probe.driver(address()) == nullptr ? 0 : driver().reap(channel, world->now(), batch);
      results.insert(results.end(), batch.begin(), batch.begin() + count);
    }
  }

  sim::Region region = sim::Region::create(256 << 20).value();
  sim::WorldPointer world;
  MemoryWatch watch;
  sim::Monitor monitor;
  testing::ProbeDiary diary;
  Probe<sim::EmulatedBus> probe;
  std::vector<ChannelId> channels;
  std::vector<DmaRegion> buffers;
  std::vector<OperationResult> results;
  std::uint8_t pattern = 0;
};

sim::ControllerMemoryOptions memory_of(std::uint64_t bytes) {
  sim::ControllerMemoryOptions memory;
  memory.bytes = bytes;
  return memory;
}
sim::ControllerMemoryOptions memory_for_data() {
  sim::ControllerMemoryOptions memory = memory_of(16 * part_bytes);
  memory.data_of_reads = memory.data_of_writes = true;
  return memory;
}

constexpr auto queues_only = ControllerMemoryUse::submission_queues;

TEST(DriverOnControllerMemory, puts_submission_queues_there_wherever_it_lies) {
  for (const std::uint32_t bar : {0u, 2u, 4u}) {
    sim::ControllerMemoryOptions memory = memory_of(16 * part_bytes);
    memory.bar = bar;
    memory.offset = 3 * part_bytes;
    MemoryBench bench(memory, queues_only);
    EXPECT_EQ(bench.driver().controller().controller_memory_bytes, 16 * part_bytes);
    const ChannelId first = bench.open_channel();
    const ChannelId second = bench.open_channel(2);
    EXPECT_EQ(bench.made_there(), 3u);
    for (const Iova queue : bench.watch.queues) {
      EXPECT_TRUE(bench.lies_there(queue)) << bar;
    }
    EXPECT_TRUE(bench.works(first) && bench.works(second));
  }
}

TEST(DriverOnControllerMemory, reads_no_register_and_goes_round_the_ring_many_times) {
  MemoryBench bench(memory_of(16 * part_bytes), queues_only, 4);
  const ChannelId channel = bench.open_channel();
  const DmaRegion data = bench.buffer(part_bytes);
  const std::uint32_t before = bench.watch.register_reads;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(bench.perform(channel, spec::NvmOpcode::write, 8, data).outcome, Outcome::ok);
  }
  EXPECT_EQ(bench.watch.register_reads, before);
}

TEST(DriverOnControllerMemory, leaves_it_alone_unless_it_is_wanted_and_there) {
  MemoryBench unwanted(memory_of(16 * part_bytes), ControllerMemoryUse::none);
  EXPECT_EQ(unwanted.watch.memory_writes, 0u);
  EXPECT_EQ(unwanted.driver().controller().controller_memory_bytes, 0u);
  EXPECT_TRUE(unwanted.works(unwanted.open_channel()));
  MemoryBench missing(sim::ControllerMemoryOptions{}, queues_only);
  EXPECT_EQ(missing.watch.memory_writes, 0u);
  EXPECT_TRUE(missing.works(missing.open_channel()));
  MemoryBench for_nothing(memory_of(16 * part_bytes), ControllerMemoryUse::data);
  EXPECT_EQ(for_nothing.driver().controller().controller_memory_bytes, 0u) << "it takes queues only";
}

TEST(DriverOnControllerMemory, uses_the_hosts_memory_for_what_finds_no_room_there) {
  MemoryBench bench(memory_of(2 * part_bytes), queues_only, 64);  // a page for each queue
  bench.open_channel();
  bench.open_channel();
  EXPECT_EQ(bench.made_there(), 2u);
  const ChannelId third = bench.open_channel();
  EXPECT_EQ(bench.made_there(), 2u);
  EXPECT_FALSE(bench.lies_there(bench.watch.queues.back()));
  EXPECT_TRUE(bench.works(third));
  const ChannelId first = bench.channels.front();
  EXPECT_TRUE(bench.driver().destroy_channel(first, bench.world->now()).has_value());
  ASSERT_TRUE(bench.run_until([&] { return !bench.driver().has_channel(first); }));
  bench.open_channel();
  EXPECT_EQ(bench.made_there(), 3u) << "in the place of the one that went";
}

TEST(DriverOnControllerMemory, makes_its_queues_there_again_after_a_reset) {
  MemoryBench bench(memory_of(16 * part_bytes), queues_only);
  const ChannelId channel = bench.open_channel();
  ASSERT_TRUE(bench.works(channel));
  bench.driver().reset(bench.world->now());
  ASSERT_TRUE(bench.run_until([&] { return bench.made_there() == 2; }));
  EXPECT_TRUE(bench.works(channel));
  bench.flap();  // the controller forgets where it was
  ASSERT_TRUE(bench.run_until([&] { return bench.made_there() == 3; }));
  EXPECT_TRUE(bench.lies_there(bench.watch.queues.back()));
  EXPECT_TRUE(bench.works(channel));
}

TEST(DriverOnControllerMemory, uses_the_hosts_memory_where_the_offer_makes_no_sense) {
  struct Lie {
    std::optional<std::uint32_t> location;
    std::optional<std::uint32_t> size;
  };
  for (const Lie& lie : {Lie{0x0, {}}, Lie{0x1, {}}, Lie{0x5, {}}, Lie{0x0010'0002, {}}, Lie{{}, 0x0001'1001}, Lie{{}, 0x0000'1701},
                         Lie{{}, 0x0000'0001}, Lie{0xffff'ffff, 0xffff'ffff}}) {
    sim::ControllerMemoryOptions memory = memory_of(16 * part_bytes);
    memory.location_told = lie.location;
    memory.size_told = lie.size;
    MemoryBench bench(memory, queues_only);
    EXPECT_EQ(bench.driver().controller().controller_memory_bytes, 0u);
    EXPECT_TRUE(bench.works(bench.open_channel()));
    EXPECT_EQ(bench.made_there(), 0u);
  }
}

TEST(DriverOnControllerMemory, uses_the_hosts_memory_where_a_queue_is_refused_after_all) {
  sim::ControllerMemoryOptions memory = memory_of(16 * part_bytes);
  memory.queues = false;
  memory.size_told = 0x0001'0001;
  MemoryBench bench(memory, queues_only);
  EXPECT_EQ(bench.driver().controller().controller_memory_bytes, 16 * part_bytes);
  const ChannelId channel = bench.open_channel(3);
  EXPECT_EQ(bench.made_there(), 0u);
  EXPECT_TRUE(bench.works(channel));
  EXPECT_EQ(bench.driver().statistics().resets, 0u);
}

TEST(DriverOnControllerMemory, uses_the_hosts_memory_where_no_address_is_right) {
  sim::ControllerMemoryOptions memory = memory_for_data();
  memory.refuses_addresses = true;
  MemoryBench bench(memory, ControllerMemoryUse::submission_queues_and_data);
  EXPECT_EQ(bench.driver().controller().controller_memory_bytes, 0u);
  EXPECT_TRUE(bench.works(bench.open_channel()));
  EXPECT_EQ(bench.made_there(), 0u);
  EXPECT_EQ(bench.driver().allocate_controller_memory(part_bytes).error(), Errc::unsupported);
}

TEST(DriverOnControllerMemory, writes_nothing_more_to_a_function_that_falls_silent_when_it_is_placed) {
  sim::Fault silence;
  silence.what = sim::Verb::all_ones;
  silence.when.site = sim::Site::register_read;
  silence.when.register_offset = spec::offset::cmbsts;
  silence.when.state = sim::StateMatch{0, static_cast<std::uint16_t>(BringUpRow::enable), 1};
  silence.lasts = milliseconds(1);
  MemoryBench bench(memory_of(16 * part_bytes), queues_only, 32, {silence});
  EXPECT_EQ(bench.world->faults().fired(0), 1u);
  EXPECT_TRUE(bench.works(bench.open_channel()));
  EXPECT_EQ(bench.made_there(), 1u) << "after a reset it is there all the same";
}

TEST(DriverOnControllerMemory, lends_it_for_data_of_both_directions) {
  MemoryBench bench(memory_for_data(), ControllerMemoryUse::data);
  EXPECT_TRUE(bench.driver().controller().controller_memory_reads && bench.driver().controller().controller_memory_writes);
  const ChannelId channel = bench.open_channel();
  EXPECT_EQ(bench.made_there(), 0u) << "queues were not asked for";
  const DmaRegion out = bench.driver().allocate_controller_memory(3 * part_bytes).value();
  const DmaRegion in = bench.driver().allocate_controller_memory(3 * part_bytes).value();
  std::memset(out.data, 'o', out.bytes);
  std::memset(in.data, 'i', in.bytes);
  EXPECT_EQ(bench.perform(channel, spec::NvmOpcode::write, 16, out).outcome, Outcome::ok);
  EXPECT_EQ(bench.perform(channel, spec::NvmOpcode::read, 16, in).outcome, Outcome::ok);
  EXPECT_EQ(std::memcmp(in.data, out.data, in.bytes), 0);
  EXPECT_EQ(bench.driver().allocate_controller_memory(0).error(), Errc::invalid_argument);
  EXPECT_EQ(bench.driver().allocate_controller_memory(11 * part_bytes).error(), Errc::out_of_memory);
  bench.driver().free_controller_memory(out);
  bench.driver().free_controller_memory(in);
  const DmaRegion all = bench.driver().allocate_controller_memory(15 * part_bytes + 100).value();
  EXPECT_EQ(all.bytes, 15 * part_bytes + 100);
  bench.driver().free_controller_memory(all);
}

TEST(DriverOnControllerMemory, lends_none_for_data_that_was_not_offered_or_not_wanted) {
  MemoryBench queues(memory_for_data(), queues_only);
  EXPECT_EQ(queues.driver().allocate_controller_memory(part_bytes).error(), Errc::unsupported);
  EXPECT_FALSE(queues.driver().controller().controller_memory_reads);
  MemoryBench data(memory_of(16 * part_bytes), ControllerMemoryUse::submission_queues_and_data);
  EXPECT_EQ(data.driver().allocate_controller_memory(part_bytes).error(), Errc::unsupported);
}

/// Three writes at once into a ring that holds one, then `reset`; the outcomes by tag.
template <class Reset>
std::array<Outcome, 3> outcomes_over(MemoryBench& bench, const DmaRegion& data, Reset reset) {
  const ChannelId channel = bench.open_channel();
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    EXPECT_TRUE(bench.submit(channel, spec::NvmOpcode::write, tag * 8, data, tag));
  }
  reset();
  EXPECT_TRUE(bench.run_until([&] { return bench.results.size() == 3; }));
  std::array<Outcome, 3> outcomes{};
  for (const OperationResult& result : bench.results) {
    outcomes[result.tag] = result.outcome;
  }
  return outcomes;
}

TEST(DriverOnControllerMemory, sends_nothing_whose_data_a_reset_may_have_lost_while_it_waited) {
  for (const bool there : {true, false}) {
    for (const bool own_reset : {true, false}) {
      MemoryBench bench(memory_for_data(), ControllerMemoryUse::data, 2);
      const DmaRegion data = there ? bench.driver().allocate_controller_memory(part_bytes).value() : bench.buffer(part_bytes);
      const auto outcomes = outcomes_over(bench, data, [&] { own_reset ? bench.driver().reset(bench.world->now()) : bench.flap(); });
      const Outcome expected = there ? Outcome::rejected : Outcome::ok;
      EXPECT_EQ(outcomes, (std::array{Outcome::reset, expected, expected})) << there << own_reset;
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
