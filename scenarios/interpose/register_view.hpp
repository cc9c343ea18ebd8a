// The registers that say where queues and doorbells are, as the host's own accesses show them.
#pragma once

#include <cstdint>
#include <optional>

#include "scenarios/interpose/recorder.hpp"
#include "src/spec/register_units.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::scenarios {

/// A doorbell by what it belongs to.
struct DoorbellName {
  Qid qid;
  spec::DoorbellKind kind = spec::DoorbellKind::submission_tail;
};

/// Emits drive_fact of the capabilities when the host has read CAP, and again with VS. A host that never read CAP is taken to ring
/// doorbells four bytes apart.
class RegisterView {
 public:
  explicit RegisterView(Recorder& recorder) : recorder_(recorder) {}

  spec::Cap cap() const { return cap_; }
  spec::Cc cc() const { return cc_; }
  spec::Aqa aqa() const { return aqa_; }
  Iova asq() const { return Iova{asq_}; }
  Iova acq() const { return Iova{acq_}; }

  /// The host was given `value`, which is not all ones.
  void on_read(std::uint32_t at, std::uint32_t bytes, std::uint64_t value);
  /// The host's write takes effect. The CC before it is `cc()` until then.
  void on_write(std::uint32_t at, std::uint32_t bytes, std::uint64_t value);
  /// The function was reset or is gone.
  void forget_writes();

  std::optional<DoorbellName> doorbell(std::uint32_t at) const;

 private:
  void announce();

  Recorder& recorder_;
  spec::Cap cap_;
  std::uint32_t halves_read_ = 0;  ///< of CAP: bit 0 low, bit 1 high
  spec::Vs vs_;
  bool announced_ = false;
  std::uint64_t announced_cap_ = 0;
  std::uint32_t announced_vs_ = 0;
  spec::Cc cc_;
  spec::Aqa aqa_;
  std::uint64_t asq_ = 0;
  std::uint64_t acq_ = 0;
};

}  // namespace phasebit::scenarios
