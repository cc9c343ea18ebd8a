// What the monitor must not hold against a host: it can only know what it was told, and only do what arrives.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "sim/faults/verb.hpp"
#include "sim/monitor/monitor.hpp"
#include "src/spec/command.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/queue_commands.hpp"
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
    monitor_.on_event(number_++, Event{Le64{now_.ns}, kind, 0, queue, a, b, c});
  }
  void wait(Duration duration) { now_ = now_ + duration; }
  void announce(std::uint64_t blocks) {
    tell(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::namespace_state),
         1 | std::uint64_t{blocks != 0} << 32 | 9ull << 40, blocks);
  }
  /// The host exposes it with so many blocks, or withdraws it.
  void see(std::uint64_t blocks) { tell(EventKind::namespace_seen, 0, 1, blocks, 512); }
  void read_of(std::uint64_t lba) { fetch(1, spec::read(Nsid{1}, Lba{lba}, 1)); }
  void fetch(std::uint16_t sqid, const spec::Sqe& sqe) {
    std::uint64_t words[8] = {};
    static_assert(sizeof(words) == sizeof(sqe));
    std::memcpy(words, &sqe, sizeof(sqe));
    tell(EventKind::sqe_fetched, sqid, 0, sqe.opcode | std::uint64_t{sqe.nsid} << 32, 0);
    for (std::uint32_t part = 0; part < 4; ++part) {
      tell(EventKind::sqe_part, sqid, part, words[std::size_t{2} * part], words[std::size_t{2} * part + 1]);
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
  Instant now_;
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

TEST(Patience, a_queue_that_a_reset_of_somebody_elses_took_away_may_be_made_again) {
  Story story;
  story.tell(EventKind::register_changed, 0, spec::offset::csts, 0, 0);
  story.tell(EventKind::register_changed, 0, spec::offset::cc, 0, 0);
  story.tell(EventKind::register_write, 0, spec::offset::doorbells + 8, 1, 4);
  EXPECT_EQ(story.count("INI-27"), 0u) << "it cannot know yet";
  story.tell(EventKind::register_read, 0, spec::offset::csts, 0, 4);
  story.tell(EventKind::register_write, 0, spec::offset::cc, 0x460001, 4);
  story.fetch(0, spec::CreateIoCompletionQueue{.qid = Qid{1}, .entries = 4, .base = Iova{0x1000}}.sqe());
  EXPECT_EQ(story.count("QUE-03"), 0u);
  story.tell(EventKind::queue_made, 1, 4 | 1u << 31, 0x1000, 1);
  story.fetch(0, spec::CreateIoCompletionQueue{.qid = Qid{1}, .entries = 4, .base = Iova{0x1000}}.sqe());
  EXPECT_EQ(story.count("QUE-03"), 1u);
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

TEST(Patience, clearing_nssro_writes_to_no_read_only_bit) {
  Story story;
  story.tell(EventKind::register_write, 0, spec::offset::csts, spec::Csts::nssro.mask, 4);
  EXPECT_EQ(story.count("REG-04"), 0u);
}

/// Gives up on a controller that has not got ready, so long after it was enabled: CAP.TO says 1 s, CRTO 2 s with media and half without.
std::size_t ini_02_after(Duration waited, spec::Cc cc, bool knows_crto = true) {
  Story story;
  story.tell(EventKind::register_write, 0, spec::offset::cc, 0x460000, 4);
  const spec::Cap cap = spec::Cap{}.with(spec::Cap::to, 2).with(spec::Cap::crms, 3);
  story.tell(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::capabilities), cap.raw, 0x20000);
  if (knows_crto) {
    story.tell(EventKind::register_read, 0, spec::offset::crto, 4 | 1u << 16, 4);
  }
  story.tell(EventKind::register_write, 0, spec::offset::cc, cc.with(spec::Cc::en, true).raw, 4);
  story.wait(waited);
  story.tell(EventKind::register_write, 0, spec::offset::cc, cc.raw, 4);
  return story.count("INI-02");
}

TEST(Patience, a_host_gives_up_once_crto_is_over_where_the_controller_has_one) {
  const spec::Cc with_media;
  const spec::Cc without_media = with_media.with(spec::Cc::crime, true);
  EXPECT_EQ(ini_02_after(milliseconds(1999), with_media), 1u);
  EXPECT_EQ(ini_02_after(milliseconds(2000), with_media), 0u);
  EXPECT_EQ(ini_02_after(milliseconds(499), without_media), 1u);
  EXPECT_EQ(ini_02_after(milliseconds(500), without_media), 0u);
  EXPECT_EQ(ini_02_after(milliseconds(999), with_media, false), 1u);
  EXPECT_EQ(ini_02_after(milliseconds(1000), with_media, false), 0u);
}

void fill_and_consume(Story& story) {
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    story.read_of(0);
    story.answer(slot);
    story.tell(EventKind::command_finished, 1, 0, slot, 0);
  }
}

/// CQ 1 is full and consumed, another command is out or none, and so much later this happens.
std::size_t que_27_at(EventKind kind, std::uint32_t a, Duration waited, bool one_is_out = true) {
  Story story;
  fill_and_consume(story);
  if (one_is_out) {
    story.read_of(0);
  }
  story.wait(waited);
  story.tell(kind, 0, a, 0, 0);
  return story.count("QUE-27");
}

TEST(Patience, a_full_queue_is_idle_only_if_the_drive_waits_for_it_when_the_host_leaves) {
  constexpr std::uint32_t drain = 2;
  constexpr std::uint32_t end = 3;
  EXPECT_EQ(que_27_at(EventKind::function_released, 0, milliseconds(1)), 1u);
  EXPECT_EQ(que_27_at(EventKind::phase_entered, end, milliseconds(1)), 1u);
  EXPECT_EQ(que_27_at(EventKind::phase_entered, drain, milliseconds(1)), 0u);
  EXPECT_EQ(que_27_at(EventKind::phase_entered, end, microseconds(999)), 0u);
  EXPECT_EQ(que_27_at(EventKind::phase_entered, end, milliseconds(1), false), 0u);
}

TEST(Patience, a_head_that_was_written_late_ends_the_waiting) {
  Story story;
  fill_and_consume(story);
  story.read_of(0);
  story.wait(seconds(1));
  story.tell(EventKind::register_write, 0, spec::offset::doorbells + 12, 3, 4);
  story.answer(3);
  story.wait(seconds(1));
  story.tell(EventKind::function_released, 0, 0, 0, 0);
  EXPECT_EQ(story.count("QUE-27"), 0u);
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

/// What enabling with a CC.CSS comes to on a drive with this CAP.CSS.
std::size_t objections_to_css(std::uint64_t cap_css, spec::Css chosen) {
  Monitor monitor;
  const spec::Cap cap = spec::Cap{}.with(spec::Cap::mqes, 1023).with(spec::Cap::css, cap_css);
  monitor.on_event(0, Event{Le64{1}, EventKind::drive_fact, 0, 0, static_cast<std::uint32_t>(DriveFact::capabilities), cap.raw, 0x20000});
  monitor.on_event(
      1, Event{Le64{2}, EventKind::register_write, 0, 0, spec::offset::cc, spec::Cc{0x460001}.with(spec::Cc::css, chosen).raw, 4});
  const auto& found = monitor.violations();
  return static_cast<std::size_t>(
      std::count_if(found.begin(), found.end(), [](const Violation& v) { return std::string_view(v.rule->id) == "INI-10"; }));
}

TEST(Patience, a_drive_that_has_command_sets_and_says_that_it_has_none_may_be_enabled_either_way) {
  EXPECT_EQ(objections_to_css(0xc1, spec::Css::all_supported), 0u);
  EXPECT_EQ(objections_to_css(0xc1, spec::Css::admin_only), 0u);
  EXPECT_EQ(objections_to_css(0xc1, spec::Css::nvm), 1u);
  EXPECT_EQ(objections_to_css(0x80, spec::Css::all_supported), 1u);
  EXPECT_EQ(objections_to_css(0x41, spec::Css::admin_only), 1u);
}

}  // namespace
}  // namespace phasebit::sim
