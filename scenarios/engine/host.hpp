// The simulated host: its drives, its workloads, and the turns that it takes while the stage goes on.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

#include "scenarios/engine/guarded_memory.hpp"
#include "scenarios/engine/host_bus.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/seat.hpp"
#include "scenarios/engine/workload.hpp"
#include "src/driver/probe.hpp"

namespace phasebit::scenarios {

class Host final : private driver::ProbeListener {
 public:
  Host(Stage& stage, const Scenario& scenario, std::uint64_t seed, std::pmr::memory_resource* memory);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host() { probe_.abandon(); }

  /// Begins to attach every drive that is there and not attached.
  void attach_all();
  /// Lets host and stage go on until `done` or until `deadline`; true if done.
  template <class Done>
  bool run_until(Done done, Instant deadline) {
    while (!done()) {
      if (stage_.now() >= deadline || at_rest_) {
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
  /// Of all workloads together: all if there is none.
  Work work() const;
  Duration slowest_operation() const;
  /// No driver is on its way anywhere: each is ready, or has ended and been let go of.
  bool is_settled() const;
  /// What is attached has ended and been let go of.
  bool is_detached() const;

  void stop();
  void read_back();
  /// Of what is attached; nothing is from now on.
  void shut_down(driver::Shutdown how);

  Seat& seat(std::size_t drive) { return *seats_[drive]; }
  std::size_t seats() const { return seats_.size(); }
  Stage& stage() { return stage_; }
  std::uint64_t turns() const { return turns_; }
  std::uint64_t allocations() const;
  /// Statistics of the drivers, outcomes of the workloads.
  std::map<std::string, std::uint64_t> counts() const;

 private:
  // Of the probe.
  bool found(const PciFunction& function, driver::Options& options) override;
  void begun(const PciFunction& function, driver::AnyDriver& driver) override;
  void attached(const PciFunction& function, driver::AnyDriver& driver) override;
  void failed(const PciFunction& function, const driver::AttachFailure& failure) override;
  void removal_asked(const PciFunction& function, driver::AnyDriver& driver) override;
  bool ended(const PciFunction& function, driver::AnyDriver& driver) override;

  void turn(Instant deadline);
  Instant poll_drivers(Instant now);
  Seat& seat_at(PciAddress address);
  bool is_idle(const Seat& seat) const;
  bool may_sleep() const;
  bool can_let_go() const;
  Duration draw_interval() const;

  Stage& stage_;
  const Scenario& scenario_;
  std::uint64_t seed_;
  GuardedMemory memory_;
  HostBus bus_;
  driver::Probe<HostBus> probe_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<std::unique_ptr<Workload>> own_workloads_;
  std::vector<Workload*> workloads_;  ///< in the order in which they are pumped
  std::uint64_t turns_ = 0;
  std::uint64_t allocations_ = 0;  ///< while drivers were polled
  bool shuts_down_ = false;        ///< nothing is attached any more
  bool at_rest_ = false;           ///< nothing will ever happen by itself
};

}  // namespace phasebit::scenarios
