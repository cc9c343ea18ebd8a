// A namespace in memory that executes NVM commands for tests: block for block, through the PRPs.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "src/spec/command.hpp"
#include "src/spec/status.hpp"
#include "tests/support/memory_backend.hpp"
#include "tests/support/prp_walker.hpp"

namespace phasebit::testing {

/// Blocks of 512 bytes, NSID 1. Reads the fields of a command by itself, at the offsets that the specification gives them.
class RamDisk {
 public:
  static constexpr std::uint64_t block_bytes = 512;

  explicit RamDisk(std::uint64_t blocks) : data_(blocks * block_bytes) {}

  std::byte* block(std::uint64_t lba) { return data_.data() + lba * block_bytes; }

  /// False if the command is not one that a controller may be given: memory that nobody owns, PRPs that break a rule, blocks beyond the
  /// end.
  bool execute(const spec::Sqe& command, MemoryBackend& memory) {
    if (command.opcode == 0) {
      return true;
    }
    const std::uint64_t lba = static_cast<std::uint64_t>(command.cdw11) << 32 | command.cdw10;
    const std::uint64_t bytes = ((command.cdw12 & 0xffff) + 1) * block_bytes;
    if (lba > data_.size() / block_bytes || lba * block_bytes + bytes > data_.size()) {
      return false;
    }
    if (command.opcode == 8) {
      std::memset(block(lba), 0, bytes);
      return true;
    }
    const auto load = [&](std::uint64_t address) -> std::optional<std::uint64_t> {
      const std::byte* entry = memory.host(Iova{address}, 8);
      Le64 value;
      return entry == nullptr ? std::nullopt : (std::memcpy(&value, entry, 8), std::optional(value.get()));
    };
    const auto pieces = walk_prps(command.prp1, command.prp2, bytes, 4096, load);
    return pieces && move(command.opcode == 2, block(lba), *pieces, memory);
  }

 private:
  static bool move(bool to_host, std::byte* at, const std::vector<PrpPiece>& pieces, MemoryBackend& memory) {
    for (const PrpPiece& piece : pieces) {
      std::byte* host = memory.host(Iova{piece.address}, piece.bytes);
      if (host == nullptr) {
        return false;
      }
      std::memcpy(to_host ? host : at, to_host ? at : host, piece.bytes);
      at += piece.bytes;
    }
    return true;
  }

  std::vector<std::byte> data_;
};

}  // namespace phasebit::testing
