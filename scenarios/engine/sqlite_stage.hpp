// One world of a SQLite story: a drive, one host after the other on it, and everybody who reads the stream.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/engine/host.hpp"
#include "scenarios/engine/judges.hpp"
#include "scenarios/engine/row_tally.hpp"
#include "scenarios/engine/run_scenario.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/timeline.hpp"
#include "scenarios/engine/world_stage.hpp"
#include "sim/memory/region.hpp"
#include "sim/stream/stream_file.hpp"
#include "sim/world/world.hpp"

namespace phasebit::scenarios {

class SqliteStage {
 public:
  /// `trace_path`: where the stream is recorded; empty: nowhere.
  SqliteStage(const Scenario& scenario, const RunOptions& options, const std::string& trace_path, sim::Region& region);
  SqliteStage(const SqliteStage&) = delete;
  SqliteStage& operator=(const SqliteStage&) = delete;

  sim::World& world() { return *world_; }
  Host& host() { return *host_; }
  const RowTally& rows() const { return rows_; }

  /// A new host comes and attaches; true if the first drive is ready within `budget`.
  bool attach(Duration budget);
  /// All faults are lifted; what they had taken away is there again.
  void heal();
  /// What is outstanding ends, and lost drives are attached again: what `phases.drain` is for.
  void drain();
  /// The host lets go of its drives as `phases` says. That it does not is an objection.
  void shut_down();
  /// The host hears that the drive has gone, ends everything and lets go of it. That it does not is an objection.
  void wait_for_loss();
  /// Nothing more comes: the judges have their last word.
  void end();

  /// The moment before a power cut, to which `cut_again` goes back. What was said up to now is nobody's concern any more.
  void remember();
  /// Power was cut at that moment, with this outcome, and the host went with it.
  void cut_again(std::uint64_t outcome);
  std::uint64_t outcomes_at_cut() const { return outcomes_at_cut_; }

  void object(std::string judge, std::string sentence, ExitCode code = ExitCode::objected);
  /// What the judges and `object` said since the stage was set, or since the cut.
  std::vector<Statement> statements() const;
  std::vector<TimelineEntry> timeline() { return timeline_.entries(world_->now()); }
  /// Where the drivers of all its hosts promised to do without.
  std::uint64_t allocations() const { return allocations_ + (host_ ? host_->allocations() : 0); }
  /// Completes the trace; empty if all is well or there is none.
  std::string finish_trace();

 private:
  enum class Phase : std::uint32_t { faulty = 0, heal = 1, drain = 2, end = 3 };

  void enter(Phase phase);
  void dismiss_host();

  const Scenario& scenario_;
  sim::Region& region_;
  Judges judges_;
  Timeline timeline_;
  RowTally rows_;
  std::optional<sim::StreamRecorder> recorder_;
  sim::WorldPointer world_;
  WorldStage stage_;
  std::unique_ptr<Host> host_;
  std::vector<Statement> own_statements_;
  std::uint64_t allocations_ = 0;  ///< of hosts before the present one

  std::optional<sim::RegionSnapshot> moment_of_cut_;
  Judges judges_at_cut_;
  Timeline timeline_at_cut_;
  std::uint64_t outcomes_at_cut_ = 0;
};

}  // namespace phasebit::scenarios
