// Everyone who may object to a run, and what is made of their objections.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "scenarios/engine/run_result.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/oracles/conformance.hpp"
#include "scenarios/oracles/data_integrity.hpp"
#include "scenarios/oracles/exactly_once.hpp"
#include "scenarios/oracles/liveness.hpp"
#include "scenarios/oracles/memory.hpp"
#include "sim/stream/stream.hpp"

namespace phasebit::scenarios {

/// What one judge says of one world.
struct Statement {
  std::string judge;  ///< as `expect` names it: an oracle's name or a rule's id
  Objection objection;
  bool fails = true;  ///< false: it is only remarked
};

/// The oracles of a run, reading its stream; keeps the events that were objected to, for the report. A copy goes on by itself, as a world
/// does that is restored from a snapshot.
class Judges : public sim::StreamReader {
 public:
  void on_event(std::uint64_t number, const Event& event) override;
  /// Called once, after the last event.
  void finish();
  /// The host is no more, and gives nothing back: those who judge only hosts begin anew with the next one.
  void forget_host();

  /// What has been said so far has been heard elsewhere.
  void forget_what_was_said();

  /// What was said, the earliest first.
  std::vector<Statement> statements() const;
  /// All that was said, held against what was expected.
  void report(const Expect& expect, const RunEnd& end, RunResult& result) const;

 private:
  template <class T>
  struct Chair {
    T oracle;
    std::size_t seen = 0;   ///< verdicts whose event is kept
    std::size_t heard = 0;  ///< verdicts that were forgotten
  };

  template <class T>
  void tell(Chair<T>& chair, std::uint64_t number, const Event& event);
  template <class T>
  void ask(const Chair<T>& chair, std::vector<Statement>& all) const;

  std::tuple<Chair<Conformance>, Chair<DataIntegrity>, Chair<ExactlyOnce>, Chair<Liveness>, Chair<Memory>> chairs_;
  std::map<std::uint64_t, std::string> offending_;  ///< event number to the event in words
};

/// What judges said of one world, or of many.
class Hearing {
 public:
  /// Of each judge the first few are kept.
  void add(Statement statement);
  /// Waived rules are left out, and `expect.objections` are held against what was said: what was expected is no objection, and what was
  /// expected and not said is one, at the end.
  void report(const Expect& expect, const RunEnd& end, RunResult& result) const;

 private:
  std::vector<Statement> statements_;
  std::map<std::string, std::size_t> counts_;  ///< by judge
};

/// Whether the statement makes a run fail that expects this.
bool is_held_against(const Expect& expect, const Statement& statement);

}  // namespace phasebit::scenarios
