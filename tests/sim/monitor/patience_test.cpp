// What the monitor must not hold against a host: it can only know what it was told, and only do what arrives.
#include <gtest/gtest.h>

#include <cstring>
#include <string_view>

#include "sim/faults/verb.hpp"
#include "sim/monitor/monitor.hpp"
#include "src/spec/command.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::sim {
namespace {

/// A drive and its host as hand-written events.
class Story {
 public:
  Story() {
    tell(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::capabilities), spec::Cap{}.with(spec::Cap::mqes, 1023).raw,
         0x20000);
    announce(100);
    tell(EventKind::register_write, 0, spec::offset::cc, 0x460001, 4);
    tell(EventKind::queue_made, 1, 4 | 1u << 31, 0x1000, 1);
    tell(EventKind::queue_made, 1, 4, 0x2000, 1);
  }

  void tell(EventKind kind, std::uint16_t queue, std::uint32_t a, std::uint64_t b, std::uint64_t c) {
    monitor_.on_event(number_++, Event{Le64{}, kind, 0, queue, a, b, c});
  }
  void announce(std::uint64_t blocks) {
    tell(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::namespace_state),
         1 | std::uint64_t{blocks != 0} << 32 | 9ull << 40, blocks);
  }
  /// The host exposes it with so many blocks, or withdraws it.
  void see(std::uint64_t blocks) { tell(EventKind::namespace_seen, 0, 1, blocks, 512); }
  void read_of(std::uint64_t lba) {
    const spec::Sqe sqe = spec::read(Nsid{1}, Lba{lba}, 1);
    std::uint64_t words[8] = {};
    static_assert(sizeof(words) == sizeof(sqe));
    std::memcpy(words, &sqe, sizeof(sqe));
    tell(EventKind::sqe_fetched, 1, 0, 2 | 1ull << 32, 0);
    for (std::uint32_t part = 0; part < 4; ++part) {
      tell(EventKind::sqe_part, 1, part, words[2 * part], words[2 * part + 1]);
    }
  }
  /// Of command 0 of SQ 1.
  void answer(std::uint32_t slot) { tell(EventKind::cqe_posted, 1, slot | 1u << 16, 0, 1u << 16 | 1ull << 48); }

  std::size_t count(std::string_view id) const {
    std::size_t found = 0;
    for (const Violation& violation : monitor_.violations()) {
      found += violation.rule->id == id ? 1 : 0;
    }
    return found;
  }

 private:
  Monitor monitor_;
  std::uint64_t number_ = 0;
};

TEST(Patience, a_host_may_use_a_namespace_as_it_saw_it_until_it_has_looked_again) {
  Story story;
  story.see(100);
  story.announce(50);
  story.read_of(99);
  story.announce(0);
  story.read_of(99);
  EXPECT_EQ(story.count("CMD-11") + story.count("CMD-06"), 0u);
  story.read_of(100);
  EXPECT_EQ(story.count("CMD-11"), 1u);
  story.see(0);
  story.read_of(0);
  EXPECT_EQ(story.count("CMD-06"), 1u);
}

TEST(Patience, a_command_that_was_held_up_is_judged_by_what_its_host_knew_when_it_pushed) {
  Story story;
  story.see(100);
  story.tell(EventKind::command_pushed, 1, 0, 7, 2);
  story.announce(0);
  story.see(0);
  story.read_of(99);
  EXPECT_EQ(story.count("CMD-06"), 0u);
  story.tell(EventKind::command_pushed, 1, 0, 8, 2);
  story.read_of(99);
  EXPECT_EQ(story.count("CMD-06"), 1u);
}

TEST(Patience, a_queue_that_was_lost_without_its_hosts_doing_may_be_rung_until_the_host_has_looked) {
  Story story;
  story.tell(EventKind::function_gone, 0, 1, 0, 0);
  story.tell(EventKind::function_back, 0, 0, 0, 0);
  story.tell(EventKind::register_write, 0, spec::offset::doorbells + 8, 1, 4);
  story.tell(EventKind::register_write, 0, spec::offset::doorbells, 1, 4);
  EXPECT_EQ(story.count("INI-27") + story.count("INI-18"), 0u);
  story.tell(EventKind::register_read, 0, spec::offset::csts, 0, 4);
  story.tell(EventKind::register_write, 0, spec::offset::doorbells + 8, 2, 4);
  story.tell(EventKind::register_write, 0, spec::offset::doorbells, 2, 4);
  EXPECT_EQ(story.count("INI-27"), 1u);
  EXPECT_EQ(story.count("INI-18"), 1u);
}

TEST(Patience, nothing_is_held_against_a_host_that_let_go_of_a_function_that_it_found_gone) {
  for (const bool was_gone : {false, true}) {
    Story story;
    story.tell(EventKind::register_read, 0, spec::offset::csts, was_gone ? 0xffff'ffff : 1, 4);
    story.tell(EventKind::function_released, 0, 0, 0, 0);
    story.tell(EventKind::dma_access, 1, 0, 0x5000, 16);
    EXPECT_EQ(story.count("DMA-07"), was_gone ? 0u : 1u);
    story.tell(EventKind::register_read, 0, spec::offset::csts, 1, 4);
    story.tell(EventKind::register_write, 0, spec::offset::cc, 0x460000, 4);
    story.tell(EventKind::dma_access, 1, 0, 0x5000, 16);
    EXPECT_EQ(story.count("DMA-07"), was_gone ? 1u : 2u) << "a reset ends the patience";
  }
}

/// Submits again to a full ring after an entry that names SQ 1 and says that its head moved on.
std::size_t que_21_after_entry(std::uint16_t cqid, std::uint16_t cid) {
  Story story;
  story.tell(EventKind::queue_made, 2, 4 | 1u << 31, 0x4000, 1);
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    story.tell(EventKind::register_write, 0, spec::offset::doorbells + 8, slot + 1, 4);
    story.read_of(0);
  }
  story.tell(EventKind::cqe_posted, cqid, 1u << 16, 0, 1u << 16 | 1 | static_cast<std::uint64_t>(cid) << 32 | 1ull << 48);
  story.tell(EventKind::register_write, 0, spec::offset::doorbells + 8, 0, 4);
  return story.count("QUE-21");
}

TEST(Patience, an_entry_that_answers_nothing_reports_no_head) {
  EXPECT_EQ(que_21_after_entry(1, 0), 0u);
  EXPECT_EQ(que_21_after_entry(1, 7), 1u) << "no such command is out";
  EXPECT_EQ(que_21_after_entry(2, 0), 1u) << "SQ 1 is none of CQ 2's";
}

TEST(Patience, an_entry_that_was_posted_may_be_taken_after_a_power_cut) {
  Story story;
  story.tell(EventKind::command_pushed, 1, 0, 7, 2);
  story.read_of(0);
  story.answer(0);
  story.tell(EventKind::power_cut, 0, 0, 0, 0);
  story.tell(EventKind::command_finished, 1, 0, 7, 0);
  EXPECT_EQ(story.count("QUE-24"), 0u);
  story.tell(EventKind::command_pushed, 1, 0, 8, 2);
  story.tell(EventKind::command_finished, 1, 0, 8, 0);
  EXPECT_EQ(story.count("QUE-24"), 1u);
}

TEST(Patience, a_fatal_status_that_is_read_during_its_reset_is_over_with_the_next_enable) {
  Story story;
  story.tell(EventKind::register_changed, 0, spec::offset::csts, 3, 0);
  story.tell(EventKind::register_read, 0, spec::offset::csts, 3, 4);
  story.tell(EventKind::register_write, 0, spec::offset::cc, 0x460000, 4);
  story.tell(EventKind::register_read, 0, spec::offset::csts, 3, 4);
  story.tell(EventKind::register_changed, 0, spec::offset::csts, 0, 0);
  story.tell(EventKind::register_write, 0, spec::offset::cc, 0x460001, 4);
  story.tell(EventKind::register_changed, 0, spec::offset::csts, 1, 0);
  story.tell(EventKind::register_read, 0, spec::offset::csts, 1, 4);
  story.tell(EventKind::queue_made, 0, 4, 0x3000, 0);
  story.tell(EventKind::register_write, 0, spec::offset::doorbells, 1, 4);
  EXPECT_EQ(story.count("RST-01"), 0u);
}

/// Fills CQ 1 with three entries that the host has reported, writes its head (or loses it), and submits one more.
std::size_t que_27_after_head_doorbell(bool lost) {
  Story story;
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    story.tell(EventKind::command_pushed, 1, 0, slot, 2);
    story.tell(EventKind::register_write, 1, spec::offset::doorbells + 8, slot + 1, 4);
    story.read_of(0);
    story.answer(slot);
    story.tell(EventKind::command_finished, 1, 0, slot, 0);
  }
  if (lost) {
    story.tell(EventKind::fault_fired, static_cast<std::uint16_t>(Verb::lost_doorbell), 0, 0, 0);
    story.tell(EventKind::register_write, 0, spec::offset::doorbells + 12, 3, 4 | 1 << 8);
  }
  story.tell(EventKind::register_write, 0, spec::offset::doorbells + 8, 0, 4);
  return story.count("QUE-27");
}

TEST(Patience, a_head_doorbell_that_was_lost_on_its_way_was_written) {
  EXPECT_EQ(que_27_after_head_doorbell(false), 1u);
  EXPECT_EQ(que_27_after_head_doorbell(true), 0u);
}

}  // namespace
}  // namespace phasebit::sim
