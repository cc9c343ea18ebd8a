// Memory of the caller's own that every open function shall reach.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "src/base/error.hpp"

namespace phasebit::hw {

/// Who is told of registered memory: an open function. `uses_registered` says that it cannot do without it yet.
template <class O>
concept MemoryObserver = requires(O observer, std::span<std::byte> memory) {
  { observer.add_registered(memory) } -> std::same_as<Result<void>>;
  { observer.uses_registered(memory) } -> std::same_as<bool>;
  { observer.remove_registered(memory) } -> std::same_as<void>;
};

/// The ranges and their observers: each observer has added all of the ranges or is no observer. A range is exact to the byte, and ranges
/// may share a page. Each must stay mapped in the process until it is unregistered.
///
/// DPDK is not told (rte_extmem_register): it would give whole pages an entry among its 128 lists of segments, show them to its own
/// container, in which no function of ours is, and answer for their IOVA, which differs from function to function here.
template <MemoryObserver Observer>
class RegisteredMemory {
 public:
  /// A range that is registered already is counted. Errors: invalid_argument for nothing, and for what overlaps another range without being
  /// equal to it; what an observer says, in which case none has it.
  Result<void> register_memory(std::span<std::byte> memory) {
    if (memory.empty() || end_of(memory) < begin_of(memory)) {
      return fail(Errc::invalid_argument);
    }
    if (auto known = find(memory); known != ranges_.end()) {
      ++known->second.count;
      return {};
    }
    if (overlaps(memory)) {
      return fail(Errc::invalid_argument);
    }
    for (auto next = observers_.begin(); next != observers_.end(); ++next) {
      if (auto added = (*next)->add_registered(memory); !added) {
        std::for_each(observers_.begin(), next, [&](Observer* told) { told->remove_registered(memory); });
        return added;
      }
    }
    ranges_.emplace(memory.data(), Range{memory.size()});
    return {};
  }

  /// Takes one count back; with the last no function reaches the range. Errors: not_found for a range that is not registered; busy if an
  /// observer uses it, in which case all keep it.
  Result<void> unregister_memory(std::span<std::byte> memory) {
    auto known = find(memory);
    if (known == ranges_.end()) {
      return fail(Errc::not_found);
    }
    if (known->second.count > 1) {
      --known->second.count;
      return {};
    }
    if (std::any_of(observers_.begin(), observers_.end(), [&](Observer* observer) { return observer->uses_registered(memory); })) {
      return fail(Errc::busy);
    }
    for (auto* observer : observers_) {
      observer->remove_registered(memory);
    }
    ranges_.erase(known);
    return {};
  }

  /// Tells a new observer of all ranges. Errors: what it says to one of them, in which case it is left without any.
  Result<void> attach(Observer& observer) {
    for (auto next = ranges_.begin(); next != ranges_.end(); ++next) {
      if (auto added = observer.add_registered(span_of(next)); !added) {
        while (next != ranges_.begin()) {
          observer.remove_registered(span_of(--next));
        }
        return added;
      }
    }
    observers_.push_back(&observer);
    return {};
  }

  /// For an observer that ends, and with it all that it mapped: it is told nothing any more.
  void detach(Observer& observer) { std::erase(observers_, &observer); }

  std::size_t ranges() const { return ranges_.size(); }

 private:
  struct Range {
    std::size_t bytes = 0;
    std::uint64_t count = 1;  ///< never 0
  };
  using Ranges = std::map<std::byte*, Range>;

  // As numbers, which may wrap round: a pointer beyond the last address is undefined.
  static std::uintptr_t begin_of(std::span<std::byte> memory) { return reinterpret_cast<std::uintptr_t>(memory.data()); }
  static std::uintptr_t end_of(std::span<std::byte> memory) { return begin_of(memory) + memory.size(); }
  static std::span<std::byte> span_of(typename Ranges::iterator range) { return {range->first, range->second.bytes}; }

  typename Ranges::iterator find(std::span<std::byte> memory) {
    auto known = ranges_.find(memory.data());
    return known != ranges_.end() && known->second.bytes == memory.size() ? known : ranges_.end();
  }

  bool overlaps(std::span<std::byte> memory) {
    auto next = ranges_.lower_bound(memory.data());
    return (next != ranges_.end() && begin_of(span_of(next)) < end_of(memory)) ||
           (next != ranges_.begin() && end_of(span_of(std::prev(next))) > begin_of(memory));
  }

  Ranges ranges_;  ///< disjoint
  std::vector<Observer*> observers_;
};

}  // namespace phasebit::hw
