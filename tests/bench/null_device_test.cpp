#include "bench/null_device.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "bench/null_backend.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::bench {
namespace {

/// A host of a few lines that does what a driver does to a device that behaves.
class NullDeviceTest : public testing::Test {
 protected:
  static constexpr std::uint32_t entries = 4;

  struct Ring {
    DmaRegion sq, cq;
    std::uint32_t tail = 0, head = 0;
  };

  Ring ring() { return {*backend.allocate_dma(4096), *backend.allocate_dma(4096)}; }

  void enable() {
    backend.write32(spec::offset::aqa, spec::admin_queue_attributes(entries, entries).raw);
    backend.write64(spec::offset::asq, admin.sq.iova.value);
    backend.write64(spec::offset::acq, admin.cq.iova.value);
    backend.write32(spec::offset::cc, spec::Cc{}.with(spec::Cc::en, true).with(spec::Cc::iosqes, 6).with(spec::Cc::iocqes, 4).raw);
    backend.device().step();
  }

  bool ready() const { return spec::Csts{backend.read32(spec::offset::csts)}.get(spec::Csts::rdy); }

  void push(Ring& ring, std::uint32_t qid, spec::Sqe sqe, std::uint16_t cid) {
    sqe.cid = cid;
    std::memcpy(ring.sq.data + 64ul * ring.tail, &sqe, sizeof sqe);
    ring.tail = (ring.tail + 1) % entries;
    backend.write32(0x1000 + 8 * qid, ring.tail);
  }

  spec::Cqe at(const Ring& ring, std::uint32_t slot) const {
    spec::Cqe cqe;
    std::memcpy(&cqe, ring.cq.data + 16ul * slot, sizeof cqe);
    return cqe;
  }

  spec::Cqe reap(Ring& ring, std::uint32_t qid) {
    const spec::Cqe cqe = at(ring, ring.head);
    ring.head = (ring.head + 1) % entries;
    backend.write32(0x1004 + 8 * qid, ring.head);
    return cqe;
  }

  spec::Cqe command(const spec::Sqe& sqe) {
    push(admin, 0, sqe, ++last_cid);
    backend.device().step();
    return reap(admin, 0);
  }

  void create_queue_pair() {
    ASSERT_TRUE(is_success(command(spec::CreateIoCompletionQueue{Qid{1}, entries, io.cq.iova}.sqe()).status()));
    ASSERT_TRUE(is_success(command(spec::CreateIoSubmissionQueue{Qid{1}, entries, io.sq.iova, Qid{1}}.sqe()).status()));
  }

  NullBackend backend;
  Ring admin = ring();
  Ring io = ring();
  std::uint16_t last_cid = 0;
};

TEST_F(NullDeviceTest, becomes_ready_and_unready_as_cc_asks) {
  EXPECT_FALSE(ready());
  enable();
  EXPECT_TRUE(ready());
  backend.write32(spec::offset::cc, 0);
  backend.device().step();
  EXPECT_FALSE(ready());
}

TEST_F(NullDeviceTest, completes_a_shutdown) {
  enable();
  backend.write32(spec::offset::cc, spec::Cc{backend.read32(spec::offset::cc)}.with(spec::Cc::shn, spec::Shn::normal).raw);
  backend.device().step();
  EXPECT_EQ(spec::Csts{backend.read32(spec::offset::csts)}.get(spec::Csts::shst), spec::Shst::complete);
}

TEST_F(NullDeviceTest, identifies_itself_across_two_pages) {
  enable();
  const DmaRegion buffer = *backend.allocate_dma(8192);
  spec::Sqe sqe = spec::Identify{spec::Cns::controller}.sqe();
  sqe.prp1 = buffer.iova.value + 4092;
  sqe.prp2 = buffer.iova.value + 4096;
  EXPECT_TRUE(is_success(command(sqe).status()));
  spec::IdentifyController data;
  std::memcpy(reinterpret_cast<std::byte*>(&data), buffer.data + 4092, sizeof data);
  EXPECT_EQ(spec::unpadded<20>(data.sn), "NULL0001");
  EXPECT_EQ(data.nn, 1u);
}

TEST_F(NullDeviceTest, grants_its_queues_and_refuses_others) {
  enable();
  const spec::SetFeatures ask{spec::Fid::number_of_queues, spec::number_of_queues(64, 64).raw};
  EXPECT_EQ(command(ask.sqe()).dw0, 0x0007'0007u);
  EXPECT_EQ(command(spec::CreateIoCompletionQueue{Qid{9}, entries, io.cq.iova}.sqe()).status(),
            spec::make_status(spec::CommandStatus::invalid_queue_identifier));
  EXPECT_EQ(command(spec::CreateIoSubmissionQueue{Qid{1}, entries, io.sq.iova, Qid{1}}.sqe()).status(),
            spec::make_status(spec::CommandStatus::completion_queue_invalid));
}

TEST_F(NullDeviceTest, keeps_an_event_request_and_answers_what_it_does_not_know) {
  enable();
  push(admin, 0, spec::async_event_request(), 7);
  EXPECT_EQ(command(spec::keep_alive()).status(), spec::make_status(spec::GenericStatus::invalid_opcode));
  EXPECT_EQ(at(admin, 1).status_phase, 0u);
}

TEST_F(NullDeviceTest, completes_io_in_order_with_a_phase_that_flips_at_each_wrap) {
  enable();
  create_queue_pair();
  for (std::uint16_t cid = 0; cid < 3 * entries; ++cid) {
    push(io, 1, spec::read(NullDevice::nsid, Lba{cid}, 8), cid);
    backend.device().step();
    const std::uint32_t slot = io.head;
    const spec::Cqe cqe = reap(io, 1);
    EXPECT_EQ(cqe.cid, cid);
    EXPECT_EQ(cqe.sqid, 1u);
    EXPECT_EQ(cqe.sqhd, io.tail);
    EXPECT_EQ(cqe.phase(), cid / entries % 2 == 0) << "slot " << slot;
    EXPECT_TRUE(is_success(cqe.status()));
  }
}

TEST_F(NullDeviceTest, never_fills_the_last_slot_of_a_completion_queue_that_nobody_reaps) {
  enable();
  create_queue_pair();
  for (std::uint16_t cid = 0; cid < 5; ++cid) {
    push(io, 1, spec::read(NullDevice::nsid, Lba{0}, 8), cid);
    backend.device().step();
  }
  EXPECT_EQ(at(io, 2).cid, 2u);
  EXPECT_EQ(at(io, 3).status_phase, 0u);
  reap(io, 1);
  backend.device().step();
  EXPECT_EQ(at(io, 3).cid, 3u);
}

TEST_F(NullDeviceTest, does_nothing_before_it_is_enabled) {
  push(io, 1, spec::read(NullDevice::nsid, Lba{0}, 8), 1);
  backend.device().step();
  EXPECT_FALSE(ready());
  EXPECT_EQ(at(io, 0).status_phase, 0u);
}

TEST(NullBackend, counts_mappings_of_a_range) {
  NullBackend backend;
  std::array<std::byte, 64> memory;
  EXPECT_EQ(backend.unmap(memory).error(), Errc::not_found);
  const Iova first = *backend.map(memory, DmaRights::device_reads);
  EXPECT_EQ(*backend.map(memory, DmaRights::device_reads), first);
  EXPECT_TRUE(backend.unmap(memory).has_value());
  EXPECT_TRUE(backend.unmap(memory).has_value());
  EXPECT_EQ(backend.unmap(memory).error(), Errc::not_found);
}

TEST(NullBackend, gives_zeroed_pages_and_an_nvme_class_code) {
  NullBackend backend;
  const DmaRegion region = *backend.allocate_dma(5000);
  EXPECT_EQ(region.bytes, 5000u);
  EXPECT_EQ(region.iova.value % 4096, 0u);
  for (const std::byte byte : region.span()) {
    ASSERT_EQ(byte, std::byte{0});
  }
  backend.free_dma(region);
  EXPECT_EQ(backend.config_read32(8) >> 8, 0x01'08'02u);
}

}  // namespace
}  // namespace phasebit::bench
