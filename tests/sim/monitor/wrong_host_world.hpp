// A world with one drive, a monitor and a plain host.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "sim/monitor/monitor.hpp"
#include "sim/world/world.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"
#include "tests/support/any_backend.hpp"

namespace phasebit::tests {

/// Finds the event that a marked offence has to be judged at.
class OffenceWatch final : public sim::StreamReader {
 public:
  explicit OffenceWatch(At at) : at_(at) {}

  void mark(unsigned skipped) { to_skip_ = skipped; }
  void on_event(std::uint64_t number, const Event& event) override;
  /// Nothing if no offence was marked, or if it never came to such an event.
  std::optional<std::uint64_t> offence() const { return offence_; }

 private:
  At at_;
  std::optional<unsigned> to_skip_;
  std::optional<std::uint64_t> offence_;
};

class WrongHostWorld {
 public:
  using Plain = PlainHost<AnyBackend>;
  /// What the host is given in place of the drive's backend.
  using Seam = std::function<AnyBackend(sim::World&, sim::EmulatedBackend&)>;

  WrongHostWorld(const sim::DriveOptions& drive, std::vector<sim::Fault> faults, const Seam& seam = {}, At at = At::write);

 private:
  AnyBackend open(const Seam& seam);
  void pass_time();

  sim::Region region_;

 public:
  sim::Monitor monitor;
  OffenceWatch watch;
  sim::WorldPointer world;
  AnyBackend backend;
  Plain host;

  /// The next event of the wrong host's kind but `skipped` is its offence. A read pushes out the writes that are still on their way.
  void mark(unsigned skipped = 0) {
    (void)host.b.read32(spec::offset::vs);
    watch.mark(skipped);
  }
  /// Memory of the host's own, to be mapped.
  std::span<std::byte> user_memory(std::uint64_t bytes);
  /// Longer than let_time_pass() would care for.
  void wait(Duration duration) { world->run_until(world->now() + duration); }
  void remove_drive() { world->remove(0); }
};

}  // namespace phasebit::tests
