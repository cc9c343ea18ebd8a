#include <fmt/format.h>

#include <cstring>

#include "src/cli/usable_namespace.hpp"
#include "src/cli/validate/ask_drive.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/spec/identify_bits.hpp"
#include "src/spec/io_commands.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint64_t largest_try = 1 << 20;  ///< bytes; a drive without MDTS takes more than anybody wants to allocate

void check_registers(const driver::ControllerInfo& info, Validation& validation) {
  const spec::Cap cap = info.capabilities;
  validation.judge("limits.queue_entries", cap.get(spec::Cap::mqes) >= 1, fmt::format("up to {} entries a queue", info.queue_entries_max),
                   "Base 2.0 §3.1.3.1");
  validation.judge("limits.page_sizes", cap.get(spec::Cap::mpsmin) <= cap.get(spec::Cap::mpsmax),
                   fmt::format("pages of 2^{} to 2^{} bytes", 12 + cap.get(spec::Cap::mpsmin), 12 + cap.get(spec::Cap::mpsmax)),
                   "Base 2.0 §3.1.3.1");
}

void check_ends(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& block, Validation& validation) {
  const auto first = drive.io(block_operation(spec::NvmOpcode::read, space, 0, block));
  validation.judge("limits.first_block", is_ok(first), "block 0: " + outcome_text(first));
  const auto last = drive.io(block_operation(spec::NvmOpcode::read, space, space.blocks - 1, block));
  validation.judge("limits.last_block", is_ok(last), fmt::format("block {}: {}", space.blocks - 1, outcome_text(last)),
                   "NVM Command Set 1.0 §2.1");
}

/// A command that has to fail with this status.
template <class Code>
void expect_refusal(DriveAccess& drive, std::string_view check, const spec::Sqe& sqe, const DmaRegion& block, Code code,
                    std::string_view what, std::string_view section, Validation& validation) {
  driver::RawCommand command;
  command.sqe = sqe;
  command.buffers = {&block, 1};
  const auto result = drive.raw(command);
  const bool refused = result && result->outcome == driver::Outcome::failed && spec::is(result->status, code);
  validation.judge(check, refused, fmt::format("{}: {}", what, outcome_text(result)), section);
}

void check_refusals(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& block, Validation& validation) {
  expect_refusal(drive, "limits.beyond_the_end", spec::read(space.nsid, Lba{space.blocks}, 1), block, spec::GenericStatus::lba_out_of_range,
                 fmt::format("a read of block {}", space.blocks), "NVM Command Set 1.0 §3.1", validation);
  expect_refusal(drive, "limits.across_the_end", spec::read(space.nsid, Lba{~std::uint64_t{0}}, 2), block,
                 spec::GenericStatus::lba_out_of_range, "a read of the last possible block and the next", "NVM Command Set 1.0 §3.1",
                 validation);
  const std::uint32_t beyond = drive.driver().controller().namespaces_max;
  if (beyond < nsid_all.value - 1) {
    expect_refusal(drive, "limits.namespace", spec::read(Nsid{beyond + 1}, Lba{0}, 1), block,
                   spec::GenericStatus::invalid_namespace_or_format, fmt::format("a read of namespace {} of {}", beyond + 1, beyond),
                   "Base 2.0 §3.2.1.1", validation);
  } else {
    validation.skip("limits.namespace", "every identifier may be a namespace's");
  }
  constexpr std::uint8_t reserved_opcode = 0x7e;  // reads, so that a drive that takes it harms nobody
  spec::Sqe unknown = spec::read(space.nsid, Lba{0}, 1);
  unknown.opcode = reserved_opcode;
  expect_refusal(drive, "limits.opcode", unknown, block, spec::GenericStatus::invalid_opcode, "opcode 7Eh, which is reserved",
                 "Base 2.0 §3.3.3.2.1", validation);
}

void check_largest_transfer(DriveAccess& drive, const driver::Namespace& space, Validation& validation) {
  const std::uint64_t mdts = drive.driver().controller().transfer_bytes_max;
  const std::uint64_t bytes = std::min({mdts, largest_try, space.blocks * space.block_bytes}) / space.block_bytes * space.block_bytes;
  const DriveMemory memory(drive, bytes);
  if (!memory.is_there()) {
    validation.skip("limits.largest_transfer", fmt::format("there is no memory for {} bytes", bytes));
    return;
  }
  driver::RawCommand command;
  command.sqe = spec::read(space.nsid, Lba{0}, static_cast<std::uint32_t>(bytes / space.block_bytes));
  const DmaRegion region = memory.region();
  command.buffers = {&region, 1};
  const auto result = drive.raw(command);
  validation.judge("limits.largest_transfer", is_ok(result), fmt::format("one read of {} bytes: {}", bytes, outcome_text(result)),
                   "Base 2.0 §5.17.2.1");
}

/// Optional commands that the drive says it has and that write nothing.
void check_optional_commands(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& block, Validation& validation) {
  const spec::Oncs oncs{drive.driver().controller().optional_io_commands};
  if (oncs.get(spec::Oncs::verify)) {
    driver::Operation operation = block_operation(spec::NvmOpcode::verify, space, 0, block);
    operation.buffers = {};
    const auto verified = drive.io(operation);
    validation.judge("limits.verify", is_ok(verified), "Verify of block 0: " + outcome_text(verified), "NVM Command Set 1.0 §3.2.5");
  } else {
    validation.skip("limits.verify", "the drive has no Verify (ONCS)");
  }
  if (!oncs.get(spec::Oncs::compare)) {
    validation.skip("limits.compare", "the drive has no Compare (ONCS)");
    return;
  }
  const auto read = drive.io(block_operation(spec::NvmOpcode::read, space, 0, block));
  const auto same = drive.io(block_operation(spec::NvmOpcode::compare, space, 0, block));
  block.data[0] ^= std::byte{1};
  const auto other = drive.io(block_operation(spec::NvmOpcode::compare, space, 0, block));
  const bool found = other && other->outcome == driver::Outcome::failed && spec::is(other->status, spec::MediaStatus::compare_failure);
  validation.judge("limits.compare", is_ok(read) && is_ok(same) && found,
                   fmt::format("Compare with what was read: {}; with one bit changed: {}", outcome_text(same), outcome_text(other)),
                   "NVM Command Set 1.0 §3.2.1");
}

}  // namespace

void check_limits(DriveAccess& drive, Validation& validation) {
  check_registers(drive.driver().controller(), validation);
  const auto space = first_usable_namespace(drive.driver().namespaces());
  if (!space) {
    validation.skip("limits.blocks", "there is no namespace without metadata");
    return;
  }
  const DriveMemory memory(drive, 2ull * space->block_bytes);
  if (!memory.is_there()) {
    validation.skip("limits.blocks", "there is no memory for two blocks");
    return;
  }
  const DmaRegion block = memory.region().slice(0, space->block_bytes);
  check_ends(drive, *space, block, validation);
  check_largest_transfer(drive, *space, validation);
  check_refusals(drive, *space, block, validation);
  check_optional_commands(drive, *space, block, validation);
}

}  // namespace phasebit::cli
