#include "scenarios/interpose/transfer_trace.hpp"

#include <algorithm>
#include <cstring>

#include "src/spec/admin_commands.hpp"
#include "src/spec/io_commands.hpp"

namespace phasebit::scenarios {
namespace {

using spec::AdminOpcode;
using spec::Fid;
using spec::NvmOpcode;

constexpr std::uint32_t fault_not_mapped = 1u << 24;

/// Features whose value is a structure in memory (Base 2.0 §5.27.1).
std::uint64_t feature_bytes(Fid fid) {
  switch (fid) {
    case Fid::autonomous_power_state_transition:
      return 256;
    case Fid::timestamp:
      return 8;
    case Fid::host_behavior_support:
      return sizeof(spec::HostBehaviorSupport);
    default:
      return 0;
  }
}

std::uint64_t admin_bytes(const spec::Sqe& sqe) {
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::identify:
      return spec::identify_bytes;
    case AdminOpcode::get_log_page:
      return spec::GetLogPage::from(sqe).bytes;
    case AdminOpcode::set_features:
      return feature_bytes(spec::SetFeatures::from(sqe).fid);
    case AdminOpcode::get_features: {
      const auto get = spec::GetFeatures::from(sqe);
      return get.select == spec::FeatureSelect::supported_capabilities ? 0 : feature_bytes(get.fid);
    }
    default:
      return 0;
  }
}

std::uint64_t io_bytes(const spec::Sqe& sqe, std::uint32_t block_bytes) {
  switch (static_cast<NvmOpcode>(sqe.opcode)) {
    case NvmOpcode::read:
    case NvmOpcode::write:
    case NvmOpcode::compare:
      return std::uint64_t{spec::BlockCommand::from(sqe).blocks} * block_bytes;
    case NvmOpcode::dataset_management:
      return spec::DatasetManagement::from(sqe).ranges * sizeof(spec::DatasetRange);
    default:
      return 0;
  }
}

}  // namespace

std::optional<TracedTransfer> transfer_of(Qid sqid, const spec::Sqe& sqe, std::uint32_t block_bytes) {
  const std::uint64_t bytes = sqid == admin_qid ? admin_bytes(sqe) : io_bytes(sqe, block_bytes);
  if (bytes == 0 || spec::psdt_of(sqe) != spec::Psdt::prp) {
    return std::nullopt;
  }
  const bool to_host = spec::data_direction(sqe.opcode) == spec::DataDirection::controller_to_host;
  return TracedTransfer{bytes, to_host};
}

struct TransferTrace::Walk {
  Qid sqid;
  std::uint32_t cid = 0;
  bool to_host = false;
  bool brings_ranges = false;
  std::uint64_t page_bytes = 4096;
  std::uint64_t index = 0;

  std::uint64_t offset_in_page(std::uint64_t address) const { return address & (page_bytes - 1); }
};

void TransferTrace::tell(Walk& walk, PrpRole role, std::uint64_t value) {
  recorder_.append(EventKind::prp_entry, walk.sqid.value, walk.cid | static_cast<std::uint32_t>(role) << 16, value, walk.index++);
}

bool TransferTrace::touch(const Walk& walk, std::uint64_t address, std::uint64_t bytes, bool to_host) {
  const bool mapped = regions_.bytes_from(Iova{address}) >= bytes;
  const std::uint32_t a = walk.cid | (to_host ? 1u << 16 : 0) | (mapped ? 0 : fault_not_mapped);
  recorder_.append(EventKind::dma_access, walk.sqid.value, a, address, bytes);
  return mapped;
}

bool TransferTrace::touch_data(const Walk& walk, std::uint64_t address, std::uint64_t bytes) {
  const bool mapped = touch(walk, address, bytes, walk.to_host);
  const std::byte* data = walk.brings_ranges && mapped ? regions_.host(Iova{address}, bytes) : nullptr;
  if (data != nullptr) {
    std::memcpy(ranges_.data() + range_bytes_, data, bytes);
    range_bytes_ += bytes;
  }
  return mapped;
}

void TransferTrace::trace(Qid sqid, const spec::Sqe& sqe, const TracedTransfer& transfer, std::uint32_t page_bytes) {
  const bool brings_ranges = sqid != admin_qid && static_cast<NvmOpcode>(sqe.opcode) == NvmOpcode::dataset_management;
  Walk walk{sqid, sqe.cid, transfer.to_host, brings_ranges, page_bytes, 0};
  range_bytes_ = 0;
  trace_data(walk, sqe, transfer.bytes);
  if (brings_ranges && range_bytes_ == transfer.bytes) {
    tell_ranges(sqid, sqe);
  }
}

void TransferTrace::tell_ranges(Qid sqid, const spec::Sqe& sqe) {
  for (std::size_t i = 0; i < range_bytes_ / sizeof(spec::DatasetRange); ++i) {
    spec::DatasetRange range;
    std::memcpy(&range, ranges_.data() + i * sizeof(range), sizeof(range));
    recorder_.append(EventKind::dataset_range, sqid.value, sqe.cid | static_cast<std::uint32_t>(i) << 16, range.slba,
                     range.blocks | std::uint64_t{sqe.nsid} << 32);
  }
}

void TransferTrace::trace_data(Walk& walk, const spec::Sqe& sqe, std::uint64_t bytes) {
  tell(walk, PrpRole::prp1, sqe.prp1);
  const std::uint64_t first = std::min(bytes, walk.page_bytes - walk.offset_in_page(sqe.prp1));
  const std::uint64_t rest = bytes - first;
  if (sqe.prp1 % 4 != 0 || !touch_data(walk, sqe.prp1, first) || rest == 0) {
    return;
  }
  if (rest > walk.page_bytes) {
    tell(walk, PrpRole::prp2_list, sqe.prp2);
    trace_list(walk, sqe.prp2, rest);
    return;
  }
  tell(walk, PrpRole::prp2_data, sqe.prp2);
  if (walk.offset_in_page(sqe.prp2) == 0) {
    touch_data(walk, sqe.prp2, rest);
  }
}

/// A chain leads to the start of a page, so that data follows: a list that leads to itself ends with the transfer.
void TransferTrace::trace_list(Walk& walk, std::uint64_t list, std::uint64_t bytes) {
  while (bytes > 0 && list % spec::prp_entry_bytes == 0) {
    const std::byte* entry = regions_.host(Iova{list}, spec::prp_entry_bytes);
    if (entry == nullptr) {
      touch(walk, list, spec::prp_entry_bytes, false);
      return;
    }
    Le64 value;
    std::memcpy(&value, entry, sizeof value);
    const bool is_last_of_page = walk.offset_in_page(list) + spec::prp_entry_bytes == walk.page_bytes;
    const bool chains = is_last_of_page && bytes > walk.page_bytes;
    tell(walk, chains ? PrpRole::list_chain : PrpRole::list_data, value);
    if (walk.offset_in_page(value) != 0) {
      return;
    }
    const std::uint64_t piece = std::min(bytes, walk.page_bytes);
    if (!chains && !touch_data(walk, value, piece)) {
      return;
    }
    bytes -= chains ? 0 : piece;
    list = chains ? value.get() : list + spec::prp_entry_bytes;
  }
}

}  // namespace phasebit::scenarios
