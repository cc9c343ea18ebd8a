// Fetches commands and carries them through: check, data, effect, completion, each at its time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "sim/controller/admin_commands.hpp"
#include "sim/controller/command_pool.hpp"
#include "sim/controller/completer.hpp"
#include "sim/controller/device.hpp"
#include "sim/controller/io_commands.hpp"
#include "sim/controller/lifecycle.hpp"

namespace phasebit::sim {

class Executor final : public InFlightCommands, private CompletionListener {
 public:
  Executor(Device& device, Lifecycle& lifecycle);

  /// Fetches what may be fetched, moves on what is due, posts what can be posted.
  void step(Instant now);
  Instant next_due(Instant now) const;

  void make_admin_queues() { admin_.make_admin_queues(); }

  /// CC.EN is 0: nothing is fetched or posted any more; what is in flight may still have its effect until `until`, if the seed wants it.
  void drain_until(Instant until);
  /// Drops everything in flight. Data that was on its way to the media is discarded, but for a power cut, which decides itself.
  void drop_all(bool discard_staged);

  // InFlightCommands
  bool abort(Qid sqid, Cid cid, Instant now) override;
  std::uint32_t aborts_in_flight() const override { return aborts_in_flight_; }
  void end_all_of(Qid sqid, Instant now) override;
  void forget_completions_of(Qid cqid) override { completer_.forget(cqid); }

  void fingerprint(Hasher& hasher) const;

 private:
  // CompletionListener
  void on_answered(CommandIndex index) override;
  void on_refused() override;

  // Fetching (executor_fetch.cpp)
  bool may_fetch() const;
  Arbiter::Eligible eligible() const;
  void fetch(Instant now);
  void accept(Qid qid, std::uint32_t slot, spec::Sqe sqe, Instant now);
  void record_fetch(const Command& command, std::uint32_t slot) const;
  Duration draw_execution(const Command& command) const;

  // Carrying out
  void advance(CommandIndex index, Instant now);
  void begin(CommandIndex index, Instant now);
  void end(CommandIndex index, Instant now);
  CommandCheck check(const Command& command, Instant now) const;
  CommandOutcome execute(Command& command, std::span<std::byte> data, Instant now);
  bool apply_faults(CommandIndex index, const FiredFaults& fired, Instant now, Duration& extra);
  spec::Status map_data(Command& command, std::uint64_t bytes);
  bool take_data(const Command& command, std::span<std::byte> data);
  bool give_data(const Command& command, std::span<const std::byte> data);
  std::span<std::byte> scratch(const Command& command);
  void finish(CommandIndex index, spec::Status verdict, Instant due, std::uint64_t lba = 0);
  spec::Status dressed(const Command& command, spec::Status status) const;
  void deliver_events(Instant now);
  void release(CommandIndex index);
  void discard_staged(Command& command);

  Device& device_;
  Wiring wiring_;
  Lifecycle& lifecycle_;
  CommandPool commands_;
  Completer completer_;
  IoCommands io_;
  AdminCommands admin_;
  std::pmr::vector<std::byte> scratch_;
  std::uint64_t fetches_ = 0;  ///< of the drive's whole life
  Instant next_fetch_;
  Instant drained_at_ = never;  ///< while the controller is being disabled
  std::uint32_t aborts_in_flight_ = 0;
};

}  // namespace phasebit::sim
