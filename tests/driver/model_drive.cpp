#include "tests/support/model_drive.hpp"

#include "src/spec/async_event.hpp"
#include "tests/support/driver_bench.hpp"
#include "tests/support/prp_walker.hpp"

namespace phasebit::testing {

using spec::AdminOpcode;
using spec::CommandStatus;
using spec::GenericStatus;

void ModelDrive::write_cc(spec::Cc value) {
  const bool was = registers_.cc().get(spec::Cc::en);
  registers_.write_cc(value, now);
  if (was && !value.get(spec::Cc::en)) {
    ++resets;
    queues.clear();
    requests_.clear();
    held_.clear();
  }
  if (!was && value.get(spec::Cc::en)) {
    const spec::Aqa aqa{admin_registers_[spec::offset::aqa]};
    const auto base = [this](std::uint32_t offset) {
      return Iova{admin_registers_[offset] | std::uint64_t{admin_registers_[offset + 4]} << 32};
    };
    queues.submissions[0] = {base(spec::offset::asq), spec::admin_submission_entries(aqa)};
    queues.completions[0] = {base(spec::offset::acq), spec::admin_completion_entries(aqa), 0, 0, true};
    const std::byte* cq = memory_.host(queues.completions[0].base, std::uint64_t{queues.completions[0].entries} * spec::cqe_bytes);
    if (cq == nullptr || std::any_of(cq, cq + std::uint64_t{queues.completions[0].entries} * spec::cqe_bytes,
                                     [](std::byte b) { return b != std::byte{0}; })) {
      complaints.push_back("admin completion queue not cleared");
    }
  }
}

void ModelDrive::ring(std::uint32_t offset, std::uint32_t value) {
  const spec::Csts csts = registers_.csts(now);
  if (!csts.get(spec::Csts::rdy) || fatal_was_seen_ || registers_.cc().get(spec::Cc::shn) != spec::Shn::none) {
    complaints.push_back("doorbell while not ready, failed or shutting down");
    return;
  }
  const std::uint32_t stride = spec::doorbell_stride_bytes(spec::Cap{options_.cap});
  const auto qid = static_cast<std::uint16_t>(offset / stride / 2);
  offset / stride % 2 == 0 ? queues.ring_tail(qid, value) : queues.ring_head(qid, value);
}

void ModelDrive::step() {
  if (gone || !registers_.csts(now).get(spec::Csts::rdy) || registers_.csts(now).get(spec::Csts::cfs) ||
      !command_.get(spec::pci::Command::bus_master)) {
    return;
  }
  if (!hold) {
    for (const spec::Sqe& sqe : std::exchange(held_, {})) {
      execute(0, sqe);
    }
  }
  const auto finder = [this](Iova iova, std::uint64_t bytes) { return find(iova, bytes); };
  std::vector<std::uint16_t> qids;
  for (const auto& [qid, queue] : queues.submissions) {
    qids.push_back(qid);
  }
  for (const std::uint16_t qid : qids) {
    spec::Sqe sqe;
    while (queues.submissions.contains(qid) && queues.has_room(qid) && queues.fetch(qid, finder, sqe)) {
      execute(qid, sqe);
    }
  }
  while (!raised_.empty() && !requests_.empty()) {
    queues.post(0, requests_.front(), {}, raised_.front().raw, finder);
    raised_.pop_front();
    requests_.pop_front();
  }
}

void ModelDrive::execute(std::uint16_t qid, const spec::Sqe& sqe) {
  if (qid == 0 && hold && hold(sqe)) {
    held_.push_back(sqe);
    return;
  }
  if (qid == 0) {
    admin_commands.push_back(sqe);
  }
  const Script wanted = script ? script(qid, sqe) : Script{};
  if (wanted.drop) {
    return;
  }
  Verdict verdict;
  if (wanted.status && !spec::is_success(*wanted.status)) {
    verdict.status = *wanted.status;
  } else {
    verdict = qid == 0 ? execute_admin(sqe) : execute_io(sqe);
  }
  if (verdict.answers) {
    queues.post(qid, cid_of(sqe), verdict.status, wanted.dword0.value_or(verdict.dword0),
                [this](Iova iova, std::uint64_t bytes) { return find(iova, bytes); });
  }
}

ModelDrive::Verdict ModelDrive::execute_admin(const spec::Sqe& sqe) {
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::identify:
      return identify(sqe);
    case AdminOpcode::set_features:
      if (spec::SetFeatures::from(sqe).fid == spec::Fid::number_of_queues) {
        const std::uint32_t grant = options_.grants_nonsense ? ~0u : spec::number_of_queues(options_.queue_grant, options_.queue_grant).raw;
        return {{}, grant};
      }
      return {};
    case AdminOpcode::get_features:
      return {{}, 0x77};
    case AdminOpcode::get_log_page: {
      std::vector<std::byte> page = log;
      page.resize(spec::GetLogPage::from(sqe).bytes);
      return transfer(sqe, page);
    }
    case AdminOpcode::abort:
      return {{}, 1};  // there was nothing to abort
    case AdminOpcode::async_event_request:
      requests_.push_back(cid_of(sqe));
      if (requests_.size() > id.aerl + 1u) {
        complaints.push_back("more requests for events than AERL allows");
      }
      return {{}, 0, false};
    case AdminOpcode::create_io_cq:
    case AdminOpcode::create_io_sq:
      return make_queue(sqe);
    case AdminOpcode::delete_io_cq:
    case AdminOpcode::delete_io_sq:
      return delete_queue(sqe);
    default:
      return {spec::make_status(GenericStatus::invalid_opcode).with(spec::Status::dnr, true)};
  }
}

/// To the host, wherever its PRPs lead.
ModelDrive::Verdict ModelDrive::transfer(const spec::Sqe& sqe, std::span<const std::byte> data) {
  const auto load = [this](std::uint64_t address) -> std::optional<std::uint64_t> {
    const std::byte* entry = find(Iova{address}, sizeof(Le64));
    return entry != nullptr ? std::optional<std::uint64_t>(*reinterpret_cast<const Le64*>(entry)) : std::nullopt;
  };
  const auto pieces = walk_prps(sqe.prp1, sqe.prp2, data.size(), spec::page_bytes(registers_.cc()), load);
  for (const PrpPiece& piece : pieces.value_or(std::vector<PrpPiece>{})) {
    std::byte* memory = find(Iova{piece.address}, piece.bytes);
    if (memory == nullptr) {
      break;
    }
    std::memcpy(memory, data.data(), piece.bytes);
    data = data.subspan(piece.bytes);
  }
  if (!pieces || !data.empty()) {
    complaints.push_back("data pointer to memory that is nobody's");
    return {spec::make_status(GenericStatus::data_transfer_error)};
  }
  return {};
}

ModelDrive::Verdict ModelDrive::identify(const spec::Sqe& sqe) {
  const spec::Identify asked = spec::Identify::from(sqe);
  std::array<std::byte, 4096> page{};
  switch (asked.cns) {
    case spec::Cns::controller:
      std::memcpy(page.data(), &id, sizeof id);
      break;
    case spec::Cns::io_command_sets: {
      spec::IoCommandSetVectors vectors;
      std::copy(options_.command_sets.begin(), options_.command_sets.end(), vectors.vector.begin());
      std::memcpy(page.data(), &vectors, sizeof vectors);
      break;
    }
    case spec::Cns::active_namespaces: {
      if (!options_.has_active_list) {
        return {spec::make_status(GenericStatus::invalid_field).with(spec::Status::dnr, true)};
      }
      spec::NamespaceList list;
      std::size_t count = 0;
      for (const auto& [nsid, space] : namespaces) {
        if (nsid > asked.nsid.value && count < list.nsid.size()) {
          list.nsid[count++] = nsid;
        }
      }
      std::memcpy(page.data(), &list, sizeof list);
      break;
    }
    case spec::Cns::identify_namespace: {
      spec::IdentifyNamespace space;
      if (const auto found = namespaces.find(asked.nsid.value); found != namespaces.end()) {
        space.nsze = space.ncap = found->second.blocks;
        space.lbaf[0].lbads = found->second.block_bytes_log2;
      }
      std::memcpy(page.data(), &space, sizeof space);
      break;
    }
    case spec::Cns::namespace_descriptors:
      if (const auto found = namespaces.find(asked.nsid.value); found != namespaces.end()) {
        page[0] = std::byte{4};
        page[1] = std::byte{1};
        page[4] = std::byte{found->second.csi};
      }
      break;
    case spec::Cns::controller_of_command_set:
      break;
    default:
      return {spec::make_status(GenericStatus::invalid_field).with(spec::Status::dnr, true)};
  }
  return transfer(sqe, page);
}

ModelDrive::Verdict ModelDrive::make_queue(const spec::Sqe& sqe) {
  const bool completion = static_cast<AdminOpcode>(sqe.opcode) == AdminOpcode::create_io_cq;
  const std::uint16_t qid = spec::queue_id_of(sqe).value;
  const std::uint32_t entries = spec::queue_entries_of(sqe);
  const bool taken = completion ? queues.completions.contains(qid) : queues.submissions.contains(qid);
  if (qid == 0 || qid > options_.queue_grant || taken) {
    complaints.push_back("queue identifier " + std::to_string(qid) + " out of the grant or in use");
    return {spec::make_status(CommandStatus::invalid_queue_identifier)};
  }
  if (entries < 2 || entries > spec::queue_entries_max(spec::Cap{options_.cap}) || sqe.prp1 % 4096 != 0) {
    complaints.push_back("queue size or base");
    return {spec::make_status(CommandStatus::invalid_queue_size)};
  }
  if (completion) {
    queues.completions[qid] = {Iova{sqe.prp1}, entries, 0, 0, true};
    return {};
  }
  const std::uint16_t cqid = spec::CreateIoSubmissionQueue::from(sqe).cqid.value;
  if (cqid == 0 || !queues.completions.contains(cqid)) {
    complaints.push_back("submission queue without its completion queue");
    return {spec::make_status(CommandStatus::completion_queue_invalid)};
  }
  queues.submissions[qid] = {Iova{sqe.prp1}, entries, 0, 0, cqid};
  return {};
}

ModelDrive::Verdict ModelDrive::delete_queue(const spec::Sqe& sqe) {
  const std::uint16_t qid = spec::queue_id_of(sqe).value;
  const bool completion = static_cast<AdminOpcode>(sqe.opcode) == AdminOpcode::delete_io_cq;
  const bool in_use = completion && std::any_of(queues.submissions.begin(), queues.submissions.end(),
                                                [&](const auto& entry) { return entry.second.cqid == qid; });
  const bool exists = completion ? queues.completions.contains(qid) : queues.submissions.contains(qid);
  if (qid == 0 || !exists || in_use) {
    complaints.push_back("deletion of queue " + std::to_string(qid) + " that does not exist or is in use");
    return {spec::make_status(in_use ? CommandStatus::invalid_queue_deletion : CommandStatus::invalid_queue_identifier)};
  }
  completion ? queues.completions.erase(qid) : queues.submissions.erase(qid);
  return {};
}

/// Only transfers that PRP1 alone can name.
ModelDrive::Verdict ModelDrive::execute_io(const spec::Sqe& sqe) {
  const auto opcode = static_cast<spec::NvmOpcode>(sqe.opcode);
  if (opcode != spec::NvmOpcode::read && opcode != spec::NvmOpcode::write) {
    return {};
  }
  const auto found = namespaces.find(sqe.nsid);
  const std::uint64_t first = sqe.cdw10 | std::uint64_t{sqe.cdw11} << 32;
  const std::uint64_t count = (sqe.cdw12 & 0xffff) + 1;
  if (found == namespaces.end() || first + count > found->second.blocks) {
    return {spec::make_status(GenericStatus::lba_out_of_range)};
  }
  const std::size_t block_bytes = 1ull << found->second.block_bytes_log2;
  std::byte* data = find(Iova{sqe.prp1}, count * block_bytes);
  if (data == nullptr) {
    complaints.push_back("I/O to memory that is nobody's");
    return {spec::make_status(GenericStatus::data_transfer_error)};
  }
  for (std::uint64_t block = 0; block < count; ++block, data += block_bytes) {
    std::vector<std::byte>& content = found->second.content[first + block];
    content.resize(block_bytes);
    opcode == spec::NvmOpcode::write ? std::memcpy(content.data(), data, block_bytes) : std::memcpy(data, content.data(), block_bytes);
  }
  return {};
}

}  // namespace phasebit::testing

namespace phasebit::driver {

template tl::expected<AnyDriver*, Problem> make_driver(testing::ModelDrive&, const Options&, std::pmr::memory_resource*);

}  // namespace phasebit::driver
