// Probing a bus of model drives: who is found, who is left alone, what is told, and what is left behind.
#include <gtest/gtest.h>

#include "tests/support/probe_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::Lines;
using testing::ModelDrive;
using testing::ModelDriveOptions;
using testing::ProbeBench;

constexpr PciAddress at(std::uint8_t device) {
  return testing::model_address(device);
}

/// Knows how much of it is out.
class BalancedResource final : public std::pmr::memory_resource {
 public:
  std::size_t bytes_out = 0;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    bytes_out += bytes;
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    bytes_out -= bytes;
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }
};

TEST(Probe, attaches_every_nvme_controller_and_nothing_else) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.bus.add(2, {}, 0x02'00'00);
  bench.bus.add(3, {}, 0x01'08'01);
  bench.bus.add(4);
  bench.start();
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "found 4", "attached 1", "attached 4"}));
  EXPECT_NE(bench.probe->driver(at(1)), nullptr);
  EXPECT_EQ(bench.probe->driver(at(2)), nullptr);
}

TEST(Probe, turns_on_memory_and_bus_mastering_and_turns_intx_off) {
  ProbeBench bench;
  const ModelDrive& drive = bench.bus.add(1);
  EXPECT_EQ(drive.command().raw, 0u);
  bench.start();
  bench.run();
  EXPECT_EQ(drive.command().raw, 0x0406u);
}

// The kernel may take hundreds of milliseconds to open a function and to map memory for it.
TEST(Probe, counts_no_deadline_from_before_a_function_was_opened) {
  ProbeBench bench;
  const ModelDrive& drive = bench.bus.add(1);
  bench.start();
  EXPECT_EQ(bench.probe->poll(bench.now), bench.now);
  EXPECT_TRUE(bench.bus.opened.contains(at(1)));
  EXPECT_FALSE(drive.command().get(spec::pci::Command::bus_master)) << "its bring-up went on at a time that may be long past";
  bench.now = bench.now + seconds(60);
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1"}));
  EXPECT_EQ(bench.probe->driver(at(1))->statistics().resets, 0u);
}

TEST(Probe, keeps_to_the_list_of_allowed_addresses) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.bus.add(2);
  bench.allowed = {at(2)};
  bench.start();
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 2", "attached 2"}));
}

TEST(Probe, leaves_blocked_addresses_alone_even_if_they_are_allowed) {
  ProbeBench bench;
  for (const std::uint8_t place : {1, 2, 3}) {
    bench.bus.add(place);
  }
  bench.blocked = {at(2)};
  bench.start();
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "found 3", "attached 1", "attached 3"}));
  bench.probe->detach_all(bench.now);
  bench.run();
  (void)bench.take();
  bench.allowed = {at(2), at(3)};
  bench.start();
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 3", "attached 3"}));
}

TEST(Probe, leaves_a_declined_drive_alone_and_does_not_ask_again) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.bus.add(2);
  bench.diary.declines = 1;
  bench.start();
  bench.run();
  bench.probe->probe(bench.now);
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "found 2", "attached 2"}));
  EXPECT_FALSE(bench.bus.claimed.contains(at(1)));
  EXPECT_EQ(bench.bus.slots[at(1)].drive->reads, 0u);
}

TEST(Probe, takes_the_options_that_the_listener_changed) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.diary.changes_options = true;
  bench.start();
  bench.run();
  EXPECT_EQ(bench.probe->driver(at(1))->controller().io_queues, 1u);
}

TEST(Probe, cannot_claim_what_is_claimed) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.bus.claimed.insert(at(1));
  bench.start();
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 1", "failed 1"}));
  EXPECT_EQ(bench.diary.last_failure.step, AttachFailure::Step::claim);
  EXPECT_EQ(bench.diary.last_failure.error, Errc::busy);
  EXPECT_TRUE(bench.bus.claimed.contains(at(1))) << "somebody else's claim was taken away";
}

TEST(Probe, goes_on_with_the_others_when_one_is_bad) {
  ProbeBench bench;
  bench.bus.add(1, {.cap = ~0ull});
  bench.bus.add(2, {.registers = {.never_ready = true}});
  bench.bus.add(3);
  bench.bus.add(4);
  bench.bus.slots[at(4)].opens = false;
  bench.start();
  bench.run(seconds(60));
  const Lines lines = bench.take();
  const auto has = [&](const char* line) { return std::count(lines.begin(), lines.end(), line); };
  EXPECT_EQ(has("failed 1"), 1);
  EXPECT_EQ(has("failed 2"), 1);
  EXPECT_EQ(has("attached 3"), 1);
  EXPECT_EQ(has("failed 4"), 1);
  EXPECT_EQ(bench.diary.begun_count, 2u) << "CAP is looked at before there is a driver";
  EXPECT_EQ(bench.diary.ended_count, 1u) << "a driver that never became ready ends all the same";
  EXPECT_EQ(bench.bus.claimed, std::set{at(3)});
  EXPECT_EQ(bench.bus.opened, std::set{at(3)});
  EXPECT_EQ(bench.bus.slots[at(2)].drive->allocation_count(), 0u);
}

TEST(Probe, says_why_a_drive_cannot_be_used) {
  ProbeBench bench;
  bench.bus.add(1, {.cap = 0x0000'0020'0a01'00ffull | 3ull << 48 | 1ull << 52});
  bench.start();
  bench.run();
  EXPECT_EQ(bench.diary.last_failure.step, AttachFailure::Step::bring_up);
  EXPECT_EQ(bench.diary.last_failure.error, Errc::device_nonsense);
  EXPECT_NE(bench.diary.last_why.find("CAP.MPSMIN is above CAP.MPSMAX"), std::string::npos);
}

TEST(Probe, reports_the_second_time_only_what_is_new) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.start();
  bench.run();
  bench.take();
  bench.bus.add(2);
  bench.probe->probe(bench.now);
  bench.run();
  EXPECT_EQ(bench.take(), (Lines{"found 2", "attached 2"}));
}

TEST(Probe, is_settled_when_no_drive_is_on_its_way) {
  ProbeBench bench;
  bench.bus.add(1);
  bench.bus.add(2, {.cap = ~0ull});
  bench.start();
  EXPECT_FALSE(bench.probe->is_settled());
  (void)bench.probe->poll(bench.now);
  EXPECT_FALSE(bench.probe->is_settled());
  bench.run();
  EXPECT_TRUE(bench.probe->is_settled());
}

TEST(Probe, gives_all_memory_back_when_it_knows_of_no_drive) {
  BalancedResource memory;
  ProbeBench bench;
  bench.memory = &memory;
  bench.bus.add(1);
  bench.start();
  bench.run();
  EXPECT_GT(memory.bytes_out, 0u);
  bench.probe->detach_all(bench.now);
  bench.run();
  EXPECT_EQ(memory.bytes_out, 0u);
}

TEST(Probe, does_not_touch_a_drive_that_must_be_left_alone_at_first) {
  ProbeBench bench;
  ModelDriveOptions options;
  options.vendor_id = 0x8086;
  options.device_id = 0x0953;
  ModelDrive& drive = bench.bus.add(1, options);
  bench.start();
  bench.run(milliseconds(1990));
  EXPECT_EQ(drive.reads, 0u);
  bench.run(milliseconds(500));
  EXPECT_EQ(bench.take(), (Lines{"found 1", "attached 1"}));
}

}  // namespace
}  // namespace phasebit::driver
