#include "sim/controller/features.hpp"

#include <algorithm>
#include <cstring>

#include "src/base/assert.hpp"

namespace phasebit::sim {

using spec::CommandStatus;
using spec::FeatureSelect;
using spec::Fid;
using spec::GenericStatus;
using spec::make_status;
using spec::Status;

Features::Features(const Wiring& wiring, const Namespaces& namespaces)
    : wiring_(wiring), namespaces_(namespaces), values_(wiring.memory), coalescing_disabled_(wiring.memory) {
  const DriveOptions& options = wiring.options;
  const auto queues = spec::number_of_queues(options.io_submission_queues, options.io_completion_queues);
  const FeatureDefaults& defaults = options.features;
  add({Fid::arbitration, defaults.arbitration, true});
  add({Fid::power_management, defaults.power_management, true});
  add({Fid::temperature_threshold, defaults.temperature_over, false});
  add({Fid::error_recovery, defaults.error_recovery, true, true, true});
  if (options.volatile_cache) {
    add({Fid::volatile_write_cache, defaults.volatile_write_cache ? 1u : 0u, true});
  }
  add({Fid::number_of_queues, queues.raw});
  add({Fid::interrupt_coalescing, defaults.interrupt_coalescing, true});
  add({Fid::interrupt_vector_configuration, 0});
  add({Fid::write_atomicity_normal, defaults.write_atomicity_normal, true});
  add({Fid::async_event_configuration, 0, true});
  if (options.keep_alive_steps != 0) {
    add({Fid::keep_alive_timer, 0});
  }
  if (options.version >= spec::version(1, 4)) {
    add({Fid::host_behavior_support, 0, false, true, false, sizeof(spec::HostBehaviorSupport)});
  }
  if ((options.command_sets & 0x40) != 0) {
    add({Fid::io_command_set_profile, 0});
  }
  coalescing_disabled_.resize(options.interrupt_vectors);
  reset();
}

void Features::add(const FeatureRow& row) {
  FeatureRow kept = row;
  kept.saveable = row.saveable && wiring_.options.save_and_select;
  values_.push_back({kept, row.default_value, std::nullopt});
}

Features::Value* Features::value_of(Fid fid) {
  const auto found = std::find_if(values_.begin(), values_.end(), [&](const Value& value) { return value.row.fid == fid; });
  return found == values_.end() ? nullptr : &*found;
}

const FeatureRow* Features::find(Fid fid) const {
  const Value* value = value_of(fid);
  return value == nullptr ? nullptr : &value->row;
}

std::uint32_t Features::current(Fid fid) const {
  const Value* value = value_of(fid);
  return value == nullptr ? 0 : value->current;
}

void Features::store(Fid fid, std::uint32_t new_value) {
  Value* value = value_of(fid);
  PHASEBIT_ASSERT(value != nullptr);
  value->current = new_value;
}

void Features::reset() {
  for (Value& value : values_) {
    value.current = value.saved.value_or(value.row.default_value);
  }
  std::fill(coalescing_disabled_.begin(), coalescing_disabled_.end(), std::uint8_t{0});
  host_behavior_ = {};
  temperature_over_ = wiring_.options.features.temperature_over;
  temperature_under_ = wiring_.options.features.temperature_under;
}

// Each combination of sensor and direction is a threshold of its own; there is only the composite temperature.
FeatureAnswer Features::get_temperature_threshold(const spec::GetFeatures& command) const {
  const spec::TemperatureThreshold asked{command.value};
  const auto sensor = asked.get(spec::TemperatureThreshold::tmpsel);
  const auto direction = asked.get(spec::TemperatureThreshold::thsel);
  if (sensor != 0 || direction > 1) {
    return {make_status(GenericStatus::invalid_field)};
  }
  if (command.select != FeatureSelect::current) {
    const FeatureDefaults& defaults = wiring_.options.features;
    return {{}, direction == 0 ? defaults.temperature_over : defaults.temperature_under};
  }
  return {{}, direction == 0 ? temperature_over_ : temperature_under_};
}

FeatureAnswer Features::get_vector_configuration(const spec::GetFeatures& command) const {
  using Word = spec::InterruptVectorConfiguration;
  const std::uint32_t vector = Word{command.value}.get(Word::iv);
  if (vector >= coalescing_disabled_.size()) {
    return {make_status(GenericStatus::invalid_field)};
  }
  const bool disabled = command.select == FeatureSelect::current && coalescing_disabled_[vector] != 0;
  return {{}, Word{}.with(Word::iv, vector).with(Word::cd, disabled).raw};
}

FeatureAnswer Features::get(const spec::GetFeatures& command) const {
  const Value* value = value_of(command.fid);
  const bool select_known = command.select <= FeatureSelect::supported_capabilities;
  const bool may_select = wiring_.options.save_and_select || command.select == FeatureSelect::current;
  if (value == nullptr || !select_known || !may_select) {
    return {make_status(GenericStatus::invalid_field)};
  }
  if (command.select == FeatureSelect::supported_capabilities) {
    const FeatureRow& row = value->row;
    return {{}, (row.saveable ? 1u : 0u) | (row.namespace_specific ? 2u : 0u) | (row.changeable ? 4u : 0u)};
  }
  if (const Status status = check_scope(value->row, command.nsid, false); !spec::is_success(status)) {
    return {status};
  }
  if (command.fid == Fid::temperature_threshold) {
    return get_temperature_threshold(command);
  }
  if (command.fid == Fid::interrupt_vector_configuration) {
    return get_vector_configuration(command);
  }
  switch (command.select) {
    case FeatureSelect::default_value:
      return {{}, value->row.default_value};
    case FeatureSelect::saved:
      return {{}, value->saved.value_or(value->row.default_value)};
    default:
      return {{}, value->current};
  }
}

/// A feature of one namespace needs an active one, and setting it may mean all of them; another feature is of none (Base 2.0 §3.2.1, §5.15,
/// §5.27).
Status Features::check_scope(const FeatureRow& row, Nsid nsid, bool setting) const {
  if ((nsid == nsid_all && (setting || !row.namespace_specific)) || (nsid == nsid_none && !row.namespace_specific)) {
    return {};
  }
  if (!namespaces_.valid(nsid)) {
    return make_status(GenericStatus::invalid_namespace_or_format);
  }
  if (row.namespace_specific) {
    return namespaces_.active(nsid) != nullptr ? Status{} : make_status(GenericStatus::invalid_field);
  }
  return {};
}

Status Features::check_value(const spec::SetFeatures& command) const {
  const Status invalid = make_status(GenericStatus::invalid_field);
  switch (command.fid) {
    case Fid::power_management:
      return spec::PowerManagement{command.value}.get(spec::PowerManagement::ps) < wiring_.options.power_states ? Status{} : invalid;
    case Fid::temperature_threshold: {
      const spec::TemperatureThreshold asked{command.value};
      const auto sensor = asked.get(spec::TemperatureThreshold::tmpsel);
      return (sensor == 0 || sensor == 15) && asked.get(spec::TemperatureThreshold::thsel) <= 1 ? Status{} : invalid;
    }
    case Fid::error_recovery:  // DULBE needs NSFEAT bit 2, which no namespace has
      return spec::ErrorRecovery{command.value}.get(spec::ErrorRecovery::dulbe) ? invalid : Status{};
    case Fid::interrupt_vector_configuration: {
      using Word = spec::InterruptVectorConfiguration;
      return Word{command.value}.get(Word::iv) < coalescing_disabled_.size() ? Status{} : invalid;
    }
    case Fid::io_command_set_profile:  // one combination, index 0
      return (command.value & 0x1ff) == 0 ? Status{} : make_status(CommandStatus::io_command_set_combination_rejected);
    default:
      return {};
  }
}

std::uint32_t Features::accept(const spec::SetFeatures& command, std::span<const std::byte> data, std::uint32_t before) {
  switch (command.fid) {
    case Fid::temperature_threshold: {
      const spec::TemperatureThreshold asked{command.value};
      const auto kelvins = static_cast<std::uint16_t>(asked.get(spec::TemperatureThreshold::tmpth));
      (asked.get(spec::TemperatureThreshold::thsel) == 0 ? temperature_over_ : temperature_under_) = kelvins;
      return temperature_over_;
    }
    case Fid::interrupt_vector_configuration: {
      using Word = spec::InterruptVectorConfiguration;
      const Word asked{command.value};
      coalescing_disabled_[asked.get(Word::iv)] = asked.get(Word::cd) ? 1 : 0;
      return before;
    }
    case Fid::volatile_write_cache:
      return command.value & 1;
    case Fid::host_behavior_support:
      std::memcpy(&host_behavior_, data.data(), sizeof(host_behavior_));
      return before;
    default:
      return command.value;
  }
}

FeatureAnswer Features::set(const spec::SetFeatures& command, std::span<const std::byte> data) {
  Value* value = value_of(command.fid);
  if (value == nullptr) {
    return {make_status(GenericStatus::invalid_field)};
  }
  if (command.save && !value->row.saveable) {
    return {make_status(CommandStatus::feature_identifier_not_saveable)};
  }
  if (const Status status = check_scope(value->row, command.nsid, true); !spec::is_success(status)) {
    return {status};
  }
  const bool one_namespace = command.nsid != nsid_none && command.nsid != nsid_all;
  if (one_namespace && !value->row.namespace_specific) {
    return {make_status(CommandStatus::feature_not_namespace_specific)};
  }
  if (const Status status = check_value(command); !spec::is_success(status)) {
    return {status};
  }
  value->current = accept(command, data, value->current);
  if (command.save) {
    value->saved = value->current;
  }
  return {};
}

void Features::fingerprint(Hasher& hasher) const {
  for (const Value& value : values_) {
    hasher.add(value.current);
    hasher.add(value.saved.has_value());
    hasher.add(value.saved.value_or(0));
  }
  hasher.add_bytes(std::as_bytes(std::span(coalescing_disabled_)));
  hasher.add(host_behavior_.acre);
  hasher.add(host_behavior_.lbafee);
  hasher.add(temperature_over_);
  hasher.add(temperature_under_);
}

}  // namespace phasebit::sim
