// SMART / Health Information with counters that count (Base 2.0 §5.16.1.3).
#pragma once

#include <cstdint>

#include "sim/controller/wiring.hpp"
#include "src/base/time.hpp"
#include "src/spec/log_pages.hpp"

namespace phasebit::sim {

inline constexpr std::uint16_t warning_temperature_kelvins = 343;   ///< WCTEMP
inline constexpr std::uint16_t critical_temperature_kelvins = 353;  ///< CCTEMP

/// The log page of a healthy drive that has counted nothing.
spec::SmartLog healthy_smart_log();

/// Survives resets and power cuts. What it counts begins where the options say.
class Smart {
 public:
  explicit Smart(const SmartStart& start);

  void on_power_on(Instant now);
  /// Power was cut; `orderly` after a shutdown that completed.
  void on_power_cut(bool orderly, Instant now);
  void on_read(std::uint64_t bytes);
  void on_write(std::uint64_t bytes);
  void on_compare(std::uint64_t bytes) { on_read(bytes); }
  void on_verify(std::uint64_t bytes) { read_bytes_ += bytes; }
  void on_media_error() { ++media_errors_; }
  void on_command_time(Duration time) { busy_ = busy_ + time; }

  std::uint16_t temperature_kelvins() const { return temperature_kelvins_; }
  void set_temperature_kelvins(std::uint16_t kelvins) { temperature_kelvins_ = kelvins; }

  /// The log page. `over` and `under` are the thresholds, `error_log_entries` those that were ever made.
  spec::SmartLog log(std::uint16_t over, std::uint16_t under, std::uint64_t error_log_entries, Instant now) const;

  void fingerprint(Hasher& hasher) const;

 private:
  SmartStart start_;  ///< what is counted in other units than the log's begins at 0 and is added to it
  std::uint64_t read_bytes_ = 0;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t read_commands_;
  std::uint64_t write_commands_;
  std::uint64_t media_errors_;
  std::uint64_t power_cycles_;
  std::uint64_t unsafe_shutdowns_;
  Duration busy_;
  Duration on_before_;  ///< in earlier power cycles
  Instant on_since_;
  std::uint16_t temperature_kelvins_;
};

}  // namespace phasebit::sim
