#include "scenarios/engine/sqlite_stage.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "scenarios/engine/blocking_device.hpp"
#include "src/spec/command.hpp"

namespace phasebit::scenarios {
namespace {

/// What two hosts take, the one that lost its drive and the next: queues, lists for each slot of a channel, buffers. A snapshot looks at
/// every page, so that less is faster.
std::uint64_t host_memory_bytes(const Scenario& scenario) {
  constexpr std::uint64_t for_buffers = 2 << 20;
  const driver::Options& options = scenario.driver;
  const std::uint64_t page = std::max<std::uint64_t>(options.page_bytes, 4096ull << scenario.drives[0].page_exponent_min);
  const std::uint64_t entries = options.admin_queue_entries + options.io_queue_entries;
  const std::uint64_t lists = BlockingDevice::commands_max * (options.transfer_bytes_max / 512 + page);
  return for_buffers + 2 * (entries * (sizeof(spec::Sqe) + sizeof(spec::Cqe)) + lists + 64 * page);
}

sim::WorldOptions stage_options(const Scenario& scenario) {
  sim::WorldOptions options;
  options.seed = scenario.seed;
  options.drives = scenario.drives;
  options.faults = scenario.faults;
  options.host_memory_bytes = host_memory_bytes(scenario) * scenario.drives.size();
  return options;
}

}  // namespace

SqliteStage::SqliteStage(const Scenario& scenario, const RunOptions& options, const std::string& trace_path, sim::Region& region)
    : scenario_(scenario), region_(region), world_(sim::make_world(stage_options(scenario), region)), stage_(*world_) {
  world_->step_idle_cycles(options.idle_cycles_stepped);
  world_->stream().add_reader(judges_);
  world_->stream().add_reader(timeline_);
  world_->stream().add_reader(rows_);
  if (!trace_path.empty()) {
    world_->stream().add_reader(recorder_.emplace(trace_path, scenario.seed));
  }
  enter(Phase::faulty);
}

void SqliteStage::enter(Phase phase) {
  world_->stream().append(sim::make_event(EventKind::phase_entered, 0, 0, static_cast<std::uint32_t>(phase)));
}

void SqliteStage::dismiss_host() {
  allocations_ = allocations();
  host_.reset();
}

bool SqliteStage::attach(Duration budget) {
  dismiss_host();
  host_ = std::make_unique<Host>(stage_, scenario_, scenario_.seed, region_.resource());
  host_->attach_all();
  (void)host_->run_until([&] { return host_->is_settled(); }, world_->now() + budget);
  return host_->seat(0).is_ready();
}

void SqliteStage::heal() {
  enter(Phase::heal);
  stage_.heal();
}

void SqliteStage::drain() {
  const Instant deadline = world_->now() + scenario_.phases.drain;
  const auto quiet = [&] { return host_->outstanding() == 0 && host_->is_settled(); };
  (void)host_->run_until(quiet, deadline);
  host_->attach_all();
  (void)host_->run_until(quiet, deadline);
  enter(Phase::drain);
}

void SqliteStage::shut_down() {
  host_->shut_down(scenario_.phases.shutdown_abrupt ? driver::Shutdown::abrupt : driver::Shutdown::orderly);
  if (!host_->run_until([&] { return host_->is_detached(); }, world_->now() + scenario_.phases.drain)) {
    object("liveness", "a driver did not end its shutdown", ExitCode::liveness);
  }
}

/// Only the first drive has lost power.
void SqliteStage::wait_for_loss() {
  const auto lost = [&] { return host_->seat(0).driver() == nullptr; };
  if (!host_->run_until(lost, world_->now() + scenario_.phases.drain)) {
    object("liveness", "a driver did not end when its drive had lost power", ExitCode::liveness);
  } else if (!host_->is_detached()) {
    shut_down();
  }
}

/// A host that did not let go has been objected to; what it holds is no more news.
void SqliteStage::end() {
  enter(Phase::end);
  if (host_->is_detached()) {
    judges_.finish();
  }
}

void SqliteStage::remember() {
  judges_.forget_what_was_said();
  own_statements_.clear();
  judges_at_cut_ = judges_;
  judges_at_cut_.forget_host();
  timeline_at_cut_ = timeline_;
  outcomes_at_cut_ = world_->drive(0).media().count_outcomes();
  moment_of_cut_ = world_->snapshot();
}

void SqliteStage::cut_again(std::uint64_t outcome) {
  dismiss_host();
  world_->restore(*moment_of_cut_);
  judges_ = judges_at_cut_;
  timeline_ = timeline_at_cut_;
  own_statements_.clear();
  world_->power_cut(0, outcome);
  for (std::uint8_t drive = 0; drive < world_->drives(); ++drive) {
    world_->bus().close(world_->drive(drive).address());
    world_->bus().release(world_->drive(drive).address());
  }
}

void SqliteStage::object(std::string judge, std::string sentence, ExitCode code) {
  Objection objection{"oracle " + judge, std::move(sentence), code, world_->now().ns, world_->stream().count(), ""};
  own_statements_.push_back({std::move(judge), std::move(objection), true});
}

std::vector<Statement> SqliteStage::statements() const {
  std::vector<Statement> all = own_statements_;
  std::vector<Statement> of_judges = judges_.statements();
  all.insert(all.end(), std::make_move_iterator(of_judges.begin()), std::make_move_iterator(of_judges.end()));
  return all;
}

std::string SqliteStage::finish_trace() {
  if (!recorder_) {
    return "";
  }
  world_->stream().remove_reader(*recorder_);
  return recorder_->finish();
}

}  // namespace phasebit::scenarios
