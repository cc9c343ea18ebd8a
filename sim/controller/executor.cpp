#include "sim/controller/executor.hpp"

#include <algorithm>

namespace phasebit::sim {

using spec::CommandStatus;
using spec::GenericStatus;
using spec::make_status;
using spec::Status;

namespace {

constexpr std::uint32_t draw_completion_gap = 2;
constexpr std::uint32_t completion_gap_ns_max = 200;
constexpr std::uint32_t admin_commands_spare = 32;

/// What SMART counts as a media and data integrity error (Base 2.0 Figure 207): blocks that could not be kept or given back. A Compare that
/// finds other bytes has read them well.
bool is_integrity_error(Status status) {
  using spec::MediaStatus;
  const auto has = [status](MediaStatus code) { return spec::is(status, code); };
  return has(MediaStatus::write_fault) || has(MediaStatus::unrecovered_read_error) || has(MediaStatus::guard_check_error) ||
         has(MediaStatus::application_tag_check_error) || has(MediaStatus::reference_tag_check_error);
}

/// Whether the same command would fail again (DNR): what a command says wrongly does not get better.
bool final_verdict(Status status) {
  const auto sct = status.get(Status::sct);
  if (sct == spec::Sct::media || sct == spec::Sct::path) {
    return spec::is(status, spec::MediaStatus::compare_failure);
  }
  for (const auto passing : {GenericStatus::abort_requested, GenericStatus::aborted_sq_deletion, GenericStatus::namespace_not_ready,
                             GenericStatus::admin_command_media_not_ready, GenericStatus::data_transfer_error,
                             GenericStatus::internal_error, GenericStatus::command_id_conflict}) {
    if (spec::is(status, passing)) {
      return false;
    }
  }
  for (const auto passing : {CommandStatus::abort_command_limit_exceeded, CommandStatus::async_event_request_limit_exceeded,
                             CommandStatus::invalid_queue_deletion}) {  // the last: once its submission queues are gone, it can be
    if (spec::is(status, passing)) {
      return false;
    }
  }
  return true;
}

bool brings_data(const Command& command) {
  return spec::data_direction(command.sqe.opcode) == spec::DataDirection::host_to_controller;
}

}  // namespace

Executor::Executor(Device& device, Lifecycle& lifecycle)
    : device_(device),
      wiring_(device.wiring),
      lifecycle_(lifecycle),
      commands_(wiring_.options.commands_in_flight_max,
                admin_commands_spare + wiring_.options.async_events_max + wiring_.options.aborts_max, wiring_.memory),
      completer_(wiring_, device.queues, *this),
      io_(device),
      admin_(device, *this),
      scratch_(wiring_.memory) {}

void Executor::step(Instant now) {
  if (drained_at_ == never && now >= next_fetch_ && may_fetch()) {
    fetch(now);
  }
  if (!lifecycle_.executes()) {
    return;
  }
  for (auto index = commands_.next(now); index && lifecycle_.executes(); index = commands_.next(now)) {
    advance(*index, now);
  }
  if (drained_at_ == never && lifecycle_.executes()) {
    deliver_events(now);
    completer_.step(now);
  }
}

Instant Executor::next_due(Instant now) const {
  Instant due = never;
  if (drained_at_ == never && may_fetch()) {
    due = next_fetch_;
  }
  if (!lifecycle_.executes()) {
    return due;
  }
  due = std::min(due, commands_.next_due());
  return drained_at_ != never ? due : std::min({due, completer_.next_due(), device_.events.next_due(now)});
}

void Executor::advance(CommandIndex index, Instant now) {
  if (commands_[index].phase == CommandPhase::fetched) {
    begin(index, now);
  } else {
    end(index, now);
  }
}

CommandCheck Executor::check(const Command& command, Instant now) const {
  if (command.admin()) {
    return admin_.check(command);
  }
  const CommandCheck checked = io_.check(command);
  const bool refused = spec::is_success(checked.status) && !lifecycle_.media_ready(now);
  return refused ? CommandCheck{make_status(GenericStatus::namespace_not_ready)} : checked;
}

/// False if the command ends here: it was dropped, or answered by the fault.
bool Executor::apply_faults(CommandIndex index, const FiredFaults& fired, Instant now, Duration& extra) {
  Command& command = commands_[index];
  const bool writes = static_cast<spec::NvmOpcode>(command.sqe.opcode) == spec::NvmOpcode::write;
  for (const Fault* fault : fired.all()) {
    switch (fault->what) {
      case Verb::status:
        command.status = Status{static_cast<std::uint16_t>(fault->value & 0x7fff)};
        finish(index, command.status, now);
        return false;
      case Verb::drop:
        command.phase = CommandPhase::lost;
        commands_.schedule(index, never);
        return false;
      case Verb::delay:
        extra = extra + fault->delay;
        break;
      case Verb::lying_flush:
        command.faults.lying_flush = true;
        break;
      case Verb::lose:
        command.faults.write = {WriteFault::Kind::lose, 0};
        break;
      case Verb::tear: {
        const std::uint64_t half = spec::BlockCommand::from(command.sqe).blocks / 2;
        command.faults.write = {WriteFault::Kind::tear, fault->value != 0 ? fault->value : half};
        break;
      }
      case Verb::misdirect: {
        const std::uint64_t by = fault->value != 0 ? fault->value : 1;
        command.faults.write = {WriteFault::Kind::misdirect, by};
        command.faults.read_misdirected_blocks = writes ? 0 : by;
        break;
      }
      case Verb::corrupt: {
        const auto mask = static_cast<std::uint8_t>(fault->value != 0 ? fault->value : 0xff);
        command.faults.write = {WriteFault::Kind::corrupt, mask};
        command.faults.read_corruption = writes ? std::uint8_t{0} : mask;
        break;
      }
      default:
        break;
    }
  }
  return true;
}

void Executor::begin(CommandIndex index, Instant now) {
  Command& command = commands_[index];
  Duration extra;
  const FiredFaults fired = wiring_.faults.on_command({wiring_.drive, command.sqid, command.cid, command.sqe_bytes()});
  if (!apply_faults(index, fired, now, extra)) {
    return;
  }
  const CommandCheck checked = check(command, now);
  if (!spec::is_success(checked.status)) {
    return finish(index, checked.status, now);
  }
  if (const Status status = map_data(command, checked.transfer_bytes); !spec::is_success(status)) {
    return finish(index, status, now);
  }
  if (!command.admin() && static_cast<spec::NvmOpcode>(command.sqe.opcode) == spec::NvmOpcode::write) {
    const std::span<std::byte> data = scratch(command);
    if (!take_data(command, data)) {
      return finish(index, make_status(GenericStatus::data_transfer_error), now);
    }
    command.staged = io_.stage(command, data);
  }
  command.phase = CommandPhase::executing;
  commands_.schedule(index, now + command.execution + extra);
}

void Executor::end(CommandIndex index, Instant now) {
  Command& command = commands_[index];
  const std::span<std::byte> data = scratch(command);
  if (!data.empty() && brings_data(command) && command.staged == StagedWrite::none && !take_data(command, data)) {
    return finish(index, make_status(GenericStatus::data_transfer_error), now);
  }
  const CommandOutcome outcome = execute(command, data, now);
  command.dword0 = outcome.dword0;
  if (outcome.parked) {
    command.phase = CommandPhase::waiting;
    commands_.schedule(index, never);
    device_.events.park(index);
    return;
  }
  Status status = outcome.status;
  if (spec::is_success(status) && !data.empty() && !brings_data(command) && !give_data(command, data)) {
    status = make_status(GenericStatus::data_transfer_error);
  }
  const std::uint64_t gap = keyed(wiring_.seed, draw_completion_gap, command.fetch_number) % completion_gap_ns_max;
  finish(index, status, now + nanoseconds(gap), outcome.lba);
}

CommandOutcome Executor::execute(Command& command, std::span<std::byte> data, Instant now) {
  if (!command.admin()) {
    return io_.execute(command, data, now);
  }
  const bool one_more = command.sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::async_event_request) && device_.events.full();
  return one_more ? CommandOutcome{make_status(CommandStatus::async_event_request_limit_exceeded)} : admin_.execute(command, data, now);
}

/// The status as it goes into the completion: DNR where a retry is useless, M where the error log tells more.
Status Executor::dressed(const Command& command, Status status) const {
  if (spec::is_success(status) || status == command.status) {
    return status;  // a fault's status goes out as it was given
  }
  return status.with(Status::dnr, final_verdict(status)).with(Status::m, true);
}

void Executor::finish(CommandIndex index, Status verdict, Instant due, std::uint64_t lba) {
  Command& command = commands_[index];
  const Status status = dressed(command, verdict);
  discard_staged(command);
  command.phase = CommandPhase::completing;
  command.status = status;
  commands_.schedule(index, never);
  if (drained_at_ != never) {
    return release(index);  // nobody will be told
  }
  if (!spec::is_success(status)) {
    device_.errors.add(command, status, lba);
  }
  if (is_integrity_error(status)) {
    device_.smart.on_media_error();
  }
  device_.smart.on_command_time(command.execution);
  wiring_.record(EventKind::command_done, command.sqid.value, command.cid.value | static_cast<std::uint32_t>(status.raw) << 16,
                 command.dword0);
  const Qid cqid = device_.queues.submission(command.sqid)->cqid;
  const Completion completion{cqid, command.sqid, command.cid, status, command.dword0, command.dword1, index};
  if (!completer_.complete(completion, command.sqe_bytes(), due)) {
    command.phase = CommandPhase::lost;
  }
}

void Executor::deliver_events(Instant now) {
  for (auto delivery = device_.events.next(now); delivery; delivery = device_.events.next(now)) {
    commands_[delivery->request].dword0 = delivery->event.raw;
    finish(delivery->request, {}, now);
  }
}

void Executor::discard_staged(Command& command) {
  if (command.staged != StagedWrite::none) {
    wiring_.media.discard(command.staged);
    command.staged = StagedWrite::none;
  }
}

void Executor::release(CommandIndex index) {
  Command& command = commands_[index];
  discard_staged(command);
  if (!command.pieces.empty() && drained_at_ == never) {  // of a drained command the memory stays taken until CSTS.RDY is 0
    wiring_.dma.disown({DmaOwnerKind::command, command.sqid, command.cid});
  }
  if (command.admin() && command.sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::abort)) {
    --aborts_in_flight_;
  }
  commands_.release(index);
}

void Executor::on_answered(CommandIndex index) {
  release(index);
}

void Executor::on_refused() {
  if (device_.undefined.choose(UndefinedSite::queue_memory_refused, {Reaction::fatal, Reaction::ignore}) == Reaction::fatal) {
    lifecycle_.make_fatal();
  }
}

}  // namespace phasebit::sim
