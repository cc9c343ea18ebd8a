#include "src/cli/validate/drive_access.hpp"

#include <fmt/format.h>

namespace phasebit::cli {

void DriveAccess::turn_until(const std::function<bool()>& done) {
  while (!done()) {
    turn();
  }
}

bool DriveAccess::turn_until(const std::function<bool()>& done, Duration at_most) {
  const Instant end = now() + at_most;
  while (!done()) {
    if (now() >= end) {
      return false;
    }
    turn();
  }
  return true;
}

Result<driver::OperationResult> DriveAccess::submitted(const Result<void>& accepted,
                                                       const std::function<std::uint32_t(driver::OperationResult&)>& reap) {
  if (!accepted) {
    return phasebit::fail(accepted.error());
  }
  driver::OperationResult result;
  while (reap(result) == 0) {
    turn();
  }
  return result;
}

Result<driver::OperationResult> DriveAccess::admin(const driver::RawCommand& command) {
  return submitted(driver().submit_admin(command, now()), [this](driver::OperationResult& result) {
    return driver().reap_admin({&result, 1});
  });
}

Result<driver::OperationResult> DriveAccess::io(const driver::Operation& operation) {
  driver::SubmitResult answer;
  while ((answer = driver().submit(channel(), {&operation, 1}, now())).accepted == 0 && answer.refusal == Errc::not_ready &&
         driver().state() == driver::State::recovering) {
    turn();
  }
  return submitted(answer.accepted == 1 ? Result<void>() : phasebit::fail(answer.refusal), [this](driver::OperationResult& result) {
    return driver().reap(channel(), now(), {&result, 1});
  });
}

Result<driver::OperationResult> DriveAccess::raw(const driver::RawCommand& command) {
  return submitted(driver().submit_raw(channel(), command, now()), [this](driver::OperationResult& result) {
    return driver().reap(channel(), now(), {&result, 1});
  });
}

std::string outcome_text(const Result<driver::OperationResult>& result) {
  if (!result) {
    return std::string(name(result.error()));
  }
  if (result->outcome == driver::Outcome::failed) {
    return fmt::format("{} ({:x}h)", spec::status_name(result->status), result->status.raw);
  }
  return std::string(name(result->outcome));
}

driver::Operation block_operation(spec::NvmOpcode opcode, const driver::Namespace& space, std::uint64_t first, const DmaRegion& memory) {
  driver::Operation operation;
  operation.opcode = opcode;
  operation.nsid = space.nsid;
  operation.lba = Lba{first};
  operation.blocks = memory.bytes / space.block_bytes;
  operation.buffers = {&memory, 1};
  return operation;
}

}  // namespace phasebit::cli
