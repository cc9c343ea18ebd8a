// What the stream tells of a host without faults: its own accesses, and the device's side as far as it shows.
#include <gtest/gtest.h>

#include "src/spec/status.hpp"
#include "tests/scenarios/interpose/bench.hpp"

namespace phasebit::scenarios {
namespace {

TEST(InterposedEvents, an_unchanged_status_is_no_event) {
  Bench bench;
  bench.seam.read32(spec::offset::csts);
  bench.seam.read32(spec::offset::csts);
  bench.drive.csts.set(spec::Csts::cfs, true);
  bench.seam.read32(spec::offset::csts);
  bench.seam.read32(spec::offset::csts);
  const auto reads = bench.log.of(EventKind::register_read);
  ASSERT_EQ(reads.size(), 3u);  // CAP first
  EXPECT_EQ(reads[1].b, 0u);
  EXPECT_EQ(reads[2].b, 2u);
  const auto changes = bench.log.of(EventKind::register_changed);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].a, spec::offset::csts);
  EXPECT_EQ(changes[0].b, 2u);
}

TEST(InterposedEvents, writes_and_configuration_space_are_events_with_their_values) {
  Bench bench;
  bench.seam.write64(spec::offset::asq, 0x1'2345'6000);
  bench.seam.config_read32(0);
  bench.seam.config_write16(4, 0x402);
  const Event write = bench.log.of(EventKind::register_write).at(0);
  EXPECT_EQ(write.a, spec::offset::asq);
  EXPECT_EQ(write.b, 0x1'2345'6000u);
  EXPECT_EQ(write.c, 8u);
  EXPECT_EQ(bench.log.of(EventKind::config_read).at(0).b, 0x1234'5678u);
  const Event config = bench.log.of(EventKind::config_write).at(0);
  EXPECT_EQ(config.a, 4u);
  EXPECT_EQ(config.b, 0x402u);
  EXPECT_EQ(config.c, 2u);
}

TEST(InterposedEvents, memory_is_an_event_when_it_is_first_mapped_and_last_unmapped) {
  Bench bench;
  std::vector<std::byte> buffer(4096);
  const Iova iova = *bench.seam.map(buffer, DmaRights::device_reads);
  EXPECT_EQ(*bench.seam.map(buffer, DmaRights::device_reads), iova);
  EXPECT_TRUE(bench.seam.unmap(buffer));
  EXPECT_TRUE(bench.log.of(EventKind::dma_unmapped).empty());
  bench.drive.refuses_unmapping = true;
  EXPECT_FALSE(bench.seam.unmap(buffer));
  bench.drive.refuses_unmapping = false;
  EXPECT_TRUE(bench.seam.unmap(buffer));
  const auto mapped = bench.log.of(EventKind::dma_mapped);
  ASSERT_EQ(mapped.size(), 1u);
  EXPECT_EQ(mapped[0].a, 1u);
  EXPECT_EQ(mapped[0].b, iova.value);
  EXPECT_EQ(mapped[0].c, 4096u);
  const auto unmapped = bench.log.of(EventKind::dma_unmapped);
  ASSERT_EQ(unmapped.size(), 2u);
  EXPECT_EQ(unmapped[0].a, 1u);
  EXPECT_EQ(unmapped[1].a, 0u);
}

TEST(InterposedEvents, memory_of_the_backend_is_an_event_when_it_is_given_and_given_back) {
  Bench bench;
  const DmaRegion region = bench.host.memory(8192);
  bench.seam.free_dma(region);
  for (const EventKind kind : {EventKind::dma_allocated, EventKind::dma_freed}) {
    const Event event = bench.log.of(kind).at(0);
    EXPECT_EQ(event.b, region.iova.value);
    EXPECT_EQ(event.c, 8192u);
  }
}

TEST(InterposedEvents, capabilities_are_told_once_cap_is_known_in_either_width) {
  Bench bench;
  const auto first = bench.log.of(EventKind::drive_fact);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].a, static_cast<std::uint32_t>(DriveFact::capabilities));
  EXPECT_EQ(first[0].b, bench.drive.cap.raw);
  bench.drive.cap = bench.drive.cap.with(spec::Cap::dstrd, 1).with(spec::Cap::to, 9);
  bench.seam.read32(spec::offset::cap + 4);
  bench.seam.read32(spec::offset::cap);
  bench.seam.read32(spec::offset::vs);
  const Event last = bench.log.of(EventKind::drive_fact).back();
  EXPECT_EQ(last.b, bench.drive.cap.raw);
  EXPECT_EQ(last.c, 0x10400u);
}

TEST(InterposedEvents, queues_are_told_as_the_host_makes_and_deletes_them) {
  Bench bench;
  bench.host.bring_up(8);
  const auto made = bench.log.of(EventKind::queue_made);
  ASSERT_EQ(made.size(), 4u);
  EXPECT_EQ(made[0].a, 16u | 1u << 31);
  EXPECT_EQ(made[0].b, bench.host.admin.completion.iova.value);
  EXPECT_EQ(made[1].a, 16u);
  EXPECT_EQ(made[1].b, bench.host.admin.submission.iova.value);
  EXPECT_EQ(made[2].queue, 1u);
  EXPECT_EQ(made[2].a, 8u | 1u << 31);
  EXPECT_EQ(made[3].a, 8u);
  EXPECT_EQ(made[3].b, bench.host.io.submission.iova.value);
  EXPECT_EQ(made[3].c, 1u);
  bench.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
  bench.host.admin_command(spec::delete_io_completion_queue(Qid{1}));
  const auto deleted = bench.log.of(EventKind::queue_deleted);
  ASSERT_EQ(deleted.size(), 2u);
  EXPECT_EQ(deleted[0].a, 0u);
  EXPECT_EQ(deleted[1].a, 1u << 31);
}

TEST(InterposedEvents, an_entry_is_fetched_at_its_doorbell_with_all_its_bytes) {
  Bench bench;
  bench.host.bring_up();
  const std::size_t before = bench.log.of(EventKind::sqe_fetched).size();
  spec::Sqe sqe = read_block(0x1234, bench.host.memory(4096));
  sqe.cid = 0x77;
  sqe.cdw15 = 0xabcd'0123;
  bench.host.place(bench.host.io, sqe);
  bench.host.place(bench.host.io, read_block(1, bench.host.memory(4096)));
  EXPECT_EQ(bench.log.of(EventKind::sqe_fetched).size(), before);
  bench.host.ring(bench.host.io);
  const auto fetched = bench.log.of(EventKind::sqe_fetched);
  ASSERT_EQ(fetched.size(), before + 2);
  EXPECT_EQ(fetched[before].queue, 1u);
  EXPECT_EQ(fetched[before].a, 0x77u);
  EXPECT_EQ(fetched[before].b, 0x1'0000'0002u);
  EXPECT_EQ(fetched[before + 1].a >> 16, 1u);
  const auto parts = bench.log.of(EventKind::sqe_part);
  const std::size_t first = parts.size() - 8;
  EXPECT_EQ(parts[first].b, 0x0000'0001'0077'0002u);
  EXPECT_EQ(parts[first + 2].c, 0x1234u);
  EXPECT_EQ(parts[first + 3].c, 0xabcd'0123'0000'0000u);
}

TEST(InterposedEvents, a_completion_is_posted_when_the_host_first_sees_it_and_loaded_once) {
  Bench bench;
  bench.host.bring_up();
  bench.host.submit(bench.host.io, read_block(9, bench.host.memory(4096)));
  bench.drive.work();
  const std::size_t before = bench.log.of(EventKind::cqe_posted).size();
  spec::Cqe cqe;
  ASSERT_TRUE(bench.host.take(bench.host.io, cqe));
  EXPECT_FALSE(bench.host.take(bench.host.io, cqe));
  bench.seam.load32(*reinterpret_cast<const Le32*>(bench.host.io.completion.data));
  const auto posted = bench.log.of(EventKind::cqe_posted);
  ASSERT_EQ(posted.size(), before + 1);
  EXPECT_EQ(posted[before].queue, 1u);
  EXPECT_EQ(posted[before].a, 0u | 1u << 16);
  EXPECT_EQ(posted[before].b, 9u);
  EXPECT_EQ(posted[before].c, 0x0001'0001u | static_cast<std::uint64_t>(cqe.cid | 1u << 16) << 32);
  std::vector<Event> loads = bench.log.of(EventKind::cqe_loaded);
  std::erase_if(loads, [](const Event& event) { return event.queue != 1; });
  ASSERT_EQ(loads.size(), 4u);
  EXPECT_EQ(loads[0].a, 3u << 16);
  EXPECT_EQ(loads[0].c, 1u);
  EXPECT_EQ(loads[1].a, 0u);
  EXPECT_EQ(loads[1].b, 9u);
  EXPECT_EQ(loads[1].c, 0u);
}

TEST(InterposedEvents, a_host_that_loads_other_dwords_before_the_phase_is_seen_doing_so) {
  Bench bench;
  bench.host.bring_up();
  bench.host.submit(bench.host.io, read_block(9, bench.host.memory(4096)));
  bench.drive.work();
  const auto* dwords = reinterpret_cast<const Le32*>(bench.host.io.completion.data);
  bench.seam.load32(dwords[0]);
  bench.seam.load_acquire32(dwords[3]);
  const auto loads = bench.log.of(EventKind::cqe_loaded);
  EXPECT_EQ(loads[loads.size() - 2].a, 0u);
  EXPECT_EQ(loads[loads.size() - 1].a, 3u << 16);
}

TEST(InterposedEvents, limits_grant_and_namespaces_are_read_from_what_the_drive_answers) {
  Bench bench;
  bench.host.enable();
  identify(bench.host);
  bench.host.ask_for_queues(4);
  const auto facts = bench.log.of(EventKind::drive_fact);
  ASSERT_EQ(facts.size(), 5u);
  EXPECT_EQ(facts[1].a, static_cast<std::uint32_t>(DriveFact::identify_limits));
  EXPECT_EQ(facts[1].b, 1u | 3u << 8 | 1u << 16 | 1u << 24 | 2ull << 32);
  EXPECT_EQ(facts[1].c, 0x2u | 0x4u << 16 | 7ull << 32 | 250ull << 48);
  EXPECT_EQ(facts[2].a, static_cast<std::uint32_t>(DriveFact::entry_sizes));
  EXPECT_EQ(facts[2].b, 0x4466u);
  EXPECT_EQ(facts[3].a, static_cast<std::uint32_t>(DriveFact::namespace_state));
  EXPECT_EQ(facts[3].b, 1u | 1ull << 32 | 9ull << 40);
  EXPECT_EQ(facts[3].c, 1000u);
  EXPECT_EQ(facts[4].a, static_cast<std::uint32_t>(DriveFact::queue_grant));
  EXPECT_EQ(facts[4].b, 4u);
  EXPECT_EQ(facts[4].c, 4u);
}

TEST(InterposedEvents, a_namespace_that_the_active_list_lacks_is_told_to_be_inactive) {
  Bench bench;
  bench.host.enable();
  identify(bench.host);
  spec::Sqe list = spec::Identify{.cns = spec::Cns::active_namespaces}.sqe();
  list.prp1 = bench.host.memory(4096).iova.value;
  bench.host.admin_command(list);  // this drive answers with an empty one
  bench.host.admin_command(list);
  const auto facts = bench.log.of(EventKind::drive_fact);
  ASSERT_EQ(facts.size(), 5u);
  EXPECT_EQ(facts[4].b, 1u | 9ull << 40);
}

TEST(InterposedEvents, identify_data_that_crosses_a_page_is_read_where_both_addresses_say) {
  Bench bench;
  bench.host.enable();
  const DmaRegion data = bench.host.memory(12'288);
  spec::IdentifyController id;
  id.nn = 77;
  // The drive writes in one piece, which is right where the two pages are neighbours.
  spec::Sqe sqe = spec::Identify{}.sqe();
  sqe.prp1 = data.iova.value + 0x800;
  sqe.prp2 = data.iova.value + 0x1000;
  bench.host.admin_command(sqe);
  EXPECT_EQ(bench.log.of(EventKind::drive_fact).at(1).b >> 32, 2u);
}

TEST(InterposedEvents, a_rejected_command_makes_nothing) {
  Bench bench;
  bench.host.enable();
  tests::PlainQueue queue = bench.host.new_queue(1, 8);
  bench.host.submit(bench.host.admin, bench.host.create_completion(queue).sqe());
  spec::Cqe refusal;
  refusal.cid = 1;
  refusal.set_status(spec::make_status(spec::GenericStatus::invalid_field), false);
  bench.drive.post(0, refusal);
  bench.host.complete(bench.host.admin);
  EXPECT_EQ(bench.log.of(EventKind::queue_made).size(), 2u);
}

}  // namespace
}  // namespace phasebit::scenarios
