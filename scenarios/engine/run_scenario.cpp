#include "scenarios/engine/run_scenario.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "scenarios/engine/expectations.hpp"
#include "scenarios/engine/host.hpp"
#include "scenarios/engine/judges.hpp"
#include "scenarios/engine/load.hpp"
#include "scenarios/engine/row_tally.hpp"
#include "scenarios/engine/sqlite_story.hpp"
#include "scenarios/engine/timeline.hpp"
#include "scenarios/engine/workers.hpp"
#include "scenarios/engine/world_stage.hpp"
#include "sim/stream/stream_file.hpp"

namespace phasebit::scenarios {
namespace {

enum class Phase : std::uint32_t { faulty = 0, heal = 1, drain = 2, end = 3 };

constexpr std::uint64_t region_bytes = 1ull << 30;

sim::WorldOptions world_options(const Scenario& scenario) {
  sim::WorldOptions options;
  options.seed = scenario.seed;
  options.drives = scenario.drives;
  options.faults = scenario.faults;
  return options;
}

class Run {
 public:
  Run(const Scenario& scenario, const RunOptions& options, Stage& stage, std::pmr::memory_resource* memory)
      : scenario_(scenario), stage_(stage) {
    stage_.stream().add_reader(judges_);
    stage_.stream().add_reader(timeline_);
    stage_.stream().add_reader(rows_);
    if (!options.trace_path.empty()) {
      stage_.stream().add_reader(recorder_.emplace(options.trace_path, scenario.seed));
    }
    host_.emplace(stage_, scenario, scenario.seed, memory);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  /// The stage may outlive it.
  ~Run() {
    host_.reset();
    stage_.stream().remove_reader(rows_);
    stage_.stream().remove_reader(timeline_);
    stage_.stream().remove_reader(judges_);
  }

  RunResult run() {
    result_.name = scenario_.name;
    result_.about = scenario_.about;
    result_.seed = scenario_.seed;
    result_.cycle_ns = stage_.cycle().ns;
    run_faulty();
    if (goes_on()) {
      run_drain();
    }
    shut_down();
    if (goes_on()) {
      judge();
    } else {
      object("environment", std::string(stage_.ends_because()), ExitCode::environment);
    }
    collect();
    return std::move(result_);
  }

 private:
  Host& host() { return *host_; }

  bool goes_on() { return stage_.ends_because().empty(); }
  /// As Host::run_until, and done as well if the story ends before its time.
  template <class Done>
  bool run_until(Done done, Instant deadline) {
    return host().run_until([&] { return !goes_on() || done(); }, deadline);
  }

  void enter(Phase phase) { stage_.stream().append(sim::make_event(EventKind::phase_entered, 0, 0, static_cast<std::uint32_t>(phase))); }

  void object(std::string judge, std::string sentence, ExitCode code) {
    result_.objections.push_back({std::move(judge), std::move(sentence), code, stage_.now().ns, stage_.stream().count(), ""});
  }

  void run_faulty() {
    enter(Phase::faulty);
    host().attach_all();
    run_until([&] { return host().workloads_done() && host().is_settled(); }, stage_.now() + scenario_.phases.faulty);
    facts_.work = host().work();
    facts_.state_before_heal = host().seat(0).state();
    host().stop();
  }

  /// After heal everything makes progress: what is outstanding ends, lost drives that are there again are attached again, and what was
  /// written is read back. All of it within one budget.
  void run_drain() {
    enter(Phase::heal);
    stage_.heal();
    const Instant deadline = stage_.now() + scenario_.phases.drain;
    const auto quiet = [&] { return host().outstanding() == 0 && host().is_settled(); };
    bool in_time = run_until(quiet, deadline);
    if (!goes_on()) {
      return;  // who asks for the drive shall not see it attached again
    }
    host().attach_all();
    in_time = run_until(quiet, deadline) && in_time;
    enter(Phase::drain);
    host().read_back();
    in_time = run_until([&] { return host().workloads_done() && host().is_settled(); }, deadline) && in_time;
    facts_.state = host().seat(0).state();
    enter(Phase::end);
    for (std::size_t i = 0; i < host().seats() && !in_time; ++i) {
      if (!host().seat(i).is_settled()) {
        object("oracle liveness", fmt::format("the driver of drive {} is {} after the faults were lifted", i, name(host().seat(i).state())),
               ExitCode::liveness);
      }
    }
  }

  void shut_down() {
    const bool abrupt = scenario_.phases.shutdown_abrupt && goes_on();
    host().shut_down(abrupt ? driver::Shutdown::abrupt : driver::Shutdown::orderly);
    const bool in_time = host().run_until([&] { return host().is_detached(); }, stage_.now() + scenario_.phases.drain);
    if (!in_time) {
      object("oracle liveness", "a driver did not end its shutdown", ExitCode::liveness);
    }
    ended_ = in_time;
  }

  void judge() {
    if (ended_) {
      judges_.finish();
    }
    const RunEnd end{stage_.now().ns, stage_.stream().count()};
    judges_.report(scenario_.expect, end, result_);
    judge_expectations(end);
  }

  void judge_expectations(const RunEnd& end) {
    std::vector<std::uint64_t> fired;
    for (std::size_t i = 0; i < stage_.faults().size(); ++i) {
      fired.push_back(stage_.faults().fired(i));
    }
    judge_faults(scenario_, fired, end, result_);
    for (const auto& [name, value] : host().counts()) {
      result_.counts.push_back({name, value});
    }
    result_.rows = rows_.counts();
    facts_.slowest_operation = host().slowest_operation();
    judge_facts(scenario_, facts_, end, result_);
    judge_attachments(scenario_, end, result_);
    judge_counts(scenario_, end, result_);
    for (std::size_t drive = 0; drive < host().seats(); ++drive) {
      explain_refusal(drive, host().seat(drive).refusal(), result_);
    }
    judge_rows(scenario_, end, result_);
    if (host().allocations() > 0) {
      object("oracle allocations", fmt::format("the driver allocated {} times where it promised not to", host().allocations()),
             ExitCode::objected);
    }
  }

  void collect() {
    result_.hash = stage_.stream().hash();
    result_.events = stage_.stream().count();
    result_.virtual_ns = stage_.now().ns;
    result_.counts.push_back({"host_turns", host().turns()});
    if (recorder_) {
      stage_.stream().remove_reader(*recorder_);
      if (const std::string wrong = recorder_->finish(); !wrong.empty()) {
        object("environment", wrong, ExitCode::environment);
      }
    }
    if (result_.failed()) {
      result_.timeline = timeline_.entries(stage_.now());
      result_.failure_file = failure_text();
    }
  }

  std::string failure_text() const {
    Scenario failure = scenario_;
    failure.recorded = Recorded{result_.hash, static_cast<std::uint64_t>(exit_code(result_)),
                                fmt::format("{}: {}", result_.objections[0].judge, result_.objections[0].sentence)};
    return scenario_text(failure);
  }

  const Scenario& scenario_;
  RunResult result_;
  Judges judges_;
  Timeline timeline_;
  RowTally rows_;
  std::optional<sim::StreamRecorder> recorder_;
  Stage& stage_;
  std::optional<Host> host_;
  RunFacts facts_;
  bool ended_ = false;
};

}  // namespace

RunResult run_scenario_on(Stage& stage, const Scenario& scenario, const RunOptions& options, std::pmr::memory_resource* memory) {
  return Run(scenario, options, stage, memory).run();
}

RunResult run_scenario(const Scenario& scenario, const RunOptions& options) {
  tell_world(scenario.seed, 0);  // first of all: whoever finds the worker dead wants to know the seed
  if (scenario.sqlite) {
    return run_sqlite_scenario(scenario, options);
  }
  // Each process lays its worlds somewhere else: an address that shows in the stream would show in the hash.
  Result<sim::Region> region = sim::Region::create(region_bytes, static_cast<unsigned>(::getpid()));
  if (!region) {
    RunResult result;
    result.name = scenario.name;
    result.about = scenario.about;
    result.seed = scenario.seed;
    result.objections.push_back({"environment", "there is no memory for a world", ExitCode::environment, 0, 0, ""});
    return result;
  }
  const sim::WorldPointer world = sim::make_world(world_options(scenario), *region);
  world->step_idle_cycles(options.idle_cycles_stepped);
  WorldStage stage(*world);
  return run_scenario_on(stage, scenario, options, region->resource());
}

}  // namespace phasebit::scenarios
