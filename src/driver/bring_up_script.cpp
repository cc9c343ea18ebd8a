#include "src/driver/bring_up_script.hpp"

#include <algorithm>
#include <cstring>

#include "src/spec/admin_commands.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_units.hpp"

namespace phasebit::driver {
namespace {

/// Every warning of SMART (§5.27.1.8), and of the notices those that the driver acts on and the controller has.
constexpr std::uint32_t smart_warnings = 0x1f;

std::uint32_t events_wanted(std::uint32_t optional_events) {
  const spec::Oaes has{optional_events};
  return spec::AsyncEventConfiguration{}
      .with(spec::AsyncEventConfiguration::smart, smart_warnings)
      .with(spec::AsyncEventConfiguration::namespace_attributes, has.get(spec::Oaes::namespace_attributes))
      .with(spec::AsyncEventConfiguration::firmware_activation, has.get(spec::Oaes::firmware_activation))
      .raw;
}

bool takes(std::uint8_t sizes, std::uint32_t bytes_log2) {
  const spec::EntrySizes range{sizes};
  return range.get(spec::EntrySizes::required) <= bytes_log2 && bytes_log2 <= range.get(spec::EntrySizes::maximum);
}

}  // namespace

void BringUpScript::begin(Quirks quirks, NamespaceTable& into) {
  quirks_ = quirks;
  into_ = &into;
  problem_ = Problem::none;
  knows_controller_ = false;
}

void BringUpScript::begin_scan(NamespaceTable& into) {
  const spec::Vs version = info_.version;
  scan_.begin({.namespaces_max = info_.namespaces_max,
               .atomic_write_blocks = info_.atomic_write_blocks,
               .active_list = version >= spec::version(1, 1) && !quirks_.has(Quirk::no_active_list),
               .descriptors = version >= spec::version(1, 3) && !quirks_.has(Quirk::no_descriptors)},
              into);
}

std::uint32_t BringUpScript::skips() const {
  using Step = NamespaceScan::Step;
  std::uint32_t skips = facts_.takes_retry_delays ? 0 : skip_bit(BringUpRow::host_behavior);
  const bool chooses_sets = settings_.cc.get(spec::Cc::css) == spec::Css::all_supported;
  skips |= chooses_sets ? 0 : skip_bit(BringUpRow::command_set_combinations) | skip_bit(BringUpRow::command_set_profile);
  skips |= info_.version >= spec::version(2, 0) ? 0 : skip_bit(BringUpRow::identify_command_set);
  skips |= scan_.step() == Step::active_list ? 0 : skip_bit(BringUpRow::active_namespaces);
  skips |= scan_.step() == Step::identify ? 0 : skip_bit(BringUpRow::identify_namespace);
  skips |= scan_.step() == Step::descriptors ? 0 : skip_bit(BringUpRow::namespace_descriptors);
  return skips;
}

spec::Sqe BringUpScript::command(BringUpRow row, IdentifyPage page) const {
  switch (row) {
    case BringUpRow::identify_controller:
      return spec::Identify{.cns = spec::Cns::controller}.sqe();
    case BringUpRow::command_set_combinations:
      return spec::Identify{.cns = spec::Cns::io_command_sets, .cntid = spec::Identify::this_controller}.sqe();
    case BringUpRow::command_set_profile:
      return spec::SetFeatures{.fid = spec::Fid::io_command_set_profile, .value = facts_.command_set_profile}.sqe();
    case BringUpRow::identify_command_set:
      return spec::Identify{.cns = spec::Cns::controller_of_command_set}.sqe();
    case BringUpRow::host_behavior: {
      const spec::HostBehaviorSupport wanted{.acre = 1};
      std::memcpy(page.data(), &wanted, sizeof wanted);
      return spec::SetFeatures{.fid = spec::Fid::host_behavior_support}.sqe();
    }
    case BringUpRow::number_of_queues: {
      const spec::NumberOfQueues wanted = spec::number_of_queues(settings_.io_queues_max, settings_.io_queues_max);
      return spec::SetFeatures{.fid = spec::Fid::number_of_queues, .value = wanted.raw}.sqe();
    }
    case BringUpRow::configure_events:
      return spec::SetFeatures{.fid = spec::Fid::async_event_configuration, .value = events_wanted(facts_.optional_events)}.sqe();
    default:
      return scan_.command();
  }
}

Answer BringUpScript::take(BringUpRow row, const LaneAnswer& answer, bool may_retry, std::span<const std::byte, 4096> page) {
  const bool succeeded = spec::is_success(answer.status);
  const bool again = may_retry && may_ask_again(answer.status);
  if (row >= BringUpRow::active_namespaces && row <= BringUpRow::namespace_descriptors) {
    return take_scan(succeeded, again, page);
  }
  if (!succeeded && !again && row == BringUpRow::command_set_combinations) {
    return Answer::tolerated;  // then it is as it was, or the first combination
  }
  if (!succeeded) {
    return again ? Answer::retry : Answer::refused;
  }
  if (row == BringUpRow::identify_controller) {
    return take_controller(page);
  }
  if (row == BringUpRow::command_set_combinations) {
    return take_combinations(page);
  }
  if (row == BringUpRow::identify_command_set) {
    std::memcpy(&facts_.command_set, page.data(), sizeof facts_.command_set);
  }
  if (row == BringUpRow::number_of_queues) {
    const spec::NumberOfQueues granted{answer.dword0};
    info_.io_queues = std::min({spec::submission_queues(granted), spec::completion_queues(granted), settings_.io_queues_max});
  }
  return Answer::passed;
}

Answer BringUpScript::take_controller(std::span<const std::byte, 4096> page) {
  spec::IdentifyController id;
  std::memcpy(&id, page.data(), sizeof id);
  if (!takes(id.sqes, spec::sqe_bytes_log2) || !takes(id.cqes, spec::cqe_bytes_log2)) {
    problem_ = Problem::entry_sizes_unsupported;
    return Answer::refused;
  }
  // What waits was meant for the one that was there before the reset.
  if (has_met_controller_ && (id.sn != info_.serial || id.mn != info_.model)) {
    problem_ = Problem::another_controller;
    return Answer::refused;
  }
  has_met_controller_ = true;
  fill_info(info_, id);
  facts_.command_set = {};
  facts_.command_set_profile = 0;
  facts_.vwc = spec::Vwc{id.vwc};
  facts_.shutdown_latency = spec::shutdown_latency(id);
  facts_.optional_events = id.oaes;
  facts_.takes_retry_delays = std::any_of(id.crdt.begin(), id.crdt.end(), [](std::uint16_t delay) { return delay != 0; });
  knows_controller_ = true;
  begin_scan(*into_);
  return Answer::passed;
}

Answer BringUpScript::take_combinations(std::span<const std::byte, 4096> page) {
  constexpr std::uint64_t nvm_command_set = 1;
  spec::IoCommandSetVectors combinations;
  std::memcpy(&combinations, page.data(), sizeof combinations);
  const auto& all = combinations.vector;
  const auto with_nvm = std::find_if(all.begin(), all.end(), [](const Le64& vector) { return (vector & nvm_command_set) != 0; });
  if (with_nvm == all.end()) {
    problem_ = Problem::no_nvm_command_set;
    return Answer::refused;
  }
  facts_.command_set_profile = static_cast<std::uint16_t>(with_nvm - all.begin());
  return Answer::passed;
}

Answer BringUpScript::take_scan(bool succeeded, bool may_retry, std::span<const std::byte, 4096> page) {
  if (!succeeded && may_retry) {
    return Answer::retry;
  }
  const NamespaceScan::Step before = scan_.step();
  scan_.take(succeeded, page);
  const bool has_more = scan_.step() == before;
  if (succeeded) {
    return has_more ? Answer::again : Answer::passed;
  }
  return has_more ? Answer::refused_again : Answer::tolerated;
}

bool may_ask_again(spec::Status status) {
  const bool hopeless = spec::is(status, spec::GenericStatus::invalid_opcode) || spec::is(status, spec::GenericStatus::invalid_field) ||
                        spec::is(status, spec::GenericStatus::invalid_namespace_or_format);
  return !spec::is_success(status) && !status.get(spec::Status::dnr) && !hopeless;
}

void fill_info(ControllerInfo& info, const spec::IdentifyController& id) {
  info.vendor_id = id.vid;
  info.subsystem_vendor_id = id.ssvid;
  info.serial = id.sn;
  info.model = id.mn;
  info.firmware = id.fr;
  info.transfer_bytes_max = spec::transfer_bytes_max(id, info.capabilities);
  info.namespaces_max = id.nn;
  info.abort_commands_max = spec::abort_commands_max(id);
  info.async_events_max = spec::async_event_requests_max(id);
  info.optional_admin_commands = id.oacs;
  info.optional_io_commands = id.oncs;
  info.volatile_write_cache = spec::Vwc{id.vwc}.get(spec::Vwc::present);
  info.atomic_write_blocks = spec::atomic_write_blocks_power_fail(id);
  for (std::uint32_t i = 0; i < info.retry_delays.size(); ++i) {
    info.retry_delays[i] = spec::retry_delay(id, i + 1);
  }
}

}  // namespace phasebit::driver
