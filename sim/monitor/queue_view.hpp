// Queues as their doorbells, fetches and completions show them.
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/ring_index.hpp"

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
  std::uint32_t entries = 0;
  std::uint32_t head = 0;  ///< the doorbell's value
  std::uint64_t posted = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t finished = 0;  ///< commands of its submission queues that the host has reported

  bool full() const { return posted - acknowledged == entries - 1; }
};

}  // namespace phasebit::sim
