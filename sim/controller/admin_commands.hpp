// The admin command set (Base 2.0 §5).
#pragma once

#include <cstddef>
#include <span>

#include "sim/controller/command.hpp"
#include "sim/controller/device.hpp"
#include "sim/controller/queue_commands.hpp"
#include "src/spec/admin_commands.hpp"

namespace phasebit::sim {

/// What admin commands do to other commands.
struct InFlightCommands {
  virtual ~InFlightCommands() = default;
  /// Ends the command with Command Abort Requested if it can still be stopped.
  virtual bool abort(Qid sqid, Cid cid, Instant now) = 0;
  /// Aborts in flight, the one that asks included.
  virtual std::uint32_t aborts_in_flight() const = 0;
  /// Ends every command of a queue that is being deleted.
  virtual void end_all_of(Qid sqid, Instant now) = 0;
  /// Drops what waits for a completion queue that is being deleted.
  virtual void forget_completions_of(Qid cqid) = 0;
};

class AdminCommands {
 public:
  AdminCommands(Device& device, InFlightCommands& others) : device_(device), others_(others), queues_(device) {}

  /// Everything that can be wrong before the command does something.
  CommandCheck check(const Command& command) const;
  CommandOutcome execute(Command& command, std::span<std::byte> data, Instant now);

  void make_admin_queues() { queues_.make_admin_queues(); }

 private:
  CommandCheck check_log_transfer(const Command& command) const;
  CommandCheck check_features_transfer(const Command& command) const;
  CommandOutcome delete_submission(const Command& command, Instant now);
  CommandOutcome delete_completion(const Command& command);
  CommandOutcome abort(const Command& command, Instant now);
  CommandOutcome get_features(const Command& command, std::span<std::byte> data) const;
  CommandOutcome set_features(const Command& command, std::span<const std::byte> data, Instant now);
  CommandOutcome set_number_of_queues(std::uint32_t asked);
  void after_feature_changed(spec::Fid fid, std::uint32_t before, Instant now);
  void restart_keep_alive(Instant now);

  Device& device_;
  InFlightCommands& others_;
  QueueCommands queues_;
};

}  // namespace phasebit::sim
