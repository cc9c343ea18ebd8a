// The simulated host: its drives, its workloads, and the turns that it takes while the world goes on.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/seat.hpp"
#include "scenarios/engine/workload.hpp"
#include "sim/world/world.hpp"

namespace phasebit::scenarios {

class Host {
 public:
  Host(sim::World& world, const Scenario& scenario, std::uint64_t seed, std::pmr::memory_resource* memory);

  /// Attaches to every drive that is there and not attached.
  void attach_all();
  /// Lets host and world go on until `done` or until `deadline`; true if done.
  template <class Done>
  bool run_until(Done done, Instant deadline) {
    while (!done()) {
      if (world_.now() >= deadline || at_rest_) {
        return false;
      }
      turn(deadline);
    }
    return true;
  }

  /// A workload of somebody else's is pumped with the others until it is removed.
  void add(Workload& workload) { workloads_.push_back(&workload); }
  void remove(Workload& workload) { std::erase(workloads_, &workload); }

  bool workloads_done() const;
  std::uint64_t outstanding() const;
  /// No driver is on its way anywhere: each is ready, or has ended and been let go of.
  bool is_settled() const;
  /// What is attached has ended and been let go of.
  bool is_detached() const;

  void stop();
  void read_back();
  void shut_down(driver::Shutdown how);

  Seat& seat(std::size_t drive) { return *seats_[drive]; }
  std::size_t seats() const { return seats_.size(); }
  sim::World& world() { return world_; }
  std::uint64_t turns() const { return turns_; }
  std::uint64_t allocations() const;
  /// Statistics of the drivers, outcomes of the workloads.
  std::map<std::string, std::uint64_t> counts() const;

 private:
  void turn(Instant deadline);
  void hear_of_the_bus();
  void let_go_of_ended();
  bool is_idle(const Seat& seat) const;
  Duration draw_interval() const;

  sim::World& world_;
  const Scenario& scenario_;
  std::uint64_t seed_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<std::unique_ptr<Workload>> own_workloads_;
  std::vector<Workload*> workloads_;  ///< in the order in which they are pumped
  std::uint64_t turns_ = 0;
  bool at_rest_ = false;  ///< nothing will ever happen by itself
};

}  // namespace phasebit::scenarios
