// Making and deleting queues (Base 2.0 §5.4 to §5.7), and the admin queue when the controller is enabled.
#pragma once

#include "sim/controller/command.hpp"
#include "sim/controller/device.hpp"
#include "src/spec/queue_commands.hpp"

namespace phasebit::sim {

class QueueCommands {
 public:
  explicit QueueCommands(Device& device) : device_(device) {}

  /// The admin queue pair, as AQA, ASQ and ACQ say.
  void make_admin_queues();

  spec::Status create_completion(const Command& command);
  spec::Status create_submission(const Command& command);
  /// Whether these may be deleted; commands and completions that are left are the caller's business.
  spec::Status check_delete_completion(const Command& command) const;
  spec::Status check_delete_submission(const Command& command) const;
  void delete_completion(Qid qid);
  void delete_submission(Qid qid);

 private:
  spec::Status check_new(Qid qid, bool in_use, std::uint32_t granted, std::uint32_t entries, bool contiguous, Iova base) const;
  spec::Status lay_out(const Command& command, RingMemory& ring, Iova base, bool contiguous, std::uint64_t bytes);
  void announce_completion(Qid qid);
  void announce_submission(Qid qid);
  std::uint32_t slots_with_phase_set(Qid qid);
  void own(DmaOwnerKind kind, Qid qid, const RingMemory& ring, std::uint32_t entries);

  Device& device_;
};

}  // namespace phasebit::sim
