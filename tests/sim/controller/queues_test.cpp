#include "sim/controller/queues.hpp"

#include <map>
#include <set>

#include "tests/sim/controller/drive_bench.hpp"

namespace phasebit::sim {
namespace {

TEST(SubmissionQueue, takes_exactly_the_tails_that_a_host_may_write) {
  for (std::uint32_t entries = 2; entries <= 6; ++entries) {
    for (std::uint32_t head = 0; head < entries; ++head) {
      for (std::uint32_t used = 0; used < entries; ++used) {
        for (std::uint32_t value = 0; value <= entries + 1; ++value) {
          SubmissionQueue queue(std::pmr::get_default_resource());
          queue.entries = entries;
          queue.head = head;
          queue.tail = (head + used) % entries;
          // A tail that adds at least one entry and at most those that are free; one slot always stays empty.
          bool allowed = false;
          for (std::uint32_t added = 1; used + added < entries; ++added) {
            allowed |= value == (head + used + added) % entries;
          }
          EXPECT_EQ(queue.set_tail(value) == DoorbellResult::taken, allowed) << entries << " " << head << " " << used << " " << value;
          EXPECT_EQ(queue.tail, allowed ? value : (head + used) % entries);
        }
      }
    }
  }
}

TEST(CompletionQueue, takes_exactly_the_heads_that_acknowledge_what_was_posted) {
  for (std::uint32_t entries = 2; entries <= 6; ++entries) {
    for (std::uint32_t head = 0; head < entries; ++head) {
      for (std::uint32_t posted = 0; posted < entries; ++posted) {
        for (std::uint32_t value = 0; value <= entries + 1; ++value) {
          CompletionQueue queue(std::pmr::get_default_resource());
          queue.entries = entries;
          queue.head = head;
          queue.tail = (head + posted) % entries;
          bool allowed = false;
          for (std::uint32_t taken = 1; taken <= posted; ++taken) {
            allowed |= value == (head + taken) % entries;
          }
          EXPECT_EQ(queue.set_head(value) == DoorbellResult::taken, allowed) << entries << " " << head << " " << posted << " " << value;
        }
      }
    }
  }
}

TEST(CompletionQueue, flips_its_phase_at_each_wrap) {
  CompletionQueue queue(std::pmr::get_default_resource());
  queue.entries = 3;
  std::string phases;
  for (int i = 0; i < 9; ++i) {
    phases += queue.phase ? '1' : '0';
    queue.advance();
  }
  EXPECT_EQ(phases, "111000111");
}

TEST(RingMemory, finds_the_slots_of_a_queue_that_lies_in_pages) {
  RingMemory ring(std::pmr::get_default_resource());
  ring.entry_bytes = 64;
  ring.contiguous = false;
  ring.pages = {Iova{0x5000}, Iova{0x9000}};
  EXPECT_EQ(ring.slot(63).value, 0x5fc0u);
  EXPECT_EQ(ring.slot(64).value, 0x9000u);
}

/// Pushes `count` one-block reads and rings once.
void push_reads(DriveBench& bench, HostQueue& queue, const HostPages& data, int count) {
  for (int i = 0; i < count; ++i) {
    bench.push(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data));
  }
  bench.ring(queue);
}

TEST(Queues, stall_when_the_completion_queue_is_full_and_go_on_at_its_head_doorbell) {
  DriveBench bench;
  bench.enable();
  HostQueue queue = bench.make_rings(Qid{1}, 16, 4);
  EXPECT_EQ(bench.admin_status(spec::CreateIoCompletionQueue{Qid{1}, 4, queue.cq.iova}.sqe()), spec::Status{});
  EXPECT_EQ(bench.admin_status(spec::CreateIoSubmissionQueue{Qid{1}, 16, queue.sq.iova, Qid{1}}.sqe()), spec::Status{});
  const HostPages data = bench.pages(512);
  bench.keeper.events.clear();
  push_reads(bench, queue, data, 7);
  bench.run(milliseconds(1));
  EXPECT_EQ(bench.keeper.of(EventKind::cqe_posted).size(), 3u);
  EXPECT_EQ(bench.next_due(), never);
  EXPECT_TRUE(bench.reap(queue));
  bench.run(microseconds(1));
  EXPECT_EQ(bench.keeper.of(EventKind::cqe_posted).size(), 4u);
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(bench.wait(queue));
  }
  EXPECT_FALSE(bench.wait(queue, milliseconds(1)));
}

TEST(Queues, complete_many_submission_queues_to_one_completion_queue_with_their_own_sqid_and_head) {
  DriveBench bench;
  bench.enable();
  HostQueue first = bench.create_queue_pair(1);
  HostQueue second = bench.make_rings(Qid{2}, 8, 2);
  EXPECT_EQ(bench.admin_status(spec::CreateIoSubmissionQueue{Qid{2}, 8, second.sq.iova, Qid{1}}.sqe()), spec::Status{});
  const HostPages data = bench.pages(512);
  push_reads(bench, first, data, 2);
  push_reads(bench, second, data, 3);
  std::map<std::uint16_t, std::vector<std::uint16_t>> heads;
  for (int i = 0; i < 5; ++i) {
    const auto cqe = bench.wait(first);
    ASSERT_TRUE(cqe);
    heads[cqe->sqid].push_back(cqe->sqhd);
  }
  EXPECT_EQ(heads[1].size(), 2u);
  EXPECT_EQ(heads[2].size(), 3u);
  EXPECT_EQ(heads[1].back(), 2);
  EXPECT_EQ(heads[2].back(), 3);
}

TEST(Queues, may_lie_in_scattered_pages_where_the_drive_allows_it) {
  DriveOptions options = plain_options();
  options.contiguous_queues_required = false;
  DriveBench bench(options);
  bench.enable();
  const HostPages one = bench.pages(4096);
  const HostPages two = bench.pages(4096);
  const HostPages list = bench.pages(4096);
  const Le64 entries[] = {one.iova.value, two.iova.value};
  std::memcpy(list.bytes.data(), entries, sizeof(entries));
  HostQueue queue = bench.make_rings(Qid{1}, 128, 16);
  EXPECT_EQ(bench.admin_status(spec::CreateIoCompletionQueue{Qid{1}, 16, queue.cq.iova}.sqe()), spec::Status{});
  EXPECT_EQ(bench.admin_status(spec::CreateIoSubmissionQueue{Qid{1}, 128, list.iova, Qid{1}, false}.sqe()), spec::Status{});
  const HostPages data = bench.pages(512);
  for (int i = 0; i < 130; ++i) {
    spec::Sqe sqe = DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data);
    sqe.cid = static_cast<std::uint16_t>(i);
    std::memcpy((queue.tail < 64 ? one : two).bytes.data() + std::size_t{queue.tail} % 64 * 64, &sqe, 64);
    queue.tail = (queue.tail + 1) % 128;
    bench.ring(queue);
    const auto cqe = bench.wait(queue);
    ASSERT_TRUE(cqe);
    EXPECT_EQ(cqe->cid, i);
    EXPECT_EQ(cqe->status().raw, 0);
  }
}

TEST(Queues, tell_of_slots_that_look_new_when_a_queue_is_made_over_uncleared_memory) {
  DriveBench bench;
  bench.enable();
  HostQueue queue = bench.make_rings(Qid{1}, 8, 8);
  queue.cq.bytes[2 * 16 + 14] = std::byte{1};
  queue.cq.bytes[5 * 16 + 14] = std::byte{1};
  EXPECT_EQ(bench.admin_status(spec::CreateIoCompletionQueue{Qid{1}, 8, queue.cq.iova}.sqe()), spec::Status{});
  const Event made = bench.keeper.of(EventKind::queue_made).back();
  EXPECT_EQ(made.a, 8u | 1u << 31);
  EXPECT_EQ(made.c, 1u | 2u << 16);
}

TEST(Doorbells, lie_where_the_stride_puts_them) {
  for (std::uint32_t stride = 0; stride <= 15; ++stride) {
    DriveOptions options = plain_options();
    options.doorbell_stride_exponent = stride;
    options.io_submission_queues = options.io_completion_queues = 4;
    DriveBench bench(options);
    bench.enable();
    HostQueue queue = bench.create_queue_pair(3);
    EXPECT_EQ(bench.doorbell(Qid{3}, spec::DoorbellKind::completion_head), 0x1000u + 7 * (4u << stride));
    const HostPages data = bench.pages(512);
    EXPECT_EQ(bench.perform(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data)).status().raw, 0);
  }
}

// What the seed chooses for a doorbell that makes no sense: nothing, an event, or a fatal state; never a fetch.
TEST(Doorbells, with_values_that_make_no_sense_are_never_taken_and_are_answered_as_the_seed_chooses) {
  std::set<std::string> reactions;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    DriveBench bench(plain_options(), {}, seed);
    bench.enable();
    bench.create_queue_pair(1, 4);
    const Cid event = bench.push(bench.admin, spec::async_event_request());
    bench.ring(bench.admin);
    bench.run(milliseconds(1));
    bench.keeper.events.clear();
    bench.write32(bench.doorbell(Qid{1}, spec::DoorbellKind::submission_tail), 4);
    bench.run(milliseconds(1));
    EXPECT_TRUE(bench.keeper.of(EventKind::sqe_fetched).empty());
    const auto told = bench.reap(bench.admin);
    if (told) {
      EXPECT_EQ(told->cid, event.value);
      EXPECT_EQ(told->dw0, 0x0001'0100u);  // error, Invalid Doorbell Write Value, page 01h
    }
    reactions.insert(told ? "event" : bench.csts().get(spec::Csts::cfs) ? "fatal" : "ignored");
  }
  EXPECT_EQ(reactions, (std::set<std::string>{"event", "fatal", "ignored"}));
}

TEST(Doorbells, of_queues_that_do_not_exist_are_reported_as_such) {
  std::set<std::uint32_t> told_values;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    DriveBench bench(plain_options(), {}, seed);
    bench.enable();
    bench.push(bench.admin, spec::async_event_request());
    bench.ring(bench.admin);
    bench.run(milliseconds(1));
    bench.write32(bench.doorbell(Qid{7}, spec::DoorbellKind::completion_head), 1);
    bench.run(milliseconds(1));
    if (const auto told = bench.reap(bench.admin)) {
      told_values.insert(told->dw0);
    }
  }
  EXPECT_EQ(told_values, (std::set<std::uint32_t>{0x0001'0000}));
}

}  // namespace
}  // namespace phasebit::sim
