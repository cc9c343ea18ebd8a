#include "scenarios/engine/host.hpp"

#include <algorithm>

#include "scenarios/engine/block_workload.hpp"
#include "scenarios/engine/workers.hpp"
#include "src/base/random.hpp"

namespace phasebit::scenarios {

Host::Host(sim::World& world, const Scenario& scenario, std::uint64_t seed, std::pmr::memory_resource* memory)
    : world_(world), scenario_(scenario), seed_(seed) {
  for (std::uint8_t drive = 0; drive < world.drives(); ++drive) {
    seats_.push_back(std::make_unique<Seat>(world, drive, scenario.driver, memory));
  }
  for (std::uint32_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadOptions& options = scenario.workloads[i];
    own_workloads_.push_back(std::make_unique<BlockWorkload>(*seats_[options.drive], options, seed, i));
    workloads_.push_back(own_workloads_.back().get());
  }
}

void Host::attach_all() {
  const std::vector<PciFunction> functions = world_.bus().enumerate();
  for (const std::unique_ptr<Seat>& seat : seats_) {
    const bool there =
        std::any_of(functions.begin(), functions.end(), [&](const PciFunction& each) { return each.address == seat->address(); });
    if (there) {
      (void)seat->attach();
    }
  }
  at_rest_ = false;
}

/// The host takes its turn, then the world goes on for a drawn time; if nothing was done, up to where something can be.
void Host::turn(Instant deadline) {
  hear_of_the_bus();
  const Instant now = world_.now();
  bool busy = false;
  Instant wake = never;
  for (const std::unique_ptr<Seat>& seat : seats_) {
    wake = std::min(wake, seat->turn(now));
  }
  for (Workload* const workload : workloads_) {
    wake = std::min(wake, workload->pump(now));
    busy = busy || workload->was_busy();
  }
  let_go_of_ended();
  ++turns_;
  tell_world(seed_, now.ns);
  const Instant due = std::min(wake, world_.next_due());
  at_rest_ = !busy && due == never && !world_.bus().has_event();
  const Instant from = busy || at_rest_ ? world_.now() : std::max(world_.now(), due);
  world_.run_until(std::min(deadline, from + draw_interval()));
}

/// A drive that comes back is attached again; one that is asked for is given up in good order.
void Host::hear_of_the_bus() {
  while (const std::optional<BusEvent> event = world_.bus().next_event()) {
    const auto seat = std::find_if(seats_.begin(), seats_.end(), [&](const auto& each) { return each->address() == event->address; });
    if (seat == seats_.end()) {
      continue;
    }
    if (event->kind == BusEvent::Kind::added) {
      (void)(*seat)->attach();
    } else if (event->kind == BusEvent::Kind::removal_asked && (*seat)->driver() != nullptr) {
      (*seat)->driver()->shutdown(driver::Shutdown::orderly, world_.now());
    }
  }
}

void Host::let_go_of_ended() {
  for (const std::unique_ptr<Seat>& seat : seats_) {
    if (seat->has_ended() && is_idle(*seat)) {
      seat->let_go();
    }
  }
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

bool Host::is_settled() const {
  return std::all_of(seats_.begin(), seats_.end(), [](const auto& seat) { return seat->driver() == nullptr || seat->is_ready(); });
}

bool Host::is_detached() const {
  return std::all_of(seats_.begin(), seats_.end(), [](const auto& seat) { return seat->driver() == nullptr; });
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
  for (const std::unique_ptr<Seat>& seat : seats_) {
    if (seat->driver() != nullptr) {
      seat->driver()->shutdown(how, world_.now());
    }
  }
}

std::uint64_t Host::allocations() const {
  std::uint64_t sum = 0;
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
