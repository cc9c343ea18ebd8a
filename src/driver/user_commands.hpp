// The user's admin commands: a few at a time, each with a page for its PRP list, each result kept until it is asked for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"
#include "src/driver/prp.hpp"
#include "src/driver/types.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::driver {

/// Whether a user may send an admin command with this opcode: those that make, delete or await things of the driver's own are its own.
constexpr bool is_for_users(std::uint8_t opcode) {
  switch (static_cast<spec::AdminOpcode>(opcode)) {
    case spec::AdminOpcode::create_io_cq:
    case spec::AdminOpcode::create_io_sq:
    case spec::AdminOpcode::delete_io_cq:
    case spec::AdminOpcode::delete_io_sq:
    case spec::AdminOpcode::async_event_request:
    case spec::AdminOpcode::abort:
    case spec::AdminOpcode::doorbell_buffer_config:
      return false;
    default:
      return true;
  }
}

class UserCommands {
 public:
  static constexpr std::uint32_t commands_max = 8;
  static constexpr std::uint32_t regions_max = 16;
  static constexpr std::uint32_t list_bytes = 4096;

  /// `lists` has commands_max * list_bytes bytes and begins at a page of the controller's.
  UserCommands(const DmaRegion& lists, std::uint32_t page_bytes) : lists_(lists), page_{page_bytes} {}

  bool has_room() const { return used_ != (1u << commands_max) - 1; }

  /// The entry to send, data pointer filled in. `too_large` if it is more than `bytes_max` or its list can name, `misaligned` if PRPs
  /// cannot describe the memory, `invalid_argument` for what is the driver's own to send.
  Result<spec::Sqe> prepare(const RawCommand& command, std::uint64_t bytes_max) const;

  /// The prepared command is sent from this slot.
  std::uint8_t take();
  /// It was not sent after all, or its result was fetched.
  void release(std::uint8_t slot) { used_ &= ~(1u << slot); }
  /// Its result waits to be fetched; the slot stays taken until then.
  void finish(std::uint8_t slot, const OperationResult& result);
  /// Gives results in the order in which commands ended.
  std::uint32_t reap(std::span<OperationResult> results);

 private:
  struct Finished {
    OperationResult result;
    std::uint8_t slot = 0;
  };

  std::uint8_t free_slot() const;

  DmaRegion lists_;
  PageSize page_;
  std::uint32_t used_ = 0;  ///< bit by slot
  std::array<Finished, commands_max> finished_{};
  std::uint32_t finished_count_ = 0;
};

}  // namespace phasebit::driver
