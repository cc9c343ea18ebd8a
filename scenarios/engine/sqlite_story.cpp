#include "scenarios/engine/sqlite_story.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "scenarios/engine/blocking_device.hpp"
#include "scenarios/engine/sqlite_findings.hpp"
#include "scenarios/engine/sqlite_stage.hpp"
#include "scenarios/sqlite/transactions.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::uint64_t story_bytes = 512ull << 20;
constexpr std::uint64_t first_tag_of_recovery = 1ull << 32;

SqliteSettings settings_of(const Scenario& scenario) {
  SqliteSettings settings = scenario.sqlite->settings;
  settings.seed = scenario.seed;
  return settings;
}

std::string describe(PlannedCut cut, std::uint64_t outcome) {
  return fmt::format("; power was cut at write or flush {} ({}), outcome {} of the cache", cut.operation,
                     cut.moment == CutMoment::submitted ? "before the drive began" : "when the drive had done it", outcome);
}

class Story {
 public:
  Story(const Scenario& scenario, const RunOptions& options)
      : scenario_(scenario),
        options_(options),
        settings_(settings_of(scenario)),
        transactions_(draw_transactions(scenario.seed, scenario.sqlite->transactions)),
        expected_(expected_digests(transactions_)),
        findings_(scenario) {}

  /// Cuts tell nothing new of a run that goes wrong without one.
  RunResult run() {
    run_uncut();
    can_go_on_ = scenario_.sqlite->cut_power && !findings_.has_objection();
    for (const CutMoment moment : {CutMoment::submitted, CutMoment::executed}) {
      for (std::uint64_t operation = 0; can_go_on_ && operation < operations_; ++operation) {
        run_cut({operation, moment});
      }
    }
    return findings_.report();
  }

 private:
  void run_uncut() {
    std::optional<sim::Region> region = make_region();
    if (!region) {
      return;
    }
    SqliteStage stage(scenario_, options_, options_.trace_path, *region);
    RunFacts facts;
    std::map<std::string, std::uint64_t> outcomes;
    const SqliteProgress progress = use_database(stage, facts, outcomes);
    stage.heal();
    stage.drain();
    facts.state = stage.host().seat(0).state();
    stage.shut_down();
    findings_.take_uncut(stage, facts, outcomes);
    judge_database_on(stage, progress);
    findings_.take_world(stage, "");
    findings_.take_allocations(stage.allocations());
    if (const std::string wrong = stage.finish_trace(); !wrong.empty()) {
      findings_.object("environment", wrong, ExitCode::environment);
    }
  }

  /// Transactions until they are done or `phases.faulty` is over.
  SqliteProgress use_database(SqliteStage& stage, RunFacts& facts, std::map<std::string, std::uint64_t>& outcomes) {
    const Instant end = stage.world().now() + scenario_.phases.faulty;
    (void)stage.attach(scenario_.phases.faulty);
    BlockingDevice device(stage.host(), stage.host().seat(0), nsid(), 1);
    stage.host().add(device);
    device.stop_at(end);
    SqliteProgress progress = run_transactions(device, settings_, transactions_);
    stage.host().remove(device);
    operations_ = device.operations();
    outcomes = device.outcomes();
    facts.work = progress.error.empty() ? Work::all : progress.committed > 0 ? Work::some : Work::none;
    facts.state_before_heal = stage.host().seat(0).state();
    facts.slowest_operation = device.progress().slowest;
    judge_progress(progress, facts.work);
    return progress;
  }

  void judge_progress(const SqliteProgress& progress, Work work) {
    findings_.take_committed(progress.committed);
    if (!progress.error.empty() && work != scenario_.expect.work && !scenario_.expect.anything_may_happen) {
      findings_.object("expect", "the run without a power cut failed: " + progress.error, ExitCode::objected);
    }
  }

  void run_cut(PlannedCut cut) {
    std::optional<sim::Region> region = make_region();
    if (!region) {
      return;
    }
    SqliteStage stage(scenario_, options_, "", *region);
    (void)stage.attach(scenario_.phases.faulty);
    // Snapshots remember it as a reader of the stream: it outlives what is tried from them.
    BlockingDevice device(stage.host(), stage.host().seat(0), nsid(), 1);
    stage.host().add(device);
    device.plan_cut(cut, [&] {
      stage.remember();
      stage.world().power_cut(0, 0);
    });
    const SqliteProgress progress = run_transactions(device, settings_, transactions_);
    stage.host().remove(device);
    if (!device.was_cut()) {
      can_go_on_ = false;
      return findings_.object("oracle determinism", fmt::format("the run did not come to write or flush {} again", cut.operation),
                              ExitCode::determinism);
    }
    findings_.take_cut();
    try_outcomes(stage, cut, progress);
    findings_.take_allocations(stage.allocations());
  }

  /// The first outcome is lived through by the host that had the drive; for each other one a new host comes.
  void try_outcomes(SqliteStage& stage, PlannedCut cut, const SqliteProgress& progress) {
    stage.wait_for_loss();
    for (std::uint64_t outcome = 0; outcome < stage.outcomes_at_cut(); ++outcome) {
      if (outcome > 0) {
        stage.cut_again(outcome);
      }
      stage.world().power_on(0);
      stage.heal();
      judge_database_on(stage, progress);
      findings_.take_world(stage, describe(cut, outcome));
    }
  }

  /// A fresh driver attaches, SQLite opens what is there, and the world ends.
  void judge_database_on(SqliteStage& stage, const SqliteProgress& progress) {
    if (!stage.attach(scenario_.phases.drain)) {
      stage.object("liveness", fmt::format("no driver could attach again: it is {}", name(stage.host().seat(0).state())),
                   ExitCode::liveness);
    } else if (std::string wrong = judge_on(stage.host(), progress); !wrong.empty()) {
      findings_.take_lost_database();
      stage.object("durability", std::move(wrong));
    }
    stage.shut_down();
    stage.end();
  }

  std::string judge_on(Host& host, const SqliteProgress& progress) {
    BlockingDevice device(host, host.seat(0), nsid(), first_tag_of_recovery);
    host.add(device);
    std::string wrong = judge_database(device, settings_, expected_, progress);
    host.remove(device);
    return wrong;
  }

  std::optional<sim::Region> make_region() {
    // As elsewhere, each process lays its worlds somewhere else.
    Result<sim::Region> region = sim::Region::create(story_bytes, static_cast<unsigned>(::getpid()));
    if (!region) {
      can_go_on_ = false;
      findings_.object("environment", "there is no memory for a world", ExitCode::environment);
      return std::nullopt;
    }
    return std::move(*region);
  }

  Nsid nsid() const { return scenario_.drives[0].namespaces[0].nsid; }

  const Scenario& scenario_;
  const RunOptions& options_;
  SqliteSettings settings_;
  std::vector<Transaction> transactions_;
  std::vector<std::uint64_t> expected_;
  SqliteFindings findings_;
  std::uint64_t operations_ = 0;  ///< writes and flushes of the run without a cut
  bool can_go_on_ = true;
};

}  // namespace

RunResult run_sqlite_scenario(const Scenario& scenario, const RunOptions& options) {
  return Story(scenario, options).run();
}

}  // namespace phasebit::scenarios
