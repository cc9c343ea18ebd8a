#include "scenarios/interpose/transfer_trace.hpp"

#include <algorithm>
#include <cstring>

#include "src/spec/admin_commands.hpp"
#include "src/spec/dataset_management.hpp"
#include "src/spec/io_commands.hpp"

namespace phasebit::scenarios {
namespace {

using spec::AdminOpcode;
using spec::Fid;
using spec::NvmOpcode;

constexpr std::uint64_t range_bytes = 16;  // of Dataset Management (NVM Command Set 1.0 §3.2.3)
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
      return spec::DatasetManagement::from(sqe).ranges * range_bytes;
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

void TransferTrace::trace(Qid sqid, const spec::Sqe& sqe, const TracedTransfer& transfer, std::uint32_t page_bytes) {
  Walk walk{sqid, sqe.cid, transfer.to_host, page_bytes, 0};
  tell(walk, PrpRole::prp1, sqe.prp1);
  const std::uint64_t first = std::min(transfer.bytes, page_bytes - walk.offset_in_page(sqe.prp1));
  const std::uint64_t rest = transfer.bytes - first;
  if (sqe.prp1 % 4 != 0 || !touch(walk, sqe.prp1, first, walk.to_host) || rest == 0) {
    return;
  }
  if (rest > page_bytes) {
    tell(walk, PrpRole::prp2_list, sqe.prp2);
    trace_list(walk, sqe.prp2, rest);
    return;
  }
  tell(walk, PrpRole::prp2_data, sqe.prp2);
  if (walk.offset_in_page(sqe.prp2) == 0) {
    touch(walk, sqe.prp2, rest, walk.to_host);
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
    if (!chains && !touch(walk, value, piece, walk.to_host)) {
      return;
    }
    bytes -= chains ? 0 : piece;
    list = chains ? value.get() : list + spec::prp_entry_bytes;
  }
}

}  // namespace phasebit::scenarios
