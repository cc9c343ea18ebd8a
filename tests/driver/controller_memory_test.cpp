// The controller's own memory: which offers are taken, how a ring lies there, and a whole driver on drives that have it.
#include "src/driver/controller_memory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory_resource>
#include <vector>

#include "sim/monitor/monitor.hpp"
#include "sim/world/world.hpp"
#include "src/driver/controller_registers.hpp"
#include "src/driver/probe.hpp"
#include "src/driver/queue_pair.hpp"
#include "src/spec/io_commands.hpp"
#include "tests/support/memory_backend.hpp"
#include "tests/support/probe_diary.hpp"

namespace phasebit::driver {
namespace {

using testing::MemoryBackend;

constexpr std::uint64_t memory_page = 4096;
constexpr std::uint64_t doorbells_end = 0x1100;

std::optional<ControllerMemoryOffer> offer_told(std::uint32_t location, std::uint32_t size) {
  return offer_of(spec::Cmbloc{location}, spec::Cmbsz{size}, doorbells_end);
}

// CMBLOC and CMBSZ put together by hand: BIR in bits 2:0, offset from bit 12; uses in bits 4:0, unit in 11:8, size from bit 12.
TEST(ControllerMemoryOffer, is_read_from_both_registers) {
  const auto found = offer_told(0x0000'3002, 0x0000'2109);  // BAR 2, 3 units on; 2 units of 64 KiB; SQS, RDS
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->place, (BarRange{2, 3 * 65536, 2 * 65536}));
  EXPECT_TRUE(found->queues && found->data_of_reads);
  EXPECT_FALSE(found->data_of_writes);
}

TEST(ControllerMemoryOffer, of_bars_that_can_be_is_taken_and_of_others_it_is_not) {
  for (std::uint32_t bar = 0; bar < 8; ++bar) {
    const bool can_be = bar == 0 || (bar >= 2 && bar <= 5);
    EXPECT_EQ(offer_told(0x0000'2000 | bar, 0x0000'1001).has_value(), can_be) << bar;
  }
}

TEST(ControllerMemoryOffer, among_registers_and_doorbells_is_not_taken) {
  EXPECT_FALSE(offer_told(0x0000'0000, 0x0000'1001).has_value());
  EXPECT_FALSE(offer_told(0x0000'1000, 0x0000'1001).has_value()) << "0x1000 lies before 0x1100";
  EXPECT_TRUE(offer_told(0x0000'2000, 0x0000'1001).has_value());
  EXPECT_TRUE(offer_told(0x0000'0002, 0x0000'1001).has_value()) << "in another BAR there are none";
}

TEST(ControllerMemoryOffer, of_nothing_or_of_a_reserved_unit_is_not_taken) {
  EXPECT_FALSE(offer_told(0x0000'0002, 0x0000'0001).has_value());
  for (std::uint32_t unit = 7; unit < 16; ++unit) {
    EXPECT_FALSE(offer_told(0x0000'0002, 0x0000'1001 | unit << 8).has_value()) << unit;
  }
  EXPECT_TRUE(offer_told(0x0000'0002, 0xffff'f601).has_value()) << "2^20 units of 64 GiB: the BAR will tell";
  EXPECT_FALSE(offer_told(0xffff'ffff, 0xffff'ffff).has_value()) << "the function is gone";
}

TEST(ControllerMemoryOffer, serves_only_what_was_wanted) {
  const ControllerMemoryOffer queues{{}, true, false, false};
  const ControllerMemoryOffer reads{{}, false, true, false};
  const ControllerMemoryOffer writes{{}, false, false, true};
  using enum ControllerMemoryUse;
  EXPECT_TRUE(serves(queues, submission_queues) && serves(queues, submission_queues_and_data));
  EXPECT_FALSE(serves(queues, none) || serves(queues, data));
  EXPECT_TRUE(serves(reads, data) && serves(writes, data) && serves(reads, submission_queues_and_data));
  EXPECT_FALSE(serves(reads, submission_queues) || serves(writes, none));
}

ControllerMemory four_pages(std::uint64_t base = 0x10'0000) {
  static std::array<std::byte, 4 * memory_page> bytes;
  const ControllerMemoryFound found{{{2, 0, 4 * memory_page}, true, true, true}, {bytes.data(), bytes.size(), Iova{base}}};
  return {found, ControllerMemoryUse::submission_queues_and_data, std::pmr::new_delete_resource()};
}

TEST(ControllerMemory, is_handed_out_without_overlap_until_it_is_full) {
  ControllerMemory memory = four_pages();
  const auto first = memory.take(memory_page, memory_page);
  const auto second = memory.take(2 * memory_page, memory_page);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->iova, Iova{0x10'0000});
  EXPECT_EQ(second->iova, Iova{0x10'0000 + memory_page});
  EXPECT_EQ(second->data, first->data + memory_page);
  EXPECT_FALSE(memory.take(2 * memory_page, memory_page).has_value());
  EXPECT_TRUE(memory.take(memory_page, memory_page).has_value());
  EXPECT_FALSE(memory.take(1, 1).has_value());
  EXPECT_FALSE(memory.take(0, 1).has_value());
}

TEST(ControllerMemory, fills_the_first_gap_that_is_large_enough) {
  ControllerMemory memory = four_pages();
  const auto first = memory.take(memory_page, memory_page);
  const auto second = memory.take(memory_page, memory_page);
  const auto third = memory.take(memory_page, memory_page);
  ASSERT_TRUE(memory.give_back(*second));
  EXPECT_FALSE(memory.give_back(*second)) << "it has no owner any more";
  EXPECT_FALSE(memory.take(2 * memory_page, memory_page).has_value()) << "two gaps of a page are none of two";
  EXPECT_EQ(memory.take(memory_page, memory_page)->iova, second->iova);
  ASSERT_TRUE(memory.give_back(*first) && memory.give_back(*third));
  EXPECT_EQ(memory.take(2 * memory_page, memory_page)->iova, third->iova) << "with the page behind it";
}

TEST(ControllerMemory, aligns_what_the_controller_sees) {
  ControllerMemory memory = four_pages(0x10'1000);
  const auto part = memory.take(memory_page, 2 * memory_page);
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->iova, Iova{0x10'2000});
  EXPECT_FALSE(memory.take(2 * memory_page, 2 * memory_page).has_value()) << "the next such address leaves a page";
  EXPECT_FALSE(memory.take(memory_page, ~0ull ^ (~0ull >> 1)).has_value());
}

TEST(ControllerMemory, that_was_left_hands_out_nothing_and_counts_as_lost) {
  ControllerMemory memory = four_pages();
  const auto part = memory.take(memory_page, memory_page);
  EXPECT_TRUE(memory.takes_queues() && memory.takes_data());
  memory.leave();
  EXPECT_FALSE(memory.is_there() || memory.takes_queues() || memory.takes_data() || memory.take(memory_page, memory_page).has_value());
  EXPECT_EQ(memory.shape().bytes, 0u);
  EXPECT_EQ(memory.shape().losses, 1u);
  EXPECT_TRUE(memory.give_back(*part));
}

/// CMBMSC and CMBSTS as a script wants them to read; all else is memory.
struct ScriptedControl : MemoryBackend {
  std::uint32_t read32(std::uint32_t offset) {
    ++reads;
    return offset == spec::offset::cmbmsc ? control : offset == spec::offset::cmbsts ? status : 0;
  }
  std::uint32_t control = 0;
  std::uint32_t status = 0;
};
using MemoryControl = ControllerRegisters<ScriptedControl>;

TEST(ControllerRegisters, show_the_controllers_memory_and_leave_the_rest_of_cmbmsc) {
  ScriptedControl device;
  device.control = 0x1234'5002;
  EXPECT_TRUE(MemoryControl(device).show_controller_memory());
  EXPECT_EQ(device.writes, (std::vector{testing::RegisterWrite{0x50, 0x1234'5003}}));
  device.control = 0x1234'5003;
  EXPECT_TRUE(MemoryControl(device).show_controller_memory());
  EXPECT_EQ(device.writes.size(), 1u) << "it was shown already";
  device.control = ~0u;
  EXPECT_FALSE(MemoryControl(device).show_controller_memory());
  EXPECT_EQ(device.writes.size(), 1u) << "nothing is written to what reads as all ones";
}

TEST(ControllerRegisters, place_the_controllers_memory_with_the_half_that_enables_last) {
  ScriptedControl device;
  MemoryControl registers(device);
  EXPECT_EQ(registers.place_controller_memory(Iova{0x12'3456'7000}), MemoryControl::Placed::there);
  EXPECT_EQ(device.writes, (std::vector{testing::RegisterWrite{0x54, 0x12}, testing::RegisterWrite{0x50, 0x3456'7003}}));
  device.status = 1;
  EXPECT_EQ(registers.place_controller_memory(Iova{0x12'3456'7000}), MemoryControl::Placed::refused);
  device.status = ~0u;
  EXPECT_EQ(registers.place_controller_memory(Iova{0x12'3456'7000}), MemoryControl::Placed::silent);
}

/// Two memories for a ring, each full of a byte of its own.
struct RingBench {
  explicit RingBench(std::uint32_t entries) : near(*backend.allocate_dma(entries * 64ull)), far(*backend.allocate_dma(entries * 64ull)) {
    std::memset(near.data, 0x5a, near.bytes);
    std::memset(far.data, 0xa5, far.bytes);
  }
  static bool lies_in(const DmaRegion& region, const void* address) {
    return address >= region.data && address < region.data + region.bytes;
  }
  MemoryBackend backend;
  DmaRegion near;
  DmaRegion far;
};

TEST(SubmissionRing, in_controller_memory_gets_whole_entries_that_were_made_elsewhere) {
  RingBench bench(4);
  SubmissionRing<MemoryBackend> ring(bench.backend, bench.near, 4, 0x1008, bench.far);
  ring.use_controller_memory(true);
  for (std::uint32_t i = 0; i < 10; ++i) {
    const std::uint32_t slot = ring.tail();
    spec::Sqe& entry = ring.next();
    EXPECT_FALSE(RingBench::lies_in(bench.far, &entry)) << "a field that is set or looked at would be a load from the device";
    entry = spec::read(Nsid{i + 1}, Lba{i}, 8);
    entry.cid = static_cast<std::uint16_t>(i);
    const spec::Sqe expected = entry;
    ring.advance();
    EXPECT_EQ(std::memcmp(bench.far.data + slot * 64, &expected, sizeof expected), 0);
    ASSERT_TRUE(ring.ring());
    ASSERT_TRUE(ring.take_head(ring.tail()));
    std::memset(bench.far.data + slot * 64, 0xa5, 64);
  }
  EXPECT_EQ(std::count(bench.near.data, bench.near.data + bench.near.bytes, std::byte{0x5a}), 256) << "the host's memory is not used";
}

TEST(SubmissionRing, lies_in_the_hosts_memory_until_it_is_told_and_where_it_has_no_other) {
  RingBench bench(4);
  SubmissionRing<MemoryBackend> ring(bench.backend, bench.near, 4, 0x1008, bench.far);
  EXPECT_TRUE(RingBench::lies_in(bench.near, &ring.next()));
  ring.use_controller_memory(true);
  ring.use_controller_memory(false);
  EXPECT_TRUE(RingBench::lies_in(bench.near, &ring.next()));
  SubmissionRing<MemoryBackend> without(bench.backend, bench.near, 4, 0x1008);
  without.use_controller_memory(true);
  EXPECT_TRUE(RingBench::lies_in(bench.near, &without.next()));
}

TEST(QueuePair, writes_to_the_rings_that_its_order_names) {
  MemoryBackend backend;
  std::array<SubmissionSetup, 2> submissions;
  for (std::uint16_t i = 0; i < 2; ++i) {
    submissions[i] = {Qid{static_cast<std::uint16_t>(i + 1)}, 4, *backend.allocate_dma(256), 0x1008u + 8 * i, *backend.allocate_dma(256)};
  }
  QueuePair<MemoryBackend> pair(backend, {Qid{1}, 8, *backend.allocate_dma(128), 0x100c, submissions}, std::pmr::new_delete_resource());
  const auto opcode_at = [&](std::uint32_t queue, bool far) {
    return static_cast<std::uint8_t>((far ? submissions[queue].controller_memory : submissions[queue].memory).data[0]);
  };
  const spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 1);
  pair.control().go_live(0b10);
  ASSERT_TRUE(pair.push(sqe, 1, 1, 0).has_value() && pair.push(sqe, 2, 1, 1).has_value());
  EXPECT_EQ(opcode_at(0, false), sqe.opcode);
  EXPECT_EQ(opcode_at(0, true), 0);
  EXPECT_EQ(opcode_at(1, false), 0);
  EXPECT_EQ(opcode_at(1, true), sqe.opcode);
  pair.control().stop(Outcome::reset, false);
  std::array<Completion, 8> completions;
  EXPECT_EQ(pair.reap(completions), 2u);
  pair.control().go_live();
  ASSERT_TRUE(pair.push(sqe, 3, 1, 1).has_value());
  EXPECT_EQ(opcode_at(1, false), sqe.opcode) << "after a reset it lies where the control plane says now";
}

// A whole driver.

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
    const DmaRegion data = buffer(2 * memory_page);
    std::memset(data.data, ++pattern, memory_page);
    const bool written = perform(channel, spec::NvmOpcode::write, pattern * 8, data.slice(0, memory_page)).outcome == Outcome::ok;
    const bool read = perform(channel, spec::NvmOpcode::read, pattern * 8, data.slice(memory_page, memory_page)).outcome == Outcome::ok;
    return written && read && std::memcmp(data.data, data.data + memory_page, memory_page) == 0;
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
  sim::ControllerMemoryOptions memory = memory_of(16 * memory_page);
  memory.data_of_reads = memory.data_of_writes = true;
  return memory;
}

constexpr auto queues_only = ControllerMemoryUse::submission_queues;

TEST(DriverOnControllerMemory, puts_submission_queues_there_wherever_it_lies) {
  for (const std::uint32_t bar : {0u, 2u, 4u}) {
    sim::ControllerMemoryOptions memory = memory_of(16 * memory_page);
    memory.bar = bar;
    memory.offset = 3 * memory_page;
    MemoryBench bench(memory, queues_only);
    EXPECT_EQ(bench.driver().controller().controller_memory_bytes, 16 * memory_page);
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
  MemoryBench bench(memory_of(16 * memory_page), queues_only, 4);
  const ChannelId channel = bench.open_channel();
  const DmaRegion data = bench.buffer(memory_page);
  const std::uint32_t before = bench.watch.register_reads;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(bench.perform(channel, spec::NvmOpcode::write, 8, data).outcome, Outcome::ok);
  }
  EXPECT_EQ(bench.watch.register_reads, before);
}

TEST(DriverOnControllerMemory, leaves_it_alone_unless_it_is_wanted_and_there) {
  MemoryBench unwanted(memory_of(16 * memory_page), ControllerMemoryUse::none);
  EXPECT_EQ(unwanted.watch.memory_writes, 0u);
  EXPECT_EQ(unwanted.driver().controller().controller_memory_bytes, 0u);
  EXPECT_TRUE(unwanted.works(unwanted.open_channel()));
  MemoryBench missing(sim::ControllerMemoryOptions{}, queues_only);
  EXPECT_EQ(missing.watch.memory_writes, 0u);
  EXPECT_TRUE(missing.works(missing.open_channel()));
  MemoryBench for_nothing(memory_of(16 * memory_page), ControllerMemoryUse::data);
  EXPECT_EQ(for_nothing.driver().controller().controller_memory_bytes, 0u) << "it takes queues only";
}

TEST(DriverOnControllerMemory, uses_the_hosts_memory_for_what_finds_no_room_there) {
  MemoryBench bench(memory_of(2 * memory_page), queues_only, 64);  // a page for each queue
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
  MemoryBench bench(memory_of(16 * memory_page), queues_only);
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
    sim::ControllerMemoryOptions memory = memory_of(16 * memory_page);
    memory.location_told = lie.location;
    memory.size_told = lie.size;
    MemoryBench bench(memory, queues_only);
    EXPECT_EQ(bench.driver().controller().controller_memory_bytes, 0u);
    EXPECT_TRUE(bench.works(bench.open_channel()));
    EXPECT_EQ(bench.made_there(), 0u);
  }
}

TEST(DriverOnControllerMemory, uses_the_hosts_memory_where_a_queue_is_refused_after_all) {
  sim::ControllerMemoryOptions memory = memory_of(16 * memory_page);
  memory.queues = false;
  memory.size_told = 0x0001'0001;
  MemoryBench bench(memory, queues_only);
  EXPECT_EQ(bench.driver().controller().controller_memory_bytes, 16 * memory_page);
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
  EXPECT_EQ(bench.driver().allocate_controller_memory(memory_page).error(), Errc::unsupported);
}

TEST(DriverOnControllerMemory, writes_nothing_more_to_a_function_that_falls_silent_when_it_is_placed) {
  sim::Fault silence;
  silence.what = sim::Verb::all_ones;
  silence.when.site = sim::Site::register_read;
  silence.when.register_offset = spec::offset::cmbsts;
  silence.when.state = sim::StateMatch{0, static_cast<std::uint16_t>(BringUpRow::enable), 1};
  silence.lasts = milliseconds(1);
  MemoryBench bench(memory_of(16 * memory_page), queues_only, 32, {silence});
  EXPECT_EQ(bench.world->faults().fired(0), 1u);
  EXPECT_TRUE(bench.works(bench.open_channel()));
  EXPECT_EQ(bench.made_there(), 1u) << "after a reset it is there all the same";
}

TEST(DriverOnControllerMemory, lends_it_for_data_of_both_directions) {
  MemoryBench bench(memory_for_data(), ControllerMemoryUse::data);
  EXPECT_TRUE(bench.driver().controller().controller_memory_reads && bench.driver().controller().controller_memory_writes);
  const ChannelId channel = bench.open_channel();
  EXPECT_EQ(bench.made_there(), 0u) << "queues were not asked for";
  const DmaRegion out = bench.driver().allocate_controller_memory(3 * memory_page).value();
  const DmaRegion in = bench.driver().allocate_controller_memory(3 * memory_page).value();
  std::memset(out.data, 'o', out.bytes);
  std::memset(in.data, 'i', in.bytes);
  EXPECT_EQ(bench.perform(channel, spec::NvmOpcode::write, 16, out).outcome, Outcome::ok);
  EXPECT_EQ(bench.perform(channel, spec::NvmOpcode::read, 16, in).outcome, Outcome::ok);
  EXPECT_EQ(std::memcmp(in.data, out.data, in.bytes), 0);
  EXPECT_EQ(bench.driver().allocate_controller_memory(0).error(), Errc::invalid_argument);
  EXPECT_EQ(bench.driver().allocate_controller_memory(11 * memory_page).error(), Errc::out_of_memory);
  bench.driver().free_controller_memory(out);
  bench.driver().free_controller_memory(in);
  const DmaRegion all = bench.driver().allocate_controller_memory(15 * memory_page + 100).value();
  EXPECT_EQ(all.bytes, 15 * memory_page + 100);
  bench.driver().free_controller_memory(all);
}

TEST(DriverOnControllerMemory, lends_none_for_data_that_was_not_offered_or_not_wanted) {
  MemoryBench queues(memory_for_data(), queues_only);
  EXPECT_EQ(queues.driver().allocate_controller_memory(memory_page).error(), Errc::unsupported);
  EXPECT_FALSE(queues.driver().controller().controller_memory_reads);
  MemoryBench data(memory_of(16 * memory_page), ControllerMemoryUse::submission_queues_and_data);
  EXPECT_EQ(data.driver().allocate_controller_memory(memory_page).error(), Errc::unsupported);
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
      const DmaRegion data = there ? bench.driver().allocate_controller_memory(memory_page).value() : bench.buffer(memory_page);
      const auto outcomes = outcomes_over(bench, data, [&] { own_reset ? bench.driver().reset(bench.world->now()) : bench.flap(); });
      const Outcome expected = there ? Outcome::rejected : Outcome::ok;
      EXPECT_EQ(outcomes, (std::array{Outcome::reset, expected, expected})) << there << own_reset;
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
