// Everyone who may object to a run, and what is made of their objections.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/oracles/oracle.hpp"
#include "sim/stream/stream.hpp"

namespace phasebit::scenarios {

/// The oracles of a run, reading its stream; keeps the events that were objected to, for the report.
class Judges : public sim::StreamReader {
 public:
  Judges();

  void on_event(std::uint64_t number, const Event& event) override;
  /// Called once, after the last event.
  void finish();

  /// All objections, the earliest first. Waived rules are left out, and `expect.objections` are held against what was said: what was
  /// expected is no objection, and what was expected and not said is one.
  void report(const Expect& expect, RunResult& result) const;

 private:
  void keep_offending(std::uint64_t number, const Event& event);

  std::vector<std::unique_ptr<Oracle>> oracles_;
  std::vector<std::size_t> verdicts_seen_;
  std::map<std::uint64_t, std::string> offending_;  ///< event number to the event in words
};

}  // namespace phasebit::scenarios
