#include "scenarios/engine/sqlite_story.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "scenarios/engine/expectations.hpp"
#include "scenarios/engine/host.hpp"
#include "scenarios/engine/load.hpp"
#include "scenarios/sqlite/transactions.hpp"
#include "src/base/random.hpp"

namespace phasebit::scenarios {
namespace {

constexpr Duration attach_budget = seconds(600);
constexpr std::uint64_t region_bytes = 512ull << 20;
constexpr std::size_t objections_kept = 8;
constexpr std::uint64_t first_tag_of_recovery = 1ull << 32;

/// One world with a host on it.
class Stage {
 public:
  Stage(const Scenario& scenario, std::uint64_t seed, sim::Region& region)
      : scenario_(scenario), seed_(seed), region_(region), world_(sim::make_world(options(scenario, seed), region)) {}

  sim::World& world() { return *world_; }
  Host& host() { return *host_; }

  /// A new host attaches; empty, or why there is no ready drive.
  std::string attach() {
    allocations_ = allocations();
    host_ = std::make_unique<Host>(*world_, scenario_, seed_, region_.resource());
    host_->attach_all();
    (void)host_->run_until([&] { return host_->is_settled(); }, world_->now() + attach_budget);
    return host_->seat(0).is_ready() ? "" : fmt::format("the drive is {}", name(host_->seat(0).state()));
  }
  /// Where the drivers of all its hosts promised to do without.
  std::uint64_t allocations() const { return allocations_ + (host_ ? host_->allocations() : 0); }
  /// The driver lets go in good order, or is gone.
  void detach() {
    host_->shut_down(driver::Shutdown::orderly);
    (void)host_->run_until([&] { return host_->is_detached(); }, world_->now() + attach_budget);
  }
  /// The driver hears that the drive has gone, ends everything and is let go of.
  void wait_for_loss() {
    (void)host_->run_until([&] { return host_->is_detached(); }, world_->now() + attach_budget);
  }

 private:
  static sim::WorldOptions options(const Scenario& scenario, std::uint64_t seed) {
    return {.seed = seed, .drives = scenario.drives, .faults = scenario.faults};
  }

  const Scenario& scenario_;
  std::uint64_t seed_;
  sim::Region& region_;
  sim::WorldPointer world_;
  std::unique_ptr<Host> host_;
  std::uint64_t allocations_ = 0;  ///< of hosts before the present one
};

class Story {
 public:
  Story(const Scenario& scenario, std::uint64_t seed)
      : scenario_(scenario),
        seed_(seed),
        transactions_(draw_transactions(seed, scenario.sqlite->transactions)),
        expected_(expected_digests(transactions_)) {
    settings_ = scenario.sqlite->settings;
    settings_.seed = seed;
  }

  SqliteReport run() {
    (void)run_once(std::nullopt);
    for (const CutMoment moment : {CutMoment::submitted, CutMoment::executed}) {
      for (std::uint64_t operation = 0; scenario_.sqlite->cut_power && report_.trouble.empty(); ++operation) {
        if (!run_once(PlannedCut{operation, moment})) {
          break;
        }
      }
    }
    return std::move(report_);
  }

 private:
  /// One world from the beginning; false if it never came to the planned cut.
  bool run_once(std::optional<PlannedCut> planned) {
    auto region = sim::Region::create(region_bytes);
    if (!region) {
      report_.trouble = "no region of address space is free";
      return false;
    }
    Stage stage(scenario_, seed_, *region);
    if (std::string trouble = stage.attach(); !trouble.empty()) {
      report_.trouble = std::move(trouble);
      return false;
    }
    const bool was_cut = run_transactions_on(stage, planned);
    report_.allocations += stage.allocations();
    return was_cut;
  }

  bool run_transactions_on(Stage& stage, std::optional<PlannedCut> planned) {
    auto device = std::make_unique<BlockingDevice>(stage.host(), stage.host().seat(0), nsid(), 1);
    stage.host().add(*device);
    std::optional<sim::RegionSnapshot> moment_of_cut;
    if (planned) {
      device->plan_cut(*planned, [&] {
        moment_of_cut = stage.world().snapshot();
        stage.world().power_cut(0, 0);
      });
    }
    const SqliteProgress progress = run_transactions(*device, settings_, transactions_);
    stage.host().remove(*device);
    if (!moment_of_cut) {
      judge_uncut(stage, progress);
      return false;
    }
    ++report_.cuts;
    const Instant cut_at = stage.world().now();
    stage.wait_for_loss();
    judge_outcome(stage, *planned, 0, cut_at, progress);
    for (std::uint64_t outcome = 1; outcome < outcomes_at_cut(stage, *moment_of_cut); ++outcome) {
      stage.world().restore(*moment_of_cut);
      abandon_driver(stage);
      stage.world().power_cut(0, outcome);
      judge_outcome(stage, *planned, outcome, cut_at, progress);
    }
    return true;
  }

  std::uint64_t outcomes_at_cut(Stage& stage, const sim::RegionSnapshot& moment) {
    stage.world().restore(moment);
    return stage.world().drive(0).media().count_outcomes();
  }

  /// The process that had the drive is no more: the bus takes it back.
  void abandon_driver(Stage& stage) {
    const PciAddress address = stage.world().drive(0).address();
    stage.world().bus().close(address);
    stage.world().bus().release(address);
  }

  void judge_uncut(Stage& stage, const SqliteProgress& progress) {
    report_.transactions = progress.committed;
    std::string verdict = progress.error.empty() ? "" : "the run failed: " + progress.error;
    stage.detach();
    if (verdict.empty()) {
      verdict = open_and_judge(stage, progress);
    }
    object(std::move(verdict), {}, false, 0, stage.world().now());
    add_stream(stage);
  }

  void judge_outcome(Stage& stage, PlannedCut cut, std::uint64_t outcome, Instant cut_at, const SqliteProgress& progress) {
    ++report_.outcomes;
    stage.world().power_on(0);
    object(open_and_judge(stage, progress), cut, true, outcome, cut_at);
    add_stream(stage);
  }

  std::string open_and_judge(Stage& stage, const SqliteProgress& progress) {
    if (std::string trouble = stage.attach(); !trouble.empty()) {
      return "no driver could attach again: " + trouble;
    }
    BlockingDevice device(stage.host(), stage.host().seat(0), nsid(), first_tag_of_recovery);
    stage.host().add(device);
    std::string verdict = judge_database(device, settings_, expected_, progress);
    stage.host().remove(device);
    stage.detach();
    return verdict;
  }

  void object(std::string sentence, PlannedCut cut, bool was_cut, std::uint64_t outcome, Instant at) {
    if (sentence.empty()) {
      return;
    }
    ++report_.objections_count;
    if (report_.objections.size() < objections_kept) {
      report_.objections.push_back({cut, was_cut, outcome, at, std::move(sentence)});
    }
  }

  void add_stream(Stage& stage) {
    report_.hash = keyed(report_.hash, stage.world().stream().hash());
    report_.events += stage.world().stream().count();
    report_.virtual_ns += stage.world().now().ns;
    sim::FaultPlan& plan = stage.world().faults();
    report_.faults_fired.resize(plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      report_.faults_fired[i] += plan.fired(i);
    }
  }

  Nsid nsid() const { return scenario_.drives[0].namespaces[0].nsid; }

  const Scenario& scenario_;
  std::uint64_t seed_;
  SqliteSettings settings_;
  std::vector<Transaction> transactions_;
  std::vector<std::uint64_t> expected_;
  SqliteReport report_;
};

std::string describe(const SqliteObjection& objection) {
  if (!objection.was_cut) {
    return objection.sentence;
  }
  return fmt::format("{}; power was cut at write or flush {} ({}), outcome {} of the cache", objection.sentence, objection.cut.operation,
                     objection.cut.moment == CutMoment::submitted ? "before the drive began" : "when the drive had done it",
                     objection.outcome);
}

void judge(const Scenario& scenario, const SqliteReport& report, RunResult& result) {
  const auto& expected = scenario.expect.objections;
  const bool wanted = std::find(expected.begin(), expected.end(), "durability") != expected.end();
  if (wanted && report.objections.empty()) {
    result.objections.push_back({"expect", "durability was expected to object, and did not", ExitCode::objected, 0, 0, ""});
  }
  for (const SqliteObjection& objection : report.objections) {
    if (!wanted) {
      result.objections.push_back({"oracle durability", describe(objection), ExitCode::objected, objection.at.ns, 0, ""});
    }
  }
  if (report.allocations > 0) {
    result.objections.push_back({"oracle allocations",
                                 fmt::format("the driver allocated {} times where it promised not to", report.allocations),
                                 ExitCode::objected, 0, 0, ""});
  }
  if (!report.trouble.empty()) {
    result.objections.push_back({"oracle liveness", report.trouble, ExitCode::liveness, 0, 0, ""});
  }
}

}  // namespace

RunResult run_sqlite_scenario(const Scenario& scenario) {
  const SqliteReport report = run_sqlite_story(scenario, scenario.seed);
  RunResult result;
  result.name = scenario.name;
  result.about = scenario.about;
  result.seed = scenario.seed;
  result.hash = report.hash;
  result.events = report.events;
  result.virtual_ns = report.virtual_ns;
  result.counts = {{"sqlite_transactions", report.transactions},
                   {"power_cuts", report.cuts},
                   {"databases_opened", report.outcomes},
                   {"objections", report.objections_count}};
  judge(scenario, report, result);
  judge_faults(scenario, report.faults_fired, {}, result);
  judge_counts(scenario, {}, result);
  if (result.failed()) {
    Scenario failure = scenario;
    failure.recorded = Recorded{result.hash, static_cast<std::uint64_t>(exit_code(result)), result.objections[0].sentence};
    result.failure_file = scenario_text(failure);
  }
  return result;
}

SqliteReport run_sqlite_story(const Scenario& scenario, std::uint64_t seed) {
  return Story(scenario, seed).run();
}

}  // namespace phasebit::scenarios
