#include <string>

#include "sim/monitor/judgements.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::sim {

using spec::AdminOpcode;
using spec::NvmOpcode;

namespace {

std::string text_of(std::uint16_t sqid, const spec::Sqe& sqe) {
  return "SQ " + std::to_string(sqid) + " command " + hex(sqe.cid) + " with opcode " + hex(sqe.opcode);
}

bool is_admin_opcode(std::uint8_t opcode) {
  return !spec::opcode_name(static_cast<AdminOpcode>(opcode)).empty();
}
bool is_nvm_opcode(std::uint8_t opcode) {
  return !spec::opcode_name(static_cast<NvmOpcode>(opcode)).empty();
}

/// The bit of ONCS that offers an opcode (Base 2.0 Figure 275); 0 for a command that every controller has.
std::uint32_t oncs_bit(NvmOpcode opcode) {
  switch (opcode) {
    case NvmOpcode::compare:
      return 1u << 0;
    case NvmOpcode::write_uncorrectable:
      return 1u << 1;
    case NvmOpcode::dataset_management:
      return 1u << 2;
    case NvmOpcode::write_zeroes:
      return 1u << 3;
    case NvmOpcode::reservation_register:
    case NvmOpcode::reservation_report:
    case NvmOpcode::reservation_acquire:
    case NvmOpcode::reservation_release:
      return 1u << 5;
    case NvmOpcode::verify:
      return 1u << 7;
    case NvmOpcode::copy:
      return 1u << 8;
    default:
      return 0;
  }
}

/// The bit of OACS that offers an admin opcode; 0 for one that is mandatory or announced elsewhere.
std::uint32_t oacs_bit(AdminOpcode opcode) {
  switch (opcode) {
    case AdminOpcode::security_send:
    case AdminOpcode::security_receive:
      return 1u << 0;
    case AdminOpcode::format_nvm:
      return 1u << 1;
    case AdminOpcode::firmware_commit:
    case AdminOpcode::firmware_image_download:
      return 1u << 2;
    case AdminOpcode::namespace_management:
    case AdminOpcode::namespace_attachment:
      return 1u << 3;
    case AdminOpcode::device_self_test:
      return 1u << 4;
    case AdminOpcode::directive_send:
    case AdminOpcode::directive_receive:
      return 1u << 5;
    case AdminOpcode::nvme_mi_send:
    case AdminOpcode::nvme_mi_receive:
      return 1u << 6;
    case AdminOpcode::virtualization_management:
      return 1u << 7;
    case AdminOpcode::doorbell_buffer_config:
      return 1u << 8;
    case AdminOpcode::get_lba_status:
      return 1u << 9;
    case AdminOpcode::lockdown:
      return 1u << 10;
    default:
      return 0;
  }
}

void judge_opcode(std::uint16_t sqid, const spec::Sqe& sqe, const DriveView& view, ViolationList& found) {
  const bool admin = sqid == 0;
  const bool known = admin ? is_admin_opcode(sqe.opcode) : is_nvm_opcode(sqe.opcode);
  const bool known_elsewhere = admin ? is_nvm_opcode(sqe.opcode) : is_admin_opcode(sqe.opcode);
  if (!known && known_elsewhere) {
    found.add("CMD-10", text_of(sqid, sqe));
    return;
  }
  const std::uint32_t bit = admin ? oacs_bit(static_cast<AdminOpcode>(sqe.opcode)) : oncs_bit(static_cast<NvmOpcode>(sqe.opcode));
  const std::uint32_t offered = admin ? view.oacs : view.oncs;
  const bool vendor_specific = admin ? sqe.opcode >= 0xc0 : sqe.opcode >= 0x80;
  if ((!known && !vendor_specific) || (view.limits_known && bit != 0 && (offered & bit) == 0)) {
    found.add("CMD-09", text_of(sqid, sqe) + " is not offered");
  }
}

bool takes_all_namespaces(NvmOpcode opcode) {
  return opcode == NvmOpcode::flush;
}

void judge_range(const std::string& text, std::uint64_t first, std::uint64_t count, const NamespaceView& view, std::uint64_t pushed,
                 ViolationList& found) {
  const std::uint64_t blocks = view.blocks_allowed(pushed);
  if (first > blocks || count > blocks - first) {
    found.add("CMD-11", text + ": LBA " + hex(first) + " and " + std::to_string(count) + " blocks of " + hex(view.blocks));
  }
}

bool has_range(NvmOpcode opcode) {
  return opcode == NvmOpcode::read || opcode == NvmOpcode::write || opcode == NvmOpcode::compare || opcode == NvmOpcode::verify ||
         opcode == NvmOpcode::write_zeroes || opcode == NvmOpcode::write_uncorrectable;
}

bool moves_blocks(NvmOpcode opcode) {
  return opcode == NvmOpcode::read || opcode == NvmOpcode::write || opcode == NvmOpcode::compare;
}

void judge_io_command(std::uint16_t sqid, const spec::Sqe& sqe, const DriveView& view, ViolationList& found) {
  const auto opcode = static_cast<NvmOpcode>(sqe.opcode);
  if (takes_all_namespaces(opcode) && spec::nsid_of(sqe) == nsid_all) {
    return;
  }
  const std::uint64_t pushed = view.pushed_at(sqid, sqe.cid);
  const NamespaceView* at = view.find_namespace(sqe.nsid);
  if (at == nullptr || !at->usable(pushed)) {
    found.add("CMD-06", text_of(sqid, sqe) + ": namespace " + hex(sqe.nsid));
    return;
  }
  if (has_range(opcode)) {
    const auto command = spec::BlockCommand::from(sqe);
    judge_range(text_of(sqid, sqe), command.slba.value, command.blocks, *at, pushed, found);
  }
  const std::uint64_t bytes = std::uint64_t{spec::BlockCommand::from(sqe).blocks} * at->block_bytes;
  if (moves_blocks(opcode) && bytes > view.transfer_bytes_max()) {
    found.add("CMD-12",
              text_of(sqid, sqe) + ": " + std::to_string(bytes) + " bytes where MDTS allows " + std::to_string(view.transfer_bytes_max()));
  }
}

}  // namespace

void judge_command(std::uint16_t sqid, const spec::Sqe& sqe, DriveView& view, ViolationList& found) {
  if (view.submission(sqid).command(sqe.cid).outstanding) {
    found.add("CMD-01", text_of(sqid, sqe) + " while that identifier is outstanding");
  }
  judge_opcode(sqid, sqe, view, found);
  if (sqid == 0) {
    judge_admin_command(sqe, view, found);
  } else if (is_nvm_opcode(sqe.opcode)) {
    judge_io_command(sqid, sqe, view, found);
  }
}

void judge_dataset_range(const Event& event, const DriveView& view, ViolationList& found) {
  const auto cid = static_cast<std::uint16_t>(event.a & 0xffff);
  const std::uint64_t pushed = view.pushed_at(event.queue, cid);
  const NamespaceView* at = view.find_namespace(static_cast<std::uint32_t>(event.c >> 32));
  if (at != nullptr && at->usable(pushed)) {
    const std::string text = "SQ " + std::to_string(event.queue) + " command " + hex(cid) + " with range " + std::to_string(event.a >> 16);
    judge_range(text, event.b, event.c & 0xffff'ffff, *at, pushed, found);
  }
}

}  // namespace phasebit::sim
