// Each verb of the fault plan that the controller carries out.
#include "tests/sim/controller/drive_bench.hpp"

namespace phasebit::sim {
namespace {

Fault make_fault(Verb verb, std::uint64_t value = 0, Duration delay = {}) {
  Fault fault;
  fault.what = verb;
  fault.value = value;
  fault.delay = delay;
  fault.when.admin = false;
  return fault;
}

Fault at_command(Fault fault) {
  fault.when.site = Site::command;
  return fault;
}

class FaultBench {
 public:
  explicit FaultBench(std::vector<Fault> faults, const DriveOptions& options = plain_options()) : bench(options, std::move(faults)) {
    bench.enable();
    queue = bench.create_queue_pair(1, 8);
    data = bench.pages(4096);
  }
  spec::Sqe read(std::uint64_t lba, std::uint32_t count = 1) { return DriveBench::with_data(spec::read(Nsid{1}, Lba{lba}, count), data); }
  spec::Sqe write(std::uint64_t lba, std::uint32_t count, char letter) {
    DriveBench::fill(data.bytes, letter);
    return DriveBench::with_data(spec::write(Nsid{1}, Lba{lba}, count), data);
  }
  void push(const spec::Sqe& sqe) {
    bench.push(queue, sqe);
    bench.ring(queue);
  }
  std::string text(std::uint64_t lba, std::uint64_t count) {
    std::string letters;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::vector<std::byte> block(512);
      bench.media.read(Nsid{1}, Lba{lba + i}, block);
      letters += block[0] == std::byte{0} ? '0' : static_cast<char>(block[0]);
    }
    return letters;
  }
  bool all_fired() const {
    for (std::size_t i = 0; i < bench.plan.size(); ++i) {
      if (bench.plan.fired(i) == 0) {
        return false;
      }
    }
    return true;
  }

  DriveBench bench;
  HostQueue queue;
  HostPages data;
};

TEST(CommandFaults, status_is_given_as_it_stands_and_nothing_happens) {
  FaultBench f({make_fault(Verb::status, 0x4281)});
  const spec::Cqe cqe = f.bench.perform(f.queue, f.write(0, 1, 'a'));
  EXPECT_EQ(cqe.status().raw, 0x4281);
  EXPECT_EQ(f.text(0, 1), "0");
  EXPECT_EQ(f.bench.perform(f.queue, f.write(0, 1, 'a')).status().raw, 0);
}

TEST(CommandFaults, delay_makes_one_command_late_and_lets_others_pass) {
  FaultBench f({at_command(make_fault(Verb::delay, 0, milliseconds(3)))});
  const Cid late = f.bench.push(f.queue, f.read(0));
  const Cid quick = f.bench.push(f.queue, f.read(1));
  f.bench.ring(f.queue);
  const Instant begun = f.bench.now();
  EXPECT_EQ(f.bench.wait(f.queue)->cid, quick.value);
  EXPECT_EQ(f.bench.wait(f.queue)->cid, late.value);
  EXPECT_GE((f.bench.now() - begun).ns, milliseconds(3).ns);
}

TEST(CommandFaults, drop_before_execution_leaves_no_trace_but_the_memory_taken) {
  FaultBench f({at_command(make_fault(Verb::drop))});
  f.push(f.write(0, 1, 'a'));
  EXPECT_FALSE(f.bench.wait(f.queue, seconds(3)));
  EXPECT_EQ(f.text(0, 1), "0");
  EXPECT_EQ(f.bench.admin_command(spec::Abort{Qid{1}, Cid{0}}.sqe()).dw0 & 1, 1u);
}

TEST(CommandFaults, lose_tear_misdirect_and_corrupt_spoil_what_is_written_until_faults_are_lifted) {
  Fault lose = at_command(make_fault(Verb::lose));
  Fault tear = at_command(make_fault(Verb::tear));
  Fault misdirect = at_command(make_fault(Verb::misdirect, 4));
  Fault corrupt = at_command(make_fault(Verb::corrupt));
  lose.when.lbas = LbaRange{Lba{0}, Lba{0}};
  tear.when.lbas = LbaRange{Lba{10}, Lba{10}};
  misdirect.when.lbas = LbaRange{Lba{20}, Lba{20}};
  corrupt.when.lbas = LbaRange{Lba{30}, Lba{30}};
  FaultBench f({lose, tear, misdirect, corrupt});
  for (const std::uint64_t lba : {0, 10, 20, 30}) {
    EXPECT_EQ(f.bench.perform(f.queue, f.write(lba, 2, 'a')).status().raw, 0);
  }
  EXPECT_EQ(f.text(0, 2), "00");
  EXPECT_EQ(f.text(10, 2), "a0");
  EXPECT_EQ(f.text(20, 6), "0000aa");
  const std::uint64_t spoiled = f.bench.media.digest_of(Nsid{1}, Lba{30});
  EXPECT_TRUE(f.all_fired());
  f.bench.media.lift_faults();
  EXPECT_EQ(f.text(0, 2) + f.text(10, 2) + f.text(20, 6), "aaaaaa0000");
  EXPECT_NE(f.bench.media.digest_of(Nsid{1}, Lba{30}), spoiled);
}

TEST(CommandFaults, corrupt_and_misdirect_spoil_what_is_read_once) {
  Fault corrupt = at_command(make_fault(Verb::corrupt, 0x01));
  Fault misdirect = at_command(make_fault(Verb::misdirect, 3));
  corrupt.when.lbas = LbaRange{Lba{0}, Lba{0}};
  misdirect.when.lbas = LbaRange{Lba{1}, Lba{1}};
  corrupt.when.opcode = misdirect.when.opcode = 0x02;
  FaultBench f({corrupt, misdirect});
  f.bench.perform(f.queue, f.write(0, 2, 'a'));
  f.bench.perform(f.queue, f.write(4, 1, 'm'));
  f.bench.perform(f.queue, f.read(0));
  EXPECT_EQ(f.data.bytes[256], static_cast<std::byte>('a' ^ 1));
  EXPECT_EQ(f.data.bytes[255], std::byte{'a'});
  f.bench.perform(f.queue, f.read(1));
  EXPECT_EQ(f.data.bytes[0], std::byte{'m'});
  f.bench.perform(f.queue, f.read(0));
  EXPECT_EQ(f.data.bytes[256], std::byte{'a'});
}

TEST(CommandFaults, lying_flush_is_acknowledged_and_does_nothing) {
  Fault fault = at_command(make_fault(Verb::lying_flush));
  fault.when.opcode = 0x00;
  Fault forced = at_command(make_fault(Verb::lying_flush));
  forced.when.lbas = LbaRange{Lba{5}, Lba{5}};
  FaultBench f({fault, forced});
  f.bench.perform(f.queue, f.write(0, 1, 'a'));
  EXPECT_EQ(f.bench.perform(f.queue, spec::flush(Nsid{1})).status().raw, 0);
  spec::Sqe fua = f.write(5, 1, 'b');
  fua.cdw12 = fua.cdw12 | 1u << 30;
  EXPECT_EQ(f.bench.perform(f.queue, fua).status().raw, 0);
  f.bench.controller->power_cut(0);
  EXPECT_EQ(f.text(0, 1) + f.text(5, 1), "00");
}

TEST(CompletionFaults, drop_posts_nothing_though_the_command_was_done) {
  FaultBench f({make_fault(Verb::drop)});
  f.push(f.write(0, 1, 'a'));
  EXPECT_FALSE(f.bench.wait(f.queue, seconds(3)));
  EXPECT_EQ(f.text(0, 1), "a");
  EXPECT_NE(f.bench.ledger.overlapping(f.data.iova, 1), nullptr);
}

TEST(CompletionFaults, duplicate_of_what_is_held_back_comes_after_it_and_answers_nothing) {
  FaultBench f({make_fault(Verb::duplicate, 0, microseconds(50)), make_fault(Verb::delay, 0, milliseconds(1))});
  const Instant begun = f.bench.now();
  f.push(f.write(0, 1, 'a'));
  ASSERT_TRUE(f.bench.wait(f.queue));
  EXPECT_GE(f.bench.now() - begun, milliseconds(1));
  EXPECT_EQ(f.bench.ledger.overlapping(f.data.iova, 1), nullptr) << "the first entry is the answer: the memory is the host's again";
  EXPECT_TRUE(f.bench.wait(f.queue, milliseconds(1)));
}

TEST(CompletionFaults, duplicate_posts_the_same_answer_twice) {
  FaultBench f({make_fault(Verb::duplicate, 0, microseconds(50))});
  const Cid cid = f.bench.push(f.queue, f.read(0));
  f.bench.ring(f.queue);
  EXPECT_EQ(f.bench.wait(f.queue)->cid, cid.value);
  const Instant first = f.bench.now();
  EXPECT_EQ(f.bench.wait(f.queue)->cid, cid.value);
  EXPECT_GE((f.bench.now() - first).ns, microseconds(49).ns);
}

TEST(CompletionFaults, reorder_lets_later_ones_go_first_or_gives_up_after_a_while) {
  FaultBench f({make_fault(Verb::reorder, 2)});
  std::vector<std::uint16_t> cids;
  for (int i = 0; i < 4; ++i) {
    f.bench.push(f.queue, f.read(0));
  }
  f.bench.ring(f.queue);
  for (int i = 0; i < 4; ++i) {
    cids.push_back(f.bench.wait(f.queue)->cid);
  }
  EXPECT_EQ(cids, (std::vector<std::uint16_t>{1, 2, 0, 3}));

  FaultBench alone({make_fault(Verb::reorder, 2, microseconds(700))});
  const Instant begun = alone.bench.now();
  alone.push(alone.read(0));
  EXPECT_TRUE(alone.bench.wait(alone.queue));
  EXPECT_GE((alone.bench.now() - begun).ns, microseconds(700).ns);
}

TEST(CompletionFaults, wrong_cid_sqid_and_head_stand_in_the_entry) {
  FaultBench f({make_fault(Verb::wrong_cid), make_fault(Verb::wrong_sqid, 6), make_fault(Verb::wrong_sqhd, 4)});
  f.push(f.read(0));
  const auto cqe = f.bench.wait(f.queue);
  EXPECT_EQ(cqe->cid, 0xffff);
  EXPECT_EQ(cqe->sqid, 7);
  EXPECT_EQ(cqe->sqhd, 5);
}

TEST(CompletionFaults, stale_phase_hides_an_entry_until_it_is_put_right) {
  FaultBench f({make_fault(Verb::stale_phase, 0, microseconds(500))});
  f.push(f.read(0));
  f.bench.run(microseconds(300));
  EXPECT_FALSE(f.bench.reap(f.queue));
  EXPECT_EQ(f.bench.keeper.of(EventKind::cqe_posted).back().queue, 1);
  f.bench.run(microseconds(300));
  EXPECT_TRUE(f.bench.reap(f.queue));

  FaultBench for_ever({make_fault(Verb::stale_phase)});
  for_ever.push(for_ever.read(0));
  EXPECT_FALSE(for_ever.bench.wait(for_ever.queue, seconds(3)));
}

/// The four dwords of a slot.
std::array<std::uint32_t, 4> slot_of(const HostQueue& queue, std::uint32_t slot) {
  std::array<Le32, 4> raw;
  std::memcpy(raw.data(), queue.cq.bytes.data() + std::size_t{slot} * 16, 16);
  return {raw[0], raw[1], raw[2], raw[3]};
}

TEST(CompletionFaults, early_phase_shows_an_entry_before_its_other_dwords) {
  FaultBench f({make_fault(Verb::early_phase, 0, microseconds(5))});
  f.push(f.read(0));
  ASSERT_TRUE(f.bench.run_while_not([&] { return slot_of(f.queue, 0)[3] != 0; }));
  EXPECT_EQ(slot_of(f.queue, 0)[2], 0u);
  f.bench.run(microseconds(5));
  EXPECT_EQ(slot_of(f.queue, 0)[2], 0x0001'0001u);
}

TEST(CompletionFaults, torn_entry_lands_dword_by_dword_with_the_phase_last) {
  FaultBench f({make_fault(Verb::torn_cqe, 0, microseconds(5))});
  f.push(f.read(0));
  ASSERT_TRUE(f.bench.run_while_not([&] { return slot_of(f.queue, 0)[2] != 0; }));
  EXPECT_EQ(slot_of(f.queue, 0)[3], 0u);
  f.bench.run(microseconds(5));
  EXPECT_EQ(slot_of(f.queue, 0)[3], 0x0001'0000u);
}

TEST(FetchFaults, corrupt_changes_the_entry_that_the_controller_sees) {
  Fault fault = make_fault(Verb::corrupt, 0x80);
  fault.when.site = Site::fetch;
  FaultBench f({fault});
  spec::Sqe sqe = f.read(0);
  f.bench.push(f.queue, sqe);
  f.bench.ring(f.queue);
  f.bench.run(milliseconds(1));
  std::array<Le64, 8> words;
  const auto parts = f.bench.keeper.of(EventKind::sqe_part);
  for (std::size_t i = 0; i < 4; ++i) {
    words[2 * i] = parts[parts.size() - 4 + i].b.get();
    words[2 * i + 1] = parts[parts.size() - 4 + i].c.get();
  }
  int bits = 0;
  sqe.cid = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    bits += std::popcount(
        static_cast<unsigned>(reinterpret_cast<const std::uint8_t*>(words.data())[i] ^ reinterpret_cast<const std::uint8_t*>(&sqe)[i]));
  }
  EXPECT_EQ(bits, 1);
}

Fault timed(Verb verb, std::uint64_t value, std::uint64_t value2 = 0, Duration lasts = {}) {
  Fault fault;
  fault.what = verb;
  fault.value = value;
  fault.value2 = value2;
  fault.lasts = lasts;
  fault.when.not_before = Instant{milliseconds(100).ns};
  return fault;
}

/// An event request is waiting and namespace events are wanted.
void ask_for_events(DriveBench& bench, std::uint32_t configuration) {
  EXPECT_EQ(bench.admin_status(spec::SetFeatures{spec::Fid::async_event_configuration, configuration}.sqe()).raw, 0);
  bench.push(bench.admin, spec::async_event_request());
  bench.ring(bench.admin);
  bench.run(milliseconds(1));
}

TEST(DriveFaults, namespace_changes_are_told_and_listed) {
  DriveOptions options = plain_options();
  options.namespaces = {NamespaceOptions{Nsid{1}, 1000}, NamespaceOptions{Nsid{4}, 1000, 512, false}};
  DriveBench bench(options, {timed(Verb::namespace_detach, 1), timed(Verb::namespace_attach, 4), timed(Verb::namespace_resize, 4, 77)});
  bench.enable();
  ask_for_events(bench, 0x100);
  const auto told = bench.wait(bench.admin);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->dw0, 0x0004'0002u);  // notice, namespace attribute changed, page 04h
  const HostPages data = bench.pages(4096);
  EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::GetLogPage{spec::Lid::changed_namespaces, nsid_all, 4096}.sqe(), data)).raw, 0);
  spec::ChangedNamespaceLog log;
  std::memcpy(&log, data.bytes.data(), sizeof(log));
  EXPECT_EQ(log.nsid[0], 1u);
  EXPECT_EQ(log.nsid[1], 4u);
  EXPECT_EQ(log.nsid[2], 0u);
  const Event fact = bench.keeper.of(EventKind::drive_fact).back();
  EXPECT_EQ(fact.b, 0x0000'0901'0000'0004ull);
  EXPECT_EQ(fact.c, 77u);
}

TEST(DriveFaults, fatal_raises_cfs_at_its_hour) {
  DriveBench bench(plain_options(), {timed(Verb::fatal, 0)});
  bench.enable();
  bench.run_until(Instant{milliseconds(99).ns});
  EXPECT_FALSE(bench.csts().get(spec::Csts::cfs));
  bench.run(milliseconds(2));
  EXPECT_TRUE(bench.csts().get(spec::Csts::cfs));
}

TEST(DriveFaults, a_storm_sends_as_many_events_as_it_says_masks_or_not) {
  DriveBench bench(plain_options(), {timed(Verb::async_event_storm, 5, 0x0002'0001)});
  bench.enable(64, 64);
  int told = 0;
  ask_for_events(bench, 0);
  for (int i = 0; i < 10; ++i) {
    const auto cqe = bench.wait(bench.admin, milliseconds(200));
    if (cqe) {
      ++told;
      EXPECT_EQ(cqe->dw0, 0x0002'0001u);
      bench.push(bench.admin, spec::async_event_request());
      bench.ring(bench.admin);
    }
  }
  EXPECT_EQ(told, 5);
}

TEST(DriveFaults, throttling_slows_every_command_and_warms_the_drive) {
  DriveBench bench(plain_options(), {timed(Verb::thermal_throttle, 10, 0, milliseconds(50))});
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1);
  const HostPages data = bench.pages(512);
  const auto time_of_read = [&] {
    const Instant begun = bench.now();
    bench.perform(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data));
    return (bench.now() - begun).ns;
  };
  const auto temperature = [&] {
    bench.admin_command(DriveBench::with_data(spec::GetLogPage{spec::Lid::smart, nsid_all, 512}.sqe(), data));
    return static_cast<unsigned>(data.bytes[1]) | static_cast<unsigned>(data.bytes[2]) << 8;
  };
  EXPECT_LT(time_of_read(), microseconds(10).ns);
  bench.run_until(Instant{milliseconds(101).ns});
  EXPECT_GT(time_of_read(), microseconds(80).ns);
  EXPECT_GT(temperature(), 343u);
  bench.run_until(Instant{milliseconds(160).ns});
  EXPECT_LT(time_of_read(), microseconds(10).ns);
  EXPECT_EQ(temperature(), 313u);
}

}  // namespace
}  // namespace phasebit::sim
