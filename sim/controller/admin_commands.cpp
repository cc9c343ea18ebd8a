#include "sim/controller/admin_commands.hpp"

#include <algorithm>
#include <cstring>

#include "sim/controller/identify.hpp"
#include "sim/controller/log_pages.hpp"

namespace phasebit::sim {

using spec::AdminOpcode;
using spec::CommandStatus;
using spec::Fid;
using spec::GenericStatus;
using spec::make_status;
using spec::Status;

CommandCheck AdminCommands::check(const Command& command) const {
  if (spec::fuse_of(command.sqe) != spec::Fuse::none || spec::psdt_of(command.sqe) != spec::Psdt::prp) {
    return {make_status(GenericStatus::invalid_field)};
  }
  switch (static_cast<AdminOpcode>(command.sqe.opcode)) {
    case AdminOpcode::identify:
      return {check_identify(spec::Identify::from(command.sqe), device_), spec::identify_bytes};
    case AdminOpcode::get_log_page:
      return check_log_transfer(command);
    case AdminOpcode::set_features:
    case AdminOpcode::get_features:
      return check_features_transfer(command);
    case AdminOpcode::async_event_request:
      return {device_.events.full() ? make_status(CommandStatus::async_event_request_limit_exceeded) : Status{}};
    case AdminOpcode::abort:
      return {others_.aborts_in_flight() > device_.options().aborts_max ? make_status(CommandStatus::abort_command_limit_exceeded)
                                                                        : Status{}};
    case AdminOpcode::keep_alive:
      return {device_.options().keep_alive_steps != 0 ? Status{} : make_status(GenericStatus::invalid_opcode)};
    case AdminOpcode::create_io_sq:
    case AdminOpcode::create_io_cq:
    case AdminOpcode::delete_io_sq:
    case AdminOpcode::delete_io_cq:
      return {};
    default:
      return {make_status(GenericStatus::invalid_opcode)};
  }
}

CommandCheck AdminCommands::check_log_transfer(const Command& command) const {
  const auto asked = spec::GetLogPage::from(command.sqe);
  return {check_log_page(asked, device_), asked.bytes};
}

/// Only the features with a data structure move data, and capabilities are told without it.
CommandCheck AdminCommands::check_features_transfer(const Command& command) const {
  const auto asked = spec::GetFeatures::from(command.sqe);
  const FeatureRow* row = device_.features.find(asked.fid);
  const bool setting = static_cast<AdminOpcode>(command.sqe.opcode) == AdminOpcode::set_features;
  const bool moves_data = row != nullptr && (setting || asked.select != spec::FeatureSelect::supported_capabilities);
  return {{}, moves_data ? row->data_bytes : 0};
}

CommandOutcome AdminCommands::execute(Command& command, std::span<std::byte> data, Instant now) {
  switch (static_cast<AdminOpcode>(command.sqe.opcode)) {
    case AdminOpcode::identify:
      answer_identify(spec::Identify::from(command.sqe), device_, data);
      return {};
    case AdminOpcode::get_log_page:
      answer_log_page(spec::GetLogPage::from(command.sqe), device_, data, now);
      return {};
    case AdminOpcode::get_features:
      return get_features(command, data);
    case AdminOpcode::set_features:
      return set_features(command, data, now);
    case AdminOpcode::create_io_cq:
      return {queues_.create_completion(command)};
    case AdminOpcode::create_io_sq:
      return {queues_.create_submission(command)};
    case AdminOpcode::delete_io_sq:
      return delete_submission(command, now);
    case AdminOpcode::delete_io_cq:
      return delete_completion(command);
    case AdminOpcode::abort:
      return abort(command, now);
    case AdminOpcode::async_event_request:
      return {{}, 0, true};
    default:  // keep alive
      restart_keep_alive(now);
      return {};
  }
}

CommandOutcome AdminCommands::delete_submission(const Command& command, Instant now) {
  const Status status = queues_.check_delete_submission(command);
  if (spec::is_success(status)) {
    others_.end_all_of(spec::queue_id_of(command.sqe), now);
    queues_.delete_submission(spec::queue_id_of(command.sqe));
  }
  return {status};
}

CommandOutcome AdminCommands::delete_completion(const Command& command) {
  const Status status = queues_.check_delete_completion(command);
  if (spec::is_success(status)) {
    others_.forget_completions_of(spec::queue_id_of(command.sqe));
    queues_.delete_completion(spec::queue_id_of(command.sqe));
  }
  return {status};
}

CommandOutcome AdminCommands::abort(const Command& command, Instant now) {
  const auto asked = spec::Abort::from(command.sqe);
  if (asked.sqid == command.sqid && asked.cid == command.cid) {
    return {{}, 1u};  // itself
  }
  return {{}, others_.abort(asked.sqid, asked.cid, now) ? 0u : 1u};
}

CommandOutcome AdminCommands::get_features(const Command& command, std::span<std::byte> data) const {
  const auto asked = spec::GetFeatures::from(command.sqe);
  const FeatureAnswer answer = device_.features.get(asked);
  if (spec::is_success(answer.status) && asked.fid == Fid::host_behavior_support && !data.empty()) {
    std::memcpy(data.data(), &device_.features.host_behavior(), data.size());
  }
  return {answer.status, answer.dword0};
}

CommandOutcome AdminCommands::set_features(const Command& command, std::span<const std::byte> data, Instant now) {
  const auto asked = spec::SetFeatures::from(command.sqe);
  if (asked.fid == Fid::number_of_queues && !asked.save) {
    return set_number_of_queues(asked.value);
  }
  const std::uint32_t before = device_.features.current(asked.fid);
  const FeatureAnswer answer = device_.features.set(asked, data);
  if (spec::is_success(answer.status)) {
    after_feature_changed(asked.fid, before, now);
  }
  return {answer.status, answer.dword0};
}

/// Counts of 65536 are not allowed, and once an I/O queue exists the answer stands (§5.27.1.5).
CommandOutcome AdminCommands::set_number_of_queues(std::uint32_t asked) {
  const spec::NumberOfQueues value{asked};
  if (value.get(spec::NumberOfQueues::nsq) == 0xffff || value.get(spec::NumberOfQueues::ncq) == 0xffff) {
    return {make_status(GenericStatus::invalid_field)};
  }
  if (device_.queues.io_submission_queues() + device_.queues.io_completion_queues() > 0) {
    return {make_status(GenericStatus::command_sequence_error)};
  }
  const DriveOptions& options = device_.options();
  const bool generous = options.grants_more_than_asked;
  const auto grant = [&](std::uint32_t has, std::uint32_t wants) { return generous ? has : std::min(has, wants); };
  device_.granted_submission_queues = grant(options.io_submission_queues, spec::submission_queues(value));
  device_.granted_completion_queues = grant(options.io_completion_queues, spec::completion_queues(value));
  const auto granted = spec::number_of_queues(device_.granted_submission_queues, device_.granted_completion_queues);
  device_.features.store(Fid::number_of_queues, granted.raw);
  device_.wiring.record(DriveFact::queue_grant, device_.granted_submission_queues, device_.granted_completion_queues);
  return {{}, granted.raw};
}

void AdminCommands::after_feature_changed(Fid fid, std::uint32_t before, Instant now) {
  switch (fid) {
    case Fid::arbitration:
      device_.arbiter.configure(device_.registers.cc().get(spec::Cc::ams), spec::Arbitration{device_.features.current(fid)});
      return;
    case Fid::volatile_write_cache:
      if ((before & 1) != 0 && (device_.features.current(fid) & 1) == 0) {
        device_.wiring.media.flush_all();
      }
      return;
    case Fid::temperature_threshold:
    case Fid::async_event_configuration:
      device_.report_temperature();
      return;
    case Fid::keep_alive_timer:
      restart_keep_alive(now);
      return;
    default:
      return;
  }
}

/// KATO counts milliseconds; 0 turns the timer off (§5.27.1.12).
void AdminCommands::restart_keep_alive(Instant now) {
  const std::uint32_t timeout = device_.features.current(Fid::keep_alive_timer);
  device_.keep_alive_deadline = timeout == 0 ? never : now + milliseconds(timeout);
}

}  // namespace phasebit::sim
