// The controller memory buffer of a controller on a bench: its registers, and what may lie there (Base 2.0 §3.1.3.11 to §3.1.3.15, §8.5).
#include <gtest/gtest.h>

#include <cstring>

#include "tests/sim/controller/drive_bench.hpp"
#include "tests/sim/controller/statuses.hpp"

namespace phasebit::sim {
namespace {

namespace at = spec::offset;

constexpr std::uint64_t own_page = 4096;
constexpr Iova own_base{0x7'1234'5000};
constexpr std::uint64_t memory_enabled = 3;  // CRE, CMSE
constexpr std::uint64_t memory_shown = 1;    // CRE

DriveOptions with_memory(const ControllerMemoryOptions& memory) {
  DriveOptions options = plain_options();
  options.controller_memory = memory;
  return options;
}

ControllerMemoryOptions for_everything() {
  ControllerMemoryOptions memory;
  memory.bytes = 16 * own_page;
  memory.lists = memory.data_of_reads = memory.data_of_writes = true;
  return memory;
}

struct MemoryBench : DriveBench {
  explicit MemoryBench(const ControllerMemoryOptions& memory = for_everything()) : DriveBench(with_memory(memory)) {}

  void place() { write64(at::cmbmsc, own_base.value | memory_enabled); }
  /// Where in the drive's memory a ring of the host's then lies.
  HostPages own(std::uint64_t offset, std::uint64_t bytes) { return {own_memory.content().subspan(offset, bytes), own_base + offset}; }
  HostQueue own_rings(std::uint16_t qid, std::uint64_t offset, std::uint32_t entries) {
    HostQueue queue = make_rings(Qid{qid}, entries, entries);
    queue.sq = own(offset, std::uint64_t{entries} * 64);
    return queue;
  }
  std::uint16_t make_completion(const HostQueue& queue, Iova ring) {
    return admin_status(spec::CreateIoCompletionQueue{queue.qid, queue.cq_entries, ring, true, true, queue.qid.value}.sqe()).raw;
  }
  std::uint16_t make_submission(const HostQueue& queue, Iova ring) {
    return admin_status(spec::CreateIoSubmissionQueue{queue.qid, queue.sq_entries, ring, queue.qid}.sqe()).raw;
  }
  std::uint16_t io_status(HostQueue& queue, spec::Sqe sqe, Iova prp1, Iova prp2 = Iova{0}) {
    sqe.prp1 = prp1.value;
    sqe.prp2 = prp2.value;
    return spec::verdict_of(perform(queue, sqe).status()).raw;
  }
};

TEST(ControllerMemoryRegisters, are_zeroes_without_such_a_memory_whatever_is_written) {
  DriveBench bench;
  bench.write64(at::cmbmsc, own_base.value | memory_enabled);
  for (const std::uint32_t offset : {at::cmbloc, at::cmbsz, at::cmbmsc, at::cmbmsc + 4, at::cmbsts}) {
    EXPECT_EQ(bench.read32(offset), 0u) << offset;
  }
  EXPECT_FALSE(spec::Cap{bench.read64(at::cap)}.get(spec::Cap::cmbs));
}

// CMBLOC: BIR 4, CDPMLS, CDPCILS, offset 3 pages. CMBSZ: SQS, WDS, 16 units of 4 KiB. Put together by hand from Figures 46 and 47.
TEST(ControllerMemoryRegisters, tell_of_it_once_the_host_has_asked) {
  ControllerMemoryOptions memory;
  memory.bytes = 16 * own_page;
  memory.bar = 4;
  memory.offset = 3 * own_page;
  memory.data_of_writes = true;
  MemoryBench bench(memory);
  EXPECT_TRUE(spec::Cap{bench.read64(at::cap)}.get(spec::Cap::cmbs));
  EXPECT_EQ(bench.read64(at::cmbloc), 0u);
  bench.write32(at::cmbmsc, memory_shown);
  EXPECT_EQ(bench.read32(at::cmbloc), 0x0000'3064u);
  EXPECT_EQ(bench.read32(at::cmbsz), 0x0001'0011u);
  bench.write32(at::cmbmsc, 0);
  EXPECT_EQ(bench.read64(at::cmbloc), 0u);
}

TEST(ControllerMemoryRegisters, tell_what_a_drive_that_lies_wants_them_to) {
  ControllerMemoryOptions memory = for_everything();
  memory.location_told = 0x0000'0007;
  memory.size_told = 0xffff'f700;
  MemoryBench bench(memory);
  bench.write32(at::cmbmsc, memory_shown);
  EXPECT_EQ(bench.read32(at::cmbloc), 0x0000'0007u);
  EXPECT_EQ(bench.read32(at::cmbsz), 0xffff'f700u);
}

TEST(ControllerMemoryRegisters, place_the_memory_and_say_where_it_cannot_be) {
  MemoryBench bench;
  bench.write32(at::cmbmsc + 4, static_cast<std::uint32_t>(own_base.value >> 32));
  bench.write32(at::cmbmsc, static_cast<std::uint32_t>(own_base.value | memory_enabled));
  EXPECT_EQ(bench.read64(at::cmbmsc), own_base.value | memory_enabled);
  EXPECT_TRUE(bench.own_memory.holds(own_base));
  EXPECT_EQ(bench.read32(at::cmbsts), 0u);
  bench.write64(at::cmbmsc, 0xffff'ffff'ffff'f000ull | memory_enabled);
  EXPECT_EQ(bench.read32(at::cmbsts), 1u) << "only the first of 16 pages has addresses";
  EXPECT_FALSE(bench.own_memory.holds(Iova{0xffff'ffff'ffff'f000}));
  bench.write64(at::cmbmsc, 0xffff'ffff'ffff'0000ull | memory_enabled);
  EXPECT_EQ(bench.read32(at::cmbsts), 0u);
  EXPECT_TRUE(bench.own_memory.holds(Iova{~0ull}));
}

TEST(ControllerMemoryRegisters, need_both_bits_for_it_to_be_anywhere) {
  MemoryBench bench;
  for (const std::uint64_t bits : {0ull, 1ull, 2ull}) {
    bench.write64(at::cmbmsc, own_base.value | bits);
    EXPECT_FALSE(bench.own_memory.holds(own_base)) << bits;
  }
  bench.place();
  EXPECT_TRUE(bench.own_memory.holds(own_base));
}

TEST(ControllerMemory, stays_where_it_is_over_a_controller_reset_only_and_keeps_its_content_over_none) {
  MemoryBench bench;
  bench.place();
  std::vector<std::byte> before;
  const auto look = [&] { before.assign(bench.own_memory.content().begin(), bench.own_memory.content().end()); };
  const auto holds_the_same = [&] { return std::equal(before.begin(), before.end(), bench.own_memory.content().begin()); };
  bench.enable();
  look();
  bench.write32(at::cc, 0);
  EXPECT_TRUE(bench.run_while_not([&] { return !bench.csts().get(spec::Csts::rdy); }));
  EXPECT_TRUE(bench.own_memory.holds(own_base));
  EXPECT_FALSE(holds_the_same());
  look();
  bench.keeper.events.clear();
  bench.controller->reset(ResetKind::function_level);
  EXPECT_FALSE(bench.own_memory.holds(own_base));
  EXPECT_FALSE(holds_the_same());
  EXPECT_EQ(bench.read64(at::cmbmsc), 0u);
  const auto changes = bench.keeper.of(EventKind::register_changed);
  EXPECT_TRUE(std::any_of(changes.begin(), changes.end(), [](const Event& event) { return event.a == at::cmbmsc && event.b == 0; }));
  bench.place();
  look();
  bench.controller->power_cut(0);
  bench.controller->power_on();
  EXPECT_FALSE(bench.own_memory.holds(own_base));
  EXPECT_FALSE(holds_the_same());
}

TEST(ControllerMemory, holds_submission_queues_that_are_fetched_with_the_bus_off) {
  MemoryBench bench;
  bench.place();
  bench.enable();
  HostQueue queue = bench.own_rings(1, 2 * own_page, 16);
  ASSERT_EQ(bench.make_completion(queue, queue.cq.iova), 0);
  ASSERT_EQ(bench.make_submission(queue, queue.sq.iova), 0);
  EXPECT_EQ(bench.keeper.of(EventKind::queue_made).back().b, own_base.value + 2 * own_page);
  bench.push(queue, spec::flush(Nsid{1}));
  bench.port.set_bus_master(false);
  bench.ring(queue);
  bench.keeper.events.clear();
  EXPECT_TRUE(bench.run_while_not([&] { return !bench.keeper.of(EventKind::sqe_fetched).empty(); }));
  bench.port.set_bus_master(true);
  EXPECT_TRUE(bench.wait(queue).has_value());
}

TEST(ControllerMemory, takes_no_queue_that_ends_beyond_it_nor_one_of_completions) {
  MemoryBench bench;
  bench.place();
  bench.enable();
  HostQueue queue = bench.own_rings(1, 0, 128);  // two pages of entries
  EXPECT_EQ(bench.make_completion(queue, own_base), statuses::invalid_use_of_cmb);
  ASSERT_EQ(bench.make_completion(queue, queue.cq.iova), 0);
  EXPECT_EQ(bench.make_submission(queue, own_base + 15 * own_page), statuses::invalid_use_of_cmb);
  EXPECT_EQ(bench.make_submission(queue, Iova{own_base.value - own_page}), statuses::invalid_use_of_cmb);
  EXPECT_EQ(bench.make_submission(queue, own_base + 14 * own_page), 0);
}

TEST(ControllerMemory, takes_no_queue_where_it_does_not_offer_that) {
  ControllerMemoryOptions memory = for_everything();
  memory.queues = false;
  MemoryBench bench(memory);
  bench.place();
  bench.enable();
  HostQueue queue = bench.own_rings(1, 0, 16);
  ASSERT_EQ(bench.make_completion(queue, queue.cq.iova), 0);
  EXPECT_EQ(bench.make_submission(queue, own_base), statuses::invalid_use_of_cmb);
}

TEST(ControllerMemory, is_no_place_for_admin_queues) {
  MemoryBench bench;
  bench.place();
  bench.admin = bench.make_rings(admin_qid, 16, 16);
  bench.write32(at::aqa, spec::admin_queue_attributes(16, 16).raw);
  bench.write64(at::asq, own_base.value);
  bench.write64(at::acq, bench.admin.cq.iova.value);
  bench.write32(at::cc, spec::Cc{}.with(spec::Cc::iosqes, 6).with(spec::Cc::iocqes, 4).with(spec::Cc::en, true).raw);
  EXPECT_FALSE(bench.run_while_not([&] { return bench.csts().get(spec::Csts::rdy); }, seconds(1)));
}

TEST(ControllerMemory, holds_data_of_both_directions_and_lists) {
  MemoryBench bench;
  bench.place();
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1);
  const HostPages out = bench.own(0, 2 * own_page);
  DriveBench::fill(out.bytes, 'x');
  bench.keeper.events.clear();
  EXPECT_EQ(bench.io_status(queue, spec::write(Nsid{1}, Lba{0}, 16), out.iova, out.iova + own_page), 0);
  EXPECT_TRUE(bench.keeper.of(EventKind::dma_access).empty()) << "it moves nothing over the bus";
  // Four pages in, by a list that lies there too: PRP1, then three entries.
  const HostPages in = bench.own(4 * own_page, 4 * own_page);
  const HostPages list = bench.own(8 * own_page, own_page);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Le64 entry = in.iova.value + (i + 1) * own_page;
    std::memcpy(list.bytes.data() + i * 8, &entry, sizeof entry);
  }
  EXPECT_EQ(bench.io_status(queue, spec::read(Nsid{1}, Lba{0}, 32), in.iova, list.iova), 0);
  EXPECT_EQ(std::memcmp(in.bytes.data(), out.bytes.data(), 2 * own_page), 0);
}

TEST(ControllerMemory, refuses_data_and_lists_that_it_does_not_offer) {
  ControllerMemoryOptions memory;
  memory.bytes = 16 * own_page;
  memory.data_of_writes = true;
  MemoryBench bench(memory);
  bench.place();
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1);
  EXPECT_EQ(bench.io_status(queue, spec::write(Nsid{1}, Lba{0}, 1), own_base), 0);
  EXPECT_EQ(bench.io_status(queue, spec::read(Nsid{1}, Lba{0}, 1), own_base), statuses::invalid_use_of_cmb);
  const HostPages data = bench.pages(own_page);
  EXPECT_EQ(bench.io_status(queue, spec::read(Nsid{1}, Lba{0}, 32), data.iova, own_base), statuses::invalid_use_of_cmb) << "a list";
}

TEST(ControllerMemory, refuses_data_that_lies_in_it_in_part) {
  MemoryBench bench;
  bench.place();
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1);
  const HostPages data = bench.pages(own_page);
  EXPECT_EQ(bench.io_status(queue, spec::write(Nsid{1}, Lba{0}, 16), data.iova, own_base), statuses::invalid_use_of_cmb);
  EXPECT_EQ(bench.io_status(queue, spec::write(Nsid{1}, Lba{0}, 16), own_base, data.iova), statuses::invalid_use_of_cmb);
  EXPECT_EQ(bench.io_status(queue, spec::write(Nsid{1}, Lba{0}, 16), data.iova, bench.pages(own_page).iova), 0);
}

}  // namespace
}  // namespace phasebit::sim
