// What a primary lends to another process: one queue pair, its memory, and what is known of the controller. Plain values, for both.
#pragma once

#include <cstdint>
#include <type_traits>

#include "src/driver/controller_info.hpp"
#include "src/driver/problem.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

/// One queue pair. It exists at the controller while the primary's orders say that it is live.
struct GrantedQueue {
  Qid completion_qid{};
  Qid submission_qid{};
  std::uint32_t completion_entries = 2;
  std::uint32_t submission_entries = 2;
  std::uint32_t completion_doorbell_offset = 0;  ///< in BAR0
  std::uint32_t submission_doorbell_offset = 0;
  DmaRegion completion_memory{};
  DmaRegion submission_memory{};
  DmaRegion lists{};               ///< prp_list_bytes(transfer_bytes_max, page) for each slot
  std::uint32_t commands_max = 0;  ///< slots
  bool generations = true;         ///< of command identifiers
};

/// Written once, before the other process hears of it. Addresses of the host are the same in both.
struct Grant {
  ControllerInfo info{};
  GrantedQueue queue{};
  std::uint64_t transfer_bytes_max = 0;  ///< of one command: what a slot's list can name
  DmaRegion data{};                      ///< for the process's own buffers
};
static_assert(std::is_trivially_copyable_v<Grant>);

/// Of what the two processes must understand in the same way; changes with it.
inline constexpr std::uint32_t grant_version = 1;

/// Why a request was refused. Values are known to both processes: only append.
enum class GrantRefusal : std::uint32_t { none = 0, other_version = 1, not_ready = 2, no_queue_left = 3, no_memory_left = 4, has_one = 5 };

/// What a process asks for.
struct GrantRequest {
  std::uint32_t version = grant_version;
  std::uint32_t block_bytes = 0;  ///< of a GrantBlock as the asking program knows it
  std::uint64_t data_bytes = 0;
};

/// What it hears.
struct GrantAnswer {
  GrantRefusal refusal = GrantRefusal::none;
  std::uint32_t reserved = 0;
  std::uint64_t block_address = 0;  ///< of the GrantBlock, in both processes; 0 if refused
  std::uint64_t epoch = 0;          ///< that the block has while it is this grant's
};

/// The refusal as the asking driver reports it.
Problem problem_of(GrantRefusal refusal);

}  // namespace phasebit::driver
