#include "bench/pair_rig.hpp"

#include <cstring>

#include "src/spec/io_commands.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::bench {
namespace {

constexpr std::uint32_t ring_entries = 1024;
constexpr std::uint32_t admin_entries = 16;
constexpr driver::PageSize page{4096};

}  // namespace

PairRig::PairRig(std::uint32_t transfer_bytes, std::uint32_t depth)
    : transfer_bytes_(transfer_bytes), depth_(depth), pair_(backend_, io_queues(), std::pmr::get_default_resource()), completions_(depth) {
  PHASEBIT_ASSERT(transfer_bytes % NullDevice::block_bytes == 0 && transfer_bytes <= 1u << 20);
  PHASEBIT_ASSERT(depth >= 1 && depth <= depth_max);
  for (std::uint32_t i = 0; i < depth; ++i) {
    const DmaRegion buffer = *backend_.allocate_dma(transfer_bytes);
    const DmaRegion list = *backend_.allocate_dma(page.bytes);
    transfers_.push_back({{buffer.iova, buffer.bytes}, {reinterpret_cast<Le64*>(list.data), list.iova, list.bytes}});
  }
  pair_.control().go_live();
}

driver::QueueSetup PairRig::io_queues() {
  enable();
  const DmaRegion sq = *backend_.allocate_dma(std::uint64_t{ring_entries} * spec::sqe_bytes);
  const DmaRegion cq = *backend_.allocate_dma(std::uint64_t{ring_entries} * spec::cqe_bytes);
  admin_command(spec::CreateIoCompletionQueue{Qid{1}, ring_entries, cq.iova}.sqe());
  admin_command(spec::CreateIoSubmissionQueue{Qid{1}, ring_entries, sq.iova, Qid{1}}.sqe());
  const spec::Cap cap{backend_.read64(spec::offset::cap)};
  const auto doorbell = [cap](spec::DoorbellKind kind) { return static_cast<std::uint32_t>(spec::doorbell_offset(cap, Qid{1}, kind)); };
  submission_ = {Qid{1}, ring_entries, sq, doorbell(spec::DoorbellKind::submission_tail)};
  return {Qid{1}, ring_entries, cq, doorbell(spec::DoorbellKind::completion_head), {&submission_, 1}};
}

void PairRig::enable() {
  backend_.write32(spec::offset::aqa, spec::admin_queue_attributes(admin_entries, admin_entries).raw);
  backend_.write64(spec::offset::asq, admin_sq_.iova.value);
  backend_.write64(spec::offset::acq, admin_cq_.iova.value);
  const spec::Cc cc = spec::Cc{}.with(spec::Cc::iosqes, spec::sqe_bytes_log2).with(spec::Cc::iocqes, spec::cqe_bytes_log2);
  backend_.write32(spec::offset::cc, cc.with(spec::Cc::en, true).raw);
  backend_.device().step();
}

void PairRig::admin_command(spec::Sqe sqe) {
  std::memcpy(admin_sq_.data + std::size_t{admin_tail_} * spec::sqe_bytes, &sqe, sizeof sqe);
  spec::Cqe cqe;
  std::byte* const slot = admin_cq_.data + std::size_t{admin_tail_} * spec::cqe_bytes;
  backend_.write32(spec::offset::doorbells, ++admin_tail_);
  backend_.device().step();
  std::memcpy(&cqe, slot, sizeof cqe);
  PHASEBIT_ASSERT(cqe.phase() && is_success(cqe.status()));
}

void PairRig::submit() {
  const std::uint32_t blocks = transfer_bytes_ / NullDevice::block_bytes;
  for (Transfer& transfer : transfers_) {
    spec::Sqe sqe = spec::read(NullDevice::nsid, Lba{next_block_++}, blocks);
    const driver::DataPointer data = describe({&transfer.buffer, 1}, {}, transfer_bytes_, page, transfer.list);
    sqe.prp1 = data.prp1;
    sqe.prp2 = data.prp2;
    PHASEBIT_ASSERT(pair_.push(sqe, next_block_).has_value());
  }
  pair_.ring();
}

std::uint32_t PairRig::reap() {
  return pair_.reap(completions_);
}

}  // namespace phasebit::bench
