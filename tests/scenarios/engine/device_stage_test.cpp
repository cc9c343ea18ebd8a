// A real drive's stage, with an emulated drive in the real one's place: what only passes the seam has to be enough.
#include "scenarios/engine/device_stage.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>

#include "scenarios/engine/device_needs.hpp"
#include "scenarios/engine/interrupt.hpp"
#include "scenarios/engine/load.hpp"
#include "scenarios/engine/run_scenario.hpp"
#include "sim/world/world.hpp"
#include "src/spec/registers.hpp"
#include "src/spec/wide.hpp"

namespace phasebit::scenarios {
namespace {

struct WorldTime final : Clock {
  explicit WorldTime(sim::World& of) : world(of) {}
  Instant now() override { return world.now(); }
  sim::World& world;
};

/// An emulated drive reaches the world's memory only, where a buffer begins at any dword.
class WorldMemory final : public std::pmr::memory_resource {
 public:
  explicit WorldMemory(sim::World& world) : world_(world) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const Result<std::span<std::byte>> buffer = world_.allocate_buffer(bytes + alignment);
    if (!buffer) {
      throw std::bad_alloc();
    }
    void* data = buffer->data();
    std::size_t room = buffer->size();
    buffers_.emplace(std::align(alignment, bytes, data, room), *buffer);
    return data;
  }
  void do_deallocate(void* data, std::size_t, std::size_t) override {
    EXPECT_TRUE(world_.free_buffer(buffers_.extract(data).mapped())) << "the drive still has it";
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  sim::World& world_;
  std::map<void*, std::span<std::byte>> buffers_;
};

Scenario story(const std::string& rest) {
  const Checked<Scenario> scenario = decode_scenario("name: story\nabout: Something happens.\n" + rest, "s.yaml");
  EXPECT_TRUE(scenario) << (scenario ? "" : to_string(scenario.error().front()));
  return scenario.value_or(Scenario{});
}

/// The bus of a machine whose second drive can be put in the place of its first.
class SwappingBus {
 public:
  using BackendType = sim::EmulatedBackend;

  explicit SwappingBus(sim::World& world) : world_(world) {}

  void swap_after(unsigned claims) { first_claims_ = claims; }
  unsigned claims() const { return claims_; }

  std::vector<PciFunction> enumerate() const { return world_.bus().enumerate(); }
  Result<void> claim(PciAddress) {
    there_ = world_.drive(claims_++ < first_claims_ ? 0 : 1).address();
    return world_.bus().claim(there_);
  }
  void release(PciAddress) { world_.bus().release(there_); }
  Result<sim::EmulatedBackend*> open(PciAddress) { return world_.bus().open(there_); }
  void close(PciAddress) { world_.bus().close(there_); }
  std::optional<BusEvent> next_event() { return world_.bus().next_event(); }

 private:
  sim::World& world_;
  PciAddress there_;
  unsigned claims_ = 0;
  unsigned first_claims_ = ~0u;
};

std::string is_not_the_first(const driver::AnyDriver& driver) {
  const std::string serial(spec::unpadded(driver.controller().serial));
  return serial == "FIRST" ? "" : "serial is " + serial + ", not FIRST";
}

std::vector<sim::DriveOptions> first_and_second() {
  std::vector<sim::DriveOptions> drives(2);
  drives[0].serial = "FIRST";
  drives[1].serial = "SECOND";
  return drives;
}

/// A drive that has been in use, with `troubles` of its own that a stage knows nothing of, and another one.
struct Machine final : private sim::StreamReader {
  explicit Machine(const std::vector<sim::Fault>& troubles = {}) : world(sim::make_world(options(troubles), region)) {
    world->stream().add_reader(*this);
    world->run_until(Instant{seconds(3).ns});  // a machine's clock does not begin with the story
  }

  RunResult run(const std::string& rest) {
    const auto pause = [](void* context, Instant until) {
      auto& machine = *static_cast<Machine*>(context);
      machine.at_pause();
      machine.world->run_until(std::min(until, machine.world->now() + microseconds(1)));
    };
    const Scenario scenario = story("phases: {faulty: 2s, drain: 2s}\n" + rest);
    EXPECT_EQ(unmet_on_device(scenario, true), "");
    DeviceStage stage(bus, world->drive(0).address(), clock, pause, this, scenario.faults, &buffers, is_not_the_first);
    return run_scenario_on(stage, in_machine_time(scenario, 100), {}, memory.resource());
  }
  bool is_free() const { return !world->bus().is_claimed(0) && !world->bus().is_claimed(1); }

  sim::Region region = sim::Region::create(512 << 20).value();
  sim::WorldPointer world;
  SwappingBus bus{*world};
  WorldTime clock{*world};
  WorldMemory buffers{*world};
  sim::Region memory = sim::Region::create(64 << 20, 1).value();
  std::function<void()> at_pause = [] {};
  std::array<std::uint64_t, 2> blocks_changed{};
  std::uint64_t shutdowns = 0;  ///< orderly ones that the host has asked for

 private:
  static sim::WorldOptions options(const std::vector<sim::Fault>& troubles) {
    sim::WorldOptions options;
    options.drives = first_and_second();
    options.faults = troubles;
    return options;
  }
  void on_event(std::uint64_t, const Event& event) override {
    if (event.kind == EventKind::media_changed) {
      ++blocks_changed[event.drive];
    } else if (event.kind == EventKind::register_write && event.a == spec::offset::cc) {
      shutdowns += spec::Cc{static_cast<std::uint32_t>(event.b)}.get(spec::Cc::shn) == spec::Shn::normal ? 1 : 0;
    }
  }
};

RunResult run_on_device(const std::string& rest, const std::vector<sim::Fault>& troubles = {}) {
  return Machine(troubles).run(rest);
}

std::string objections(const RunResult& result) {
  std::string text;
  for (const Objection& objection : result.objections) {
    text += objection.judge + ": " + objection.sentence + "\n";
  }
  return text;
}

std::uint64_t count(const RunResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.counts, name, &Count::name);
  return found == result.counts.end() ? 0 : found->value;
}

const std::string work = "workload: {rw: randrw, bs: 4k, number_ios: 200, size: 1m}\n";
const std::string impatient = "driver: {command_timeout: 50ms, admin_timeout: 100ms, abort_timeout: 50ms}\n";

TEST(DeviceStage, carries_a_story_to_its_end_and_every_judge_is_content) {
  const RunResult result = run_on_device(work);
  EXPECT_EQ(objections(result), "");
  EXPECT_GE(count(result, "ok"), 200u);
  EXPECT_GT(result.events, 1000u);
  EXPECT_LT(result.virtual_ns, seconds(2).ns) << "time counts from the story's beginning";
}

TEST(DeviceStage, lets_the_faults_strike_at_the_seam) {
  const RunResult lost = run_on_device(impatient +
                                       "workload: {rw: randrw, bs: 4k, iodepth: 1, number_ios: 100, size: 1m}\n"
                                       "faults: [{what: lost_doorbell, when: {register_offset: 0x1008, nth: 9}}]\n"
                                       "expect: {counts: {timeouts: 1, resets: 1, timed_out: 1}}\n");
  EXPECT_EQ(objections(lost), "");
  const RunResult foreign = run_on_device(work + "faults: [{what: wrong_cid, when: {opcode: read, nth: 3}, value: 0x7777}]\n" + impatient +
                                          "expect: {counts: {completions_bogus: 1..9}}\n");
  EXPECT_EQ(objections(foreign), "");
  const RunResult stuck = run_on_device(work + "faults: [{what: fatal, when: {nth: 20}, lasts: 1ms}]\n");
  EXPECT_FALSE(stuck.faults.empty());
}

TEST(DeviceStage, does_not_give_back_what_was_pulled_out) {
  const RunResult result = run_on_device(work +
                                         "faults: [{what: surprise_removal, when: {nth: 300}}]\n"
                                         "expect: {work: some, state: gone, counts: {event_removed: 1}}\n");
  EXPECT_EQ(objections(result), "");
  EXPECT_LT(result.virtual_ns, seconds(1).ns) << "nobody waits for what cannot come";
}

TEST(DeviceStage, makes_a_fault_that_never_struck_an_objection) {
  const RunResult result = run_on_device(work + "faults: [{what: lost_doorbell, when: {register_offset: 0x1008, nth: 90000}}]\n");
  EXPECT_NE(objections(result).find("never"), std::string::npos) << objections(result);
}

const std::string some_work = "workload: {rw: randwrite, bs: 4k, number_ios: 5000, size: 1m}\n";
const std::string long_work = "workload: {rw: randwrite, bs: 4k, number_ios: 20000, size: 1m}\n";

sim::Fault after_a_while(sim::Verb what) {
  sim::Fault fault;
  fault.what = what;
  fault.when.site = sim::Site::time;
  fault.when.drive = 0;
  fault.when.not_before = Instant{} + seconds(3) + milliseconds(30);
  fault.lasts = microseconds(1);
  fault.delay = milliseconds(500);
  return fault;
}

TEST(DeviceStage, writes_nothing_to_another_drive_that_comes_back_in_the_place_of_the_one_that_was_meant) {
  Machine machine({after_a_while(sim::Verb::return_after_removal)});
  machine.bus.swap_after(1);
  const RunResult result = machine.run(long_work);
  EXPECT_EQ(objections(result), "environment: serial is SECOND, not FIRST\n");
  EXPECT_EQ(exit_code(result), ExitCode::environment);
  EXPECT_GT(machine.blocks_changed[0], 0u);
  EXPECT_EQ(machine.blocks_changed[1], 0u);
  EXPECT_TRUE(machine.is_free());
  EXPECT_EQ(machine.bus.claims(), 2u);
}

TEST(DeviceStage, goes_on_with_the_drive_that_was_meant_when_it_is_back) {
  Machine machine({after_a_while(sim::Verb::return_after_removal)});
  EXPECT_EQ(objections(machine.run(some_work + "expect: {work: some, counts: {attached: 2, event_removed: 1}}\n")), "");
  EXPECT_EQ(machine.bus.claims(), 2u);
}

TEST(DeviceStage, writes_nothing_to_another_drive_that_was_put_there_between_two_stories) {
  Machine machine;
  machine.bus.swap_after(1);
  EXPECT_EQ(objections(machine.run(work)), "");
  const std::uint64_t before = machine.blocks_changed[0];
  EXPECT_GT(before, 0u);
  EXPECT_EQ(objections(machine.run(work)), "environment: serial is SECOND, not FIRST\n");
  EXPECT_EQ(machine.blocks_changed[0], before);
  EXPECT_EQ(machine.blocks_changed[1], 0u);
  EXPECT_TRUE(machine.is_free());
}

TEST(DeviceStage, ends_its_story_when_somebody_asks_for_the_drive) {
  Machine machine({after_a_while(sim::Verb::orderly_removal)});
  const RunResult result = machine.run(long_work);
  EXPECT_EQ(objections(result),
            "environment: somebody asks for the drive: it is shut down and given back, and the story ends before its time\n");
  EXPECT_EQ(exit_code(result), ExitCode::environment);
  EXPECT_LT(result.virtual_ns, milliseconds(400).ns) << "who asks waits no longer than half a second";
  EXPECT_EQ(machine.bus.claims(), 1u) << "what was given back is not taken again";
  EXPECT_TRUE(machine.is_free());
}

TEST(DeviceStage, shuts_the_drive_down_in_order_if_the_program_is_asked_to_stop) {
  const auto ends_in_order = [] {
    Machine machine;
    machine.at_pause = [&] {
      if (machine.blocks_changed[0] > 1000 && interrupt_seen() == 0) {
        ::raise(SIGTERM);
      }
    };
    const RunResult result = machine.run(long_work);
    return objections(result) == "environment: it was asked to stop\n" && machine.is_free() && machine.shutdowns == 1;
  };
  const auto story_that_is_interrupted = [&] {
    remember_interrupts();
    std::exit(ends_in_order() ? 0 : 1);
  };
  EXPECT_EXIT(story_that_is_interrupted(), ::testing::ExitedWithCode(0), "");
}

TEST(DeviceStage, without_memory_for_a_buffer_says_so) {
  sim::Region region = sim::Region::create(256 << 20).value();
  const sim::WorldPointer world = sim::make_world({}, region);
  WorldTime clock(*world);
  DeviceStage stage(
      world->bus(), world->drive(0).address(), clock, [](void*, Instant) {}, nullptr, {}, std::pmr::null_memory_resource(),
      is_not_the_first);
  EXPECT_EQ(stage.allocate_buffer(512).error(), Errc::out_of_memory);
}

TEST(DeviceStage, notices_a_drive_that_loses_writes) {
  sim::Fault lose;
  lose.what = sim::Verb::lose;
  lose.when.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::write);
  lose.when.admin = false;
  lose.times = 0;
  const std::string found = objections(run_on_device(work, {lose}));
  EXPECT_NE(found.find("oracle data_integrity"), std::string::npos) << found;
}

TEST(DeviceNeeds, name_what_a_real_drive_cannot_do) {
  const auto unmet = [](const std::string& rest, bool may_write = true) { return unmet_on_device(story(rest), may_write); };
  EXPECT_EQ(unmet(work), "");
  EXPECT_EQ(unmet("needs: [virtual_time]\n" + work), "needs virtual time");
  EXPECT_EQ(unmet("sqlite: {}\n"), "cuts the power of a world and goes back to the moment before");
  EXPECT_EQ(unmet("drives: [{}, {}]\n" + work), "needs several drives");
  EXPECT_EQ(unmet("drive: {queue_entries_max: 16}\n" + work), "is about an emulated drive with properties of its own");
  EXPECT_EQ(unmet("driver: {interrupts: true}\n" + work), "waits for interrupts, which do not tell of what an interposer shows");
  EXPECT_EQ(unmet(work + "faults: [{what: corrupt, when: {nth: 1}}]\n").substr(0, 44), "corrupt cannot be done to a real drive: the ");
  EXPECT_EQ(unmet(work + "faults: [{what: drop, when: {after: 1ms}}]\n"), "a fault strikes at a virtual time");
  EXPECT_EQ(unmet(work, false), "writes, and the drive is only read without --destructive");
  EXPECT_EQ(unmet("workload: {rw: randread, rare: 1}\n", false), "writes, and the drive is only read without --destructive");
  EXPECT_EQ(unmet("workload: {rw: randread}\n", false), "");
}

std::string unmet_on(const DriveSeen& seen, const std::string& rest) {
  const Scenario scenario = story(rest);
  EXPECT_EQ(unmet_on_device(scenario, true), "") << rest;
  return unmet_on_drive(scenario, seen);
}

/// Namespace 1 has 64 MiB in blocks of 512 bytes, namespace 2 has 16 MiB in blocks of 4096.
DriveSeen drive_seen(std::uint16_t commands = 0, std::uint32_t queue_pairs = 2) {
  driver::Namespace second{.nsid = Nsid{2}, .blocks = 4096, .block_bytes = 4096};
  second.eui64[0] = 7;
  return {commands, queue_pairs, {{.nsid = Nsid{1}, .blocks = 131'072}, second}};
}

TEST(DeviceNeeds, name_commands_that_this_drive_has_not) {
  EXPECT_EQ(unmet_on(drive_seen(0), work), "");
  EXPECT_EQ(unmet_on(drive_seen(0x8f), "workload: {rare: 5}\n"), "");
  EXPECT_EQ(unmet_on(drive_seen(0x0d), "workload: {rare: 5}\n"), "uses optional commands that this drive has not (ONCS is 0xd)");
}

TEST(DeviceNeeds, name_queues_that_this_drive_does_not_grant) {
  EXPECT_EQ(unmet_on(drive_seen(), "workload: {numjobs: 2}\n"), "");
  EXPECT_EQ(unmet_on(drive_seen(), "workload: {numjobs: 3}\n"), "needs 3 pairs of I/O queues, and this drive grants 2");
  EXPECT_EQ(unmet_on(drive_seen(), "workloads: [{submission_queues: 2}, {numjobs: 2}]\n"),
            "needs 4 pairs of I/O queues, and this drive grants 2");
  const std::string two = "drive: {io_submission_queues: 2, io_completion_queues: 9}\nworkload: {numjobs: 4}\n";
  EXPECT_EQ(unmet_on(drive_seen(0, 2), two), "");
  EXPECT_EQ(unmet_on(drive_seen(0, 64), two), "is about a drive with 2 pairs of I/O queues, and this one grants 64");
}

TEST(DeviceNeeds, name_namespaces_that_this_drive_has_not) {
  const auto beside = [](const std::string& second) {
    return unmet_on(drive_seen(), "drive: {namespaces: [{nsid: 1, blocks: 64k}, {nsid: 2, " + second + "}]}\nworkload: {size: 1m}\n");
  };
  EXPECT_EQ(beside("blocks: 4k, block_bytes: 4096"), "");
  EXPECT_EQ(beside("blocks: 4k, block_bytes: 512"), "is about a drive whose namespace 2 has 4096 blocks of 512 bytes");
  EXPECT_EQ(beside("blocks: 4097, block_bytes: 4096"), "is about a drive whose namespace 2 has 4097 blocks of 4096 bytes");
  EXPECT_EQ(beside("blocks: 4k, block_bytes: 4096, eui64: \"0700000000000000\""), "");
  EXPECT_NE(beside("blocks: 4k, block_bytes: 4096, eui64: \"0800000000000000\""), "");
  EXPECT_NE(beside("blocks: 4k, block_bytes: 4096, active: false"), "");
  EXPECT_EQ(unmet_on({0, 2, {}}, work), "works on namespace 1, which this drive has not");
  EXPECT_EQ(unmet_on(drive_seen(), "workload: {size: 64m}\n"), "");
  EXPECT_EQ(unmet_on(drive_seen(), "workload: {offset: 1m, size: 64m}\n"), "works on more than namespace 1 of this drive has");
  EXPECT_EQ(unmet_on(drive_seen(), "workload: {offset: 64m}\n"), "works on more than namespace 1 of this drive has");
}

TEST(MachineTime, scales_deadlines_and_forgives_slowness) {
  const Scenario scaled = in_machine_time(story(impatient + "expect: {slowest_operation: 20ms..30ms}\n"), 50);
  EXPECT_EQ(scaled.driver.command_timeout, milliseconds(25));
  EXPECT_EQ(scaled.phases.drain, seconds(150));
  EXPECT_EQ(scaled.expect.slowest_operation->shortest, milliseconds(10));
  EXPECT_EQ(scaled.expect.slowest_operation->longest, Duration{~0ull});
}

}  // namespace
}  // namespace phasebit::scenarios
