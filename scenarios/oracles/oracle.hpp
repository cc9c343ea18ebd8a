// An oracle: a reader of the stream that objects when something happened that must not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/stream/stream.hpp"
#include "src/base/time.hpp"

namespace phasebit::scenarios {

/// An objection: who objects, to what, and at which event first.
struct Verdict {
  std::string_view oracle;  ///< "data_integrity", "exactly_once", ... or "conformance"
  std::string rule;         ///< of the conformance oracle: the rule's id
  std::string sentence;     ///< what was wrong, with the numbers that show it
  std::uint64_t event_number = 0;
  Instant at;
  std::uint8_t drive = 0;
  bool fails = true;  ///< false: reported only (rules of class S)
};

/// Collects verdicts while the run lasts and when it ends.
class Oracle : public sim::StreamReader {
 public:
  virtual std::string_view name() const = 0;
  /// Called once, after the last event.
  virtual void finish() {}

  const std::vector<Verdict>& verdicts() const { return verdicts_; }

  void on_event(std::uint64_t number, const Event& event) final {
    number_ = number;
    last_ = event;
    judge(event);
  }

 protected:
  virtual void judge(const Event& event) = 0;

  std::uint64_t event_number() const { return number_; }
  /// Objects at the present event. Of objections of one kind the first `verdicts_kept_max` are kept: what is waived or expected many times
  /// hides nothing else.
  void object(std::string sentence) { object_as(name(), std::move(sentence)); }
  void object_as(std::string_view oracle, std::string sentence) {
    keep({oracle, {}, std::move(sentence), number_, last_.instant(), last_.drive, true});
  }
  void keep(Verdict verdict) {
    if (kept_[{std::string(verdict.oracle), verdict.rule}]++ < verdicts_kept_max) {
      verdicts_.push_back(std::move(verdict));
    }
  }

 private:
  static constexpr std::size_t verdicts_kept_max = 100;

  std::uint64_t number_ = 0;
  Event last_;
  std::vector<Verdict> verdicts_;
  std::map<std::pair<std::string, std::string>, std::size_t> kept_;  ///< by oracle and rule, with those that were not
};

/// Outcomes of operation_ended and command_finished that are the device's verdict: it succeeded, or failed with the status.
inline constexpr std::uint32_t outcome_ok = 0;
inline constexpr std::uint32_t outcome_failed = 1;

}  // namespace phasebit::scenarios
