// A fault plan and what it is asked about.
#pragma once

#include <algorithm>
#include <memory_resource>
#include <span>
#include <vector>

#include "sim/faults/fault_plan.hpp"
#include "src/spec/command.hpp"

namespace phasebit::sim {

/// A plan on a stream of its own, and commands to ask it about.
struct Bench final : StreamReader {
  explicit Bench(std::vector<Fault> list) : stream(std::pmr::get_default_resource()), plan(list, stream, std::pmr::get_default_resource()) {
    stream.add_reader(plan);
    stream.add_reader(*this);
  }
  void on_event(std::uint64_t, const Event& event) override { events.push_back(event); }

  void push(std::uint16_t queue, std::uint16_t cid, std::uint64_t tag, std::uint16_t attempt = 1) {
    stream.append(make_event(EventKind::command_pushed, 0, queue, cid | static_cast<std::uint32_t>(attempt) << 16, tag));
  }
  void enter(std::uint16_t machine, std::uint16_t row, std::uint16_t visit) {
    stream.append(make_event(EventKind::driver_state, 0, machine, row | static_cast<std::uint32_t>(visit) << 16, 0));
  }
  FiredFaults execute(std::uint16_t queue, std::uint16_t cid, const spec::Sqe& sqe = {}) {
    return plan.on_command({0, Qid{queue}, Cid{cid}, std::as_bytes(std::span<const spec::Sqe, 1>(&sqe, 1))});
  }
  FiredFaults read(std::uint32_t offset, bool counted = true) { return plan.on_register_read({0, offset, 8, counted}); }
  std::size_t count(EventKind kind) const {
    return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const Event& event) { return event.kind == kind; }));
  }

  std::vector<Event> events;
  Stream stream;
  FaultPlan plan;
};

inline Fault failing(Trigger when) {
  Fault fault;
  fault.when = when;
  fault.what = Verb::status;
  fault.value = 0x0281;
  return fault;
}

}  // namespace phasebit::sim
