#include "scenarios/engine/host.hpp"

#include <algorithm>

#include "scenarios/engine/block_workload.hpp"
#include "scenarios/engine/workers.hpp"
#include "src/base/random.hpp"

namespace phasebit::scenarios {

Host::Host(Stage& stage, const Scenario& scenario, std::uint64_t seed, std::pmr::memory_resource* memory)
    : stage_(stage),
      scenario_(scenario),
      seed_(seed),
      memory_(memory),
      bus_(stage, seed, memory_),
      probe_(bus_, scenario.driver, {}, *this, &memory_) {
  for (std::uint8_t drive = 0; drive < stage.drives(); ++drive) {
    seats_.push_back(std::make_unique<Seat>(stage, drive, scenario.driver, bus_.backend(drive)));
  }
  for (std::uint32_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadOptions& options = scenario.workloads[i];
    own_workloads_.push_back(std::make_unique<BlockWorkload>(*seats_[options.drive], options, seed, i));
    workloads_.push_back(own_workloads_.back().get());
  }
}

void Host::attach_all() {
  bus_.catch_up();
  probe_.probe(stage_.now());
  at_rest_ = false;
}

/// The host takes its turn, then the stage goes on for a drawn time; if nothing was done, up to where something can be. A host that waits
/// for interrupts polls its drivers last, as a sleeper has to, and then hears of nothing but interrupts and the bus.
void Host::turn(Instant deadline) {
  const Instant now = stage_.now();
  const bool polls_last = scenario_.driver.interrupts;
  Instant wake = polls_last ? never : poll_drivers(now);
  bool busy = false;
  for (Workload* const workload : workloads_) {
    wake = std::min(wake, workload->pump(now));
    busy = busy || workload->was_busy();
  }
  wake = polls_last ? std::min(wake, poll_drivers(now)) : wake;
  busy = busy || can_let_go();
  ++turns_;
  tell_world(seed_, now.ns);
  const Instant due = std::min({wake, stage_.next_due(), bus_.next_due()});
  at_rest_ = !busy && due == never;
  if (!busy && !at_rest_ && may_sleep()) {
    stage_.sleep_until(std::min({deadline, wake, bus_.next_due()}));
    stage_.run_until(std::min(deadline, stage_.now() + draw_interval()));
    return;
  }
  const Instant from = busy || at_rest_ ? stage_.now() : std::max(stage_.now(), due);
  stage_.run_until(std::min(deadline, from + draw_interval()));
}

Instant Host::poll_drivers(Instant now) {
  const AllocationGuard guard;
  const Instant wake = probe_.poll(now);
  allocations_ += guard.count();
  const AllocationPause pause;
  for (const std::unique_ptr<Seat>& seat : seats_) {
    seat->turn(now);
  }
  return wake;
}

/// The probe takes a note of it, wanted or not, before it asks the bus again.
bool Host::found(const PciFunction& /*function*/, driver::Options& /*options*/) {
  memory_.allow();
  return !shuts_down_;
}

void Host::begun(const PciFunction& function, driver::AnyDriver& driver) {
  const AllocationPause pause;
  memory_.forbid();
  seat_at(function.address).take(driver);
}

/// A stranger at the drive's address is left as it is, before any workload has had a turn with it.
void Host::attached(const PciFunction& /*function*/, driver::AnyDriver& driver) {
  const AllocationPause pause;
  if (!stage_.is_meant(driver)) {
    shuts_down_ = true;
    driver.shutdown(driver::Shutdown::orderly, stage_.now());
  }
}

/// Without a driver it was refused at once; what becomes of a driver is told by its events.
void Host::failed(const PciFunction& function, const driver::AttachFailure& failure) {
  const AllocationPause pause;
  if (Seat& seat = seat_at(function.address); seat.driver() == nullptr) {
    seat.count_refusal(failure.why);
  }
}

/// A drive that is asked for is given up in good order.
void Host::removal_asked(const PciFunction& /*function*/, driver::AnyDriver& driver) {
  driver.shutdown(driver::Shutdown::orderly, stage_.now());
}

bool Host::ended(const PciFunction& function, driver::AnyDriver& /*driver*/) {
  const AllocationPause pause;
  Seat& seat = seat_at(function.address);
  const bool idle = is_idle(seat);
  if (idle) {
    seat.let_go();
  }
  return idle;
}

Seat& Host::seat_at(PciAddress address) {
  return **std::find_if(seats_.begin(), seats_.end(), [&](const auto& seat) { return seat->address() == address; });
}

/// Whatever is attached interrupts.
bool Host::may_sleep() const {
  return scenario_.driver.interrupts && std::all_of(seats_.begin(), seats_.end(), [](const auto& seat) {
           return seat->driver() == nullptr || seat->driver()->controller().interrupt_vectors != 0;
         });
}

bool Host::can_let_go() const {
  return std::any_of(seats_.begin(), seats_.end(), [&](const auto& seat) { return seat->has_ended() && is_idle(*seat); });
}

bool Host::is_idle(const Seat& seat) const {
  return std::all_of(workloads_.begin(), workloads_.end(),
                     [&](const auto& workload) { return &workload->seat() != &seat || workload->outstanding() == 0; });
}

Duration Host::draw_interval() const {
  const HostOptions& host = scenario_.host;
  Random random(keyed(seed_, 0x686f7374ull, turns_));
  return Duration{random.between(host.interval_min.ns, host.interval_max.ns)};
}

bool Host::workloads_done() const {
  return std::all_of(workloads_.begin(), workloads_.end(), [](const auto& workload) { return workload->is_done(); });
}

std::uint64_t Host::outstanding() const {
  std::uint64_t sum = 0;
  for (Workload* const workload : workloads_) {
    sum += workload->outstanding();
  }
  return sum;
}

Work Host::work() const {
  bool all = true;
  std::uint64_t ended = 0;
  for (const Workload* const workload : workloads_) {
    const Progress progress = workload->progress();
    all = all && progress.is_complete;
    ended += progress.ended;
  }
  return all ? Work::all : ended > 0 ? Work::some : Work::none;
}

Duration Host::slowest_operation() const {
  Duration slowest{};
  for (const Workload* const workload : workloads_) {
    slowest = std::max(slowest, workload->progress().slowest);
  }
  return slowest;
}

bool Host::is_settled() const {
  return probe_.is_settled() && std::all_of(seats_.begin(), seats_.end(), [](const auto& seat) { return seat->is_settled(); });
}

bool Host::is_detached() const {
  return probe_.is_idle();
}

void Host::stop() {
  for (Workload* const workload : workloads_) {
    workload->stop();
  }
}

void Host::read_back() {
  for (Workload* const workload : workloads_) {
    workload->read_back();
  }
}

void Host::shut_down(driver::Shutdown how) {
  shuts_down_ = true;
  probe_.detach_all(stage_.now(), how);
}

std::uint64_t Host::allocations() const {
  std::uint64_t sum = allocations_;
  for (const std::unique_ptr<Seat>& seat : seats_) {
    sum += seat->allocations();
  }
  return sum;
}

std::map<std::string, std::uint64_t> Host::counts() const {
  std::map<std::string, std::uint64_t> sum;
  for (const std::unique_ptr<Seat>& seat : seats_) {
    for (const auto& [name, value] : seat->counts()) {
      sum[name] += value;
    }
  }
  for (Workload* const workload : workloads_) {
    for (const auto& [name, value] : workload->outcomes()) {
      sum[name] += value;
    }
  }
  return sum;
}

}  // namespace phasebit::scenarios
