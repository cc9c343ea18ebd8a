#include "hw/memory_map.hpp"

#include <algorithm>

namespace phasebit::hw {
namespace {

constexpr std::size_t capacity_at_first = 16;

// What a reader loads by acquire, the writer has stored by release, after it had moved the turn on: a reader that sees a range of the next
// turn also sees that its own turn is over.
constexpr auto by_acquire = std::memory_order_acquire;
constexpr auto by_release = std::memory_order_release;

}  // namespace

MemoryMap::MemoryMap() {
  for (auto& place : copies_) {
    owned_.push_back(std::make_unique<Copy>(capacity_at_first));
    place = owned_.back().get();
  }
}

void MemoryMap::assign(Range& to, const Range& from) {
  to.address.store(from.address.load(), by_release);
  to.bytes.store(from.bytes.load(), by_release);
  to.iova.store(from.iova.load(), by_release);
}

/// The index of the first range that begins behind `address`.
std::size_t MemoryMap::first_behind(const Copy& copy, std::uint64_t address) {
  std::size_t first = 0;
  std::size_t last = copy.count.load(by_acquire);
  while (first < last) {
    const auto middle = first + (last - first) / 2;
    if (copy.ranges[middle].address.load(by_acquire) <= address) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

std::optional<Translation> MemoryMap::look(const Copy& copy, std::uint64_t address, std::uint64_t bytes) {
  const auto count = copy.count.load(by_acquire);
  auto index = first_behind(copy, address);
  if (index == 0 || bytes == 0) {
    return std::nullopt;
  }
  const auto& holder = copy.ranges[index - 1];
  const auto offset = address - holder.address.load(by_acquire);
  const auto holder_bytes = holder.bytes.load(by_acquire);
  if (offset >= holder_bytes) {
    return std::nullopt;
  }
  Translation found{Iova{holder.iova.load(by_acquire) + offset}, holder_bytes - offset};
  for (; found.bytes < bytes && index < count; ++index) {
    const auto& next = copy.ranges[index];
    if (next.address.load(by_acquire) != address + found.bytes || next.iova.load(by_acquire) != (found.iova + found.bytes).value) {
      break;
    }
    found.bytes += next.bytes.load(by_acquire);
  }
  found.bytes = std::min(found.bytes, bytes);
  return found;
}

std::optional<Translation> MemoryMap::translate(std::uint64_t address, std::uint64_t bytes) const {
  for (;;) {
    const auto turn = turn_.load(by_acquire);
    const auto found = look(*copies_[turn % 2].load(by_acquire), address, bytes);
    if (turn_.load(std::memory_order_relaxed) == turn) {
      return found;
    }
  }
}

template <class Change>
void MemoryMap::write(Change change) {
  for (int i = 0; i < 2; ++i) {
    const auto turn = turn_.load() + 1;
    turn_.store(turn);
    change(copies_[(turn + 1) % 2]);
  }
}

MemoryMap::Copy& MemoryMap::with_room(std::atomic<Copy*>& place) {
  const Copy& full = *place.load();
  const auto count = full.count.load();
  if (count == full.capacity) {
    auto larger = std::make_unique<Copy>(2 * count);
    for (std::size_t index = 0; index < count; ++index) {
      assign(larger->ranges[index], full.ranges[index]);
    }
    larger->count = count;
    place.store(larger.get());
    owned_.push_back(std::move(larger));
  }
  return *place.load();
}

Result<void> MemoryMap::set(std::uint64_t address, std::uint64_t bytes, Iova iova) {
  if (bytes == 0 || address + (bytes - 1) < address) {
    return fail(Errc::invalid_argument);
  }
  const Copy& now = *copies_[0].load();
  const auto index = first_behind(now, address);
  const bool reaches_next = index < now.count && now.ranges[index].address - address < bytes;
  const bool within_previous = index > 0 && address - now.ranges[index - 1].address < now.ranges[index - 1].bytes;
  if (reaches_next || within_previous) {
    return fail(Errc::invalid_argument);
  }
  write([&](std::atomic<Copy*>& place) {
    Copy& copy = with_room(place);
    for (auto last = copy.count.load(); last > index; --last) {
      assign(copy.ranges[last], copy.ranges[last - 1]);
    }
    copy.ranges[index].address.store(address, by_release);
    copy.ranges[index].bytes.store(bytes, by_release);
    copy.ranges[index].iova.store(iova.value, by_release);
    copy.count.store(copy.count + 1, by_release);
  });
  return {};
}

Result<void> MemoryMap::clear(std::uint64_t address, std::uint64_t bytes) {
  const Copy& now = *copies_[0].load();
  const auto behind = first_behind(now, address);
  if (behind == 0 || now.ranges[behind - 1].address != address || now.ranges[behind - 1].bytes != bytes) {
    return fail(Errc::not_found);
  }
  write([&](std::atomic<Copy*>& place) {
    Copy& copy = *place.load();
    for (auto index = behind; index < copy.count; ++index) {
      assign(copy.ranges[index - 1], copy.ranges[index]);
    }
    copy.count.store(copy.count - 1, by_release);
  });
  return {};
}

}  // namespace phasebit::hw
