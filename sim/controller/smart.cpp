#include "sim/controller/smart.hpp"

namespace phasebit::sim {
namespace {

spec::Le128 wide(std::uint64_t value) {
  return {value, 0};
}

}  // namespace

spec::SmartLog healthy_smart_log() {
  spec::SmartLog log;
  log.available_spare = 100;
  log.available_spare_threshold = 10;
  return log;
}

Smart::Smart(const SmartStart& start)
    : start_(start),
      read_commands_(start.host_read_commands),
      write_commands_(start.host_write_commands),
      media_errors_(start.media_errors),
      power_cycles_(start.power_cycles - 1),  // the first power-on counts
      unsafe_shutdowns_(start.unsafe_shutdowns),
      temperature_kelvins_(start.temperature) {}

void Smart::on_power_on(Instant now) {
  ++power_cycles_;
  on_since_ = now;
  temperature_kelvins_ = start_.temperature;
}

void Smart::on_power_cut(bool orderly, Instant now) {
  unsafe_shutdowns_ += orderly ? 0 : 1;
  on_before_ = on_before_ + (now - on_since_);
  on_since_ = now;
}

void Smart::on_read(std::uint64_t bytes) {
  ++read_commands_;
  read_bytes_ += bytes;
}

void Smart::on_write(std::uint64_t bytes) {
  ++write_commands_;
  written_bytes_ += bytes;
}

spec::SmartLog Smart::log(std::uint16_t over, std::uint16_t under, std::uint64_t error_log_entries, Instant now) const {
  spec::SmartLog log = healthy_smart_log();
  const bool warn = temperature_kelvins_ >= over || temperature_kelvins_ <= under;
  log.critical_warning = spec::CriticalWarning{}.with(spec::CriticalWarning::temperature, warn).raw;
  log.set_temperature_kelvins(temperature_kelvins_);
  log.data_units_read = wide(start_.data_units_read + spec::smart_data_units(read_bytes_));
  log.data_units_written = wide(start_.data_units_written + spec::smart_data_units(written_bytes_));
  log.host_read_commands = wide(read_commands_);
  log.host_write_commands = wide(write_commands_);
  log.controller_busy_time = wide(start_.controller_busy_minutes + busy_.ns / seconds(60).ns);
  log.power_cycles = wide(power_cycles_);
  log.power_on_hours = wide(start_.power_on_hours + (on_before_ + (now - on_since_)).ns / seconds(3600).ns);
  log.unsafe_shutdowns = wide(unsafe_shutdowns_);
  log.media_errors = wide(media_errors_);
  log.error_log_entries = wide(error_log_entries);
  return log;
}

void Smart::fingerprint(Hasher& hasher) const {
  for (const std::uint64_t value : {read_bytes_, written_bytes_, read_commands_, write_commands_, media_errors_, power_cycles_,
                                    unsafe_shutdowns_, busy_.ns, on_before_.ns, on_since_.ns}) {
    hasher.add(value);
  }
  hasher.add(temperature_kelvins_);
}

}  // namespace phasebit::sim
