#include "src/cli/validate/read_load.hpp"

#include <fmt/format.h>

#include <array>

namespace phasebit::cli {

ReadLoad::ReadLoad(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& memory)
    : drive_(drive), space_(space), memory_(memory), random_(1), is_out_(memory.bytes / io_bytes(space)) {}

std::uint64_t ReadLoad::io_bytes(const driver::Namespace& space) {
  return std::min(space.blocks * space.block_bytes, std::max<std::uint64_t>(4096, space.block_bytes));
}

bool ReadLoad::submit() {
  const std::uint64_t bytes = io_bytes(space_);
  const std::uint64_t blocks = bytes / space_.block_bytes;
  for (std::uint64_t tag = 0; tag < is_out_.size(); ++tag) {
    const DmaRegion buffer = memory_.slice(tag * bytes, bytes);
    driver::Operation read = block_operation(spec::NvmOpcode::read, space_, random_.below(space_.blocks - blocks + 1), buffer);
    read.tag = tag;
    if (drive_.driver().submit(drive_.channel(), {&read, 1}, drive_.now()).accepted == 0) {
      return false;
    }
    is_out_[tag] = true;
    ++submitted_;
  }
  return true;
}

void ReadLoad::reap() {
  std::array<driver::OperationResult, 32> results;
  const std::uint32_t count = drive_.driver().reap(drive_.channel(), drive_.now(), results);
  for (const driver::OperationResult& result : std::span(results).first(count)) {
    const bool expected = result.tag < is_out_.size() && is_out_[result.tag];
    if (!expected) {
      ++strangers_;
      continue;
    }
    is_out_[result.tag] = false;
    ++ended_;
    ++by_outcome_[static_cast<std::size_t>(result.outcome)];
  }
}

void ReadLoad::finish() {
  drive_.turn_until([this] {
    reap();
    return has_ended();
  });
}

std::string ReadLoad::text() const {
  std::string text;
  for (std::size_t outcome = 0; outcome < by_outcome_.size(); ++outcome) {
    if (by_outcome_[outcome] != 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", by_outcome_[outcome], name(static_cast<driver::Outcome>(outcome)));
    }
  }
  return fmt::format("of {} reads {}", submitted_, text.empty() ? "none came back" : text);
}

}  // namespace phasebit::cli
