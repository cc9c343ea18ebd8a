// Features: their values, what may be set, and what Get and Set Features answer (Base 2.0 §5.15, §5.27).
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "sim/controller/namespaces.hpp"
#include "sim/controller/wiring.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/features.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {

/// What is known of a feature that the drive has.
struct FeatureRow {
  spec::Fid fid;
  std::uint32_t default_value = 0;
  bool saveable = false;
  bool changeable = true;
  bool namespace_specific = false;
  std::uint32_t data_bytes = 0;  ///< of its data structure, if it has one
};

/// What Get or Set Features comes to.
struct FeatureAnswer {
  spec::Status status;
  std::uint32_t dword0 = 0;
};

/// Current, default and saved values. Saved ones survive everything; current ones a reset only if saved.
class Features {
 public:
  Features(const Wiring& wiring, const Namespaces& namespaces);

  /// nullptr: the drive does not have it.
  const FeatureRow* find(spec::Fid fid) const;

  /// Number of Queues is answered by the caller, who knows the queues; its value comes back through `store`.
  FeatureAnswer get(const spec::GetFeatures& command) const;
  /// Checks and stores. Data has been transferred by the caller.
  FeatureAnswer set(const spec::SetFeatures& command, std::span<const std::byte> data);

  std::uint32_t current(spec::Fid fid) const;
  void store(spec::Fid fid, std::uint32_t value);
  const spec::HostBehaviorSupport& host_behavior() const { return host_behavior_; }
  std::uint16_t temperature_over() const { return temperature_over_; }
  std::uint16_t temperature_under() const { return temperature_under_; }

  /// After a controller reset: current values are the saved ones, or the defaults.
  void reset();

  void fingerprint(Hasher& hasher) const;

 private:
  struct Value {
    FeatureRow row;
    std::uint32_t current = 0;
    std::optional<std::uint32_t> saved;
  };

  void add(const FeatureRow& row);
  Value* value_of(spec::Fid fid);
  const Value* value_of(spec::Fid fid) const { return const_cast<Features*>(this)->value_of(fid); }
  spec::Status check_value(const spec::SetFeatures& command) const;
  spec::Status check_scope(const FeatureRow& row, Nsid nsid, bool setting) const;
  FeatureAnswer get_temperature_threshold(const spec::GetFeatures& command) const;
  FeatureAnswer get_vector_configuration(const spec::GetFeatures& command) const;
  std::uint32_t accept(const spec::SetFeatures& command, std::span<const std::byte> data, std::uint32_t before);

  Wiring wiring_;
  const Namespaces& namespaces_;
  std::pmr::vector<Value> values_;
  std::pmr::vector<std::uint8_t> coalescing_disabled_;  ///< by interrupt vector
  spec::HostBehaviorSupport host_behavior_;
  std::uint16_t temperature_over_ = 0;
  std::uint16_t temperature_under_ = 0;
};

}  // namespace phasebit::sim
