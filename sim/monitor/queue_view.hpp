// Queues as their doorbells, fetches and completions show them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "src/base/ring_index.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

/// A command between fetch and completion.
struct CommandView {
  bool outstanding = false;
  std::uint8_t opcode = 0;
  bool reached_memory = false;  ///< some of its data lay in mapped memory
};

/// A submission queue.
struct SubmissionQueueView {
  bool exists = false;
  bool lost_in_reset = false;  ///< it existed when the controller was reset, and was not made again
  std::uint32_t entries = 0;
  std::uint16_t cqid = 0;
  std::uint32_t tail = 0;             ///< the doorbell's value
  std::uint32_t fetched_head = 0;     ///< as the controller has fetched
  std::uint32_t reported_head = 0;    ///< SQHD of the last completion
  std::vector<CommandView> commands;  ///< by CID

  CommandView& command(std::uint16_t cid) {
    if (commands.size() <= cid) {
      commands.resize(cid + 1u);
    }
    return commands[cid];
  }
};

/// A completion queue. `posted` and `acknowledged` count over the queue's life.
struct CompletionQueueView {
  bool exists = false;
  bool lost_in_reset = false;
  std::uint32_t entries = 0;
  std::uint32_t head = 0;  ///< the doorbell's value
  std::uint64_t posted = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t finished = 0;   ///< commands of its submission queues that the host has reported
  Instant consumed_at = never;  ///< since when it is full of entries that the host has consumed

  bool full_of_consumed() const { return exists && posted - acknowledged == entries - 1 && finished >= posted; }
  /// One of the counts has changed.
  void counted(Instant now) { consumed_at = full_of_consumed() ? std::min(consumed_at, now) : never; }
};

}  // namespace phasebit::sim
