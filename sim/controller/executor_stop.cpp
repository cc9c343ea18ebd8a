// How commands are stopped: Abort, deletion of their queue, reset, loss of power.
#include "sim/controller/executor.hpp"

namespace phasebit::sim {
namespace {

constexpr std::uint32_t draw_drain = 3;
constexpr std::uint32_t draw_aborted_write_lands = 4;

}  // namespace

// Best effort (Base 2.0 §5.1): what has had its effect cannot be stopped. A write that is stopped may land all the same.
bool Executor::abort(Qid sqid, Cid cid, Instant now) {
  const CommandIndex index = commands_.find(sqid, cid);
  if (index == CommandIndex::none) {
    return false;
  }
  Command& command = commands_[index];
  if (command.phase == CommandPhase::completing || command.phase == CommandPhase::lost) {
    return false;
  }
  if (command.phase == CommandPhase::waiting) {
    device_.events.unpark(index);
  }
  const bool lands = (keyed(wiring_.seed, draw_aborted_write_lands, command.fetch_number) & 1) != 0;
  if (command.staged != StagedWrite::none && lands) {
    io_.execute(command, {}, now);
  }
  finish(index, spec::make_status(spec::GenericStatus::abort_requested), now);
  return true;
}

void Executor::end_all_of(Qid sqid, Instant now) {
  commands_.for_each([&](CommandIndex index) {
    const Command& command = commands_[index];
    if (command.sqid != sqid || command.phase == CommandPhase::completing) {
      return;
    }
    if (command.phase == CommandPhase::lost) {
      release(index);
    } else {
      finish(index, spec::make_status(spec::GenericStatus::aborted_sq_deletion), now);
    }
  });
}

void Executor::drain_until(Instant until) {
  drained_at_ = until;
  completer_.forget_all();
  device_.events.reset();
  commands_.for_each([&](CommandIndex index) {
    const Command& command = commands_[index];
    const bool moving = command.phase == CommandPhase::fetched || command.phase == CommandPhase::executing;
    const bool goes_on = moving && !command.admin() && (keyed(wiring_.seed, draw_drain, command.fetch_number) & 1) != 0;
    if (!goes_on) {
      release(index);
    }
  });
}

void Executor::drop_all(bool discard) {
  completer_.forget_all();
  commands_.for_each([&](CommandIndex index) {
    if (!discard) {
      commands_[index].staged = StagedWrite::none;
    }
    release(index);
  });
  wiring_.dma.disown_all();
  drained_at_ = never;
  aborts_in_flight_ = 0;
}

void Executor::fingerprint(Hasher& hasher) const {
  commands_.fingerprint(hasher);
  completer_.fingerprint(hasher);
  hasher.add(fetches_);
  hasher.add(next_fetch_.ns);
  hasher.add(drained_at_.ns);
}

}  // namespace phasebit::sim
