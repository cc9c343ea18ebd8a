// Worker processes: each item of a list is worked on in a child, so that a crash or an assertion in one is a result like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace phasebit::scenarios {

/// How an item ended that did not come back.
struct Crash {
  std::string text;                   ///< the broken promise, the signal, or the exit status
  std::optional<std::uint64_t> seed;  ///< as the worker said last of this item; nothing if it had not come so far
  std::uint64_t time_ns = 0;          ///< virtual time, as the worker said last
};

/// What to do with items 0 to `items` - 1, in any order, in up to `jobs` children at once.
struct WorkPlan {
  std::size_t items = 0;
  unsigned jobs = 1;
  std::uint64_t item_seconds_max = 300;  ///< of real time; a child that takes longer over one item is ended
  /// What a child has in hand may be more than its own: one that is to end is told by SIGTERM, which `interrupt_seen` gives it, and has so
  /// long. 0: it is killed.
  std::uint64_t grace_seconds = 0;
  /// In the child: works on one item; its result is handed to the parent as bytes.
  std::function<std::string(std::size_t item)> work;
  /// In the parent, once per item, in the order in which items end.
  std::function<void(std::size_t item, std::string result)> on_result;
  std::function<void(std::size_t item, const Crash& crash)> on_crash;
  /// In the parent, a few times a second.
  std::function<void()> on_tick;
};

/// Works through the plan. Returns 0, or the number of the signal that interrupted it: then every child has been ended and waited for.
/// A child that dies is replaced, and the others go on. Children die with their parent, or are told to.
int run_workers(const WorkPlan& plan);

/// In a child: which world is being run and how far it is, for the parent to tell if the child dies. Elsewhere without effect.
void tell_world(std::uint64_t seed, std::uint64_t time_ns);

}  // namespace phasebit::scenarios
