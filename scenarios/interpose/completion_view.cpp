#include "scenarios/interpose/completion_view.hpp"

#include <algorithm>

#include "src/base/assert.hpp"
#include "src/base/ring_index.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::uint32_t phase_dword = 3;

/// What lies in memory now; the device may be writing it.
std::uint32_t peek(const Le32& dword) {
  return swap_if_big_endian(__atomic_load_n(&dword.raw(), __ATOMIC_RELAXED));
}

bool phase_of_lap(std::uint64_t count, std::uint32_t entries) {
  return count / entries % 2 == 0;
}

std::uint32_t with_phase(std::uint32_t dword3, bool phase) {
  return spec::CqeDword3{dword3}.with(spec::CqeDword3::phase, phase).raw;
}

}  // namespace

CompletionView::CompletionView(Qid id, std::byte* ring, std::uint32_t entries, std::pmr::memory_resource* memory)
    : id_(id),
      ring_(reinterpret_cast<const Le32*>(ring)),
      entries_(entries),
      dwords_(memory),
      fresh_(entries, memory),
      taken_then_(entries, memory),
      held_(memory),
      parts_(memory) {
  PHASEBIT_ASSERT(entries >= 2);
  dwords_.reserve(std::size_t{entries} * spec::cqe_dwords);
  for (std::size_t i = 0; i < std::size_t{entries} * spec::cqe_dwords; ++i) {
    dwords_.push_back(peek(ring_[i]));
  }
}

bool CompletionView::overlaps(const std::byte* begin, const std::byte* end) const {
  const auto* first = reinterpret_cast<const std::byte*>(ring_);
  return begin < first + std::uint64_t{entries_} * spec::cqe_bytes && first < end;
}

CompletionView::Place CompletionView::place(const Le32& dword) const {
  const auto index = static_cast<std::uint32_t>(&dword - ring_);
  return {index / spec::cqe_dwords, index % spec::cqe_dwords};
}

const Le32* CompletionView::behind(const Le32& dword) const {
  if (transparent_) {
    return &dword;
  }
  const Place at = place(dword);
  return !frozen_ && at.slot == host_slot_index() ? device_slot(device_slot_index()) + at.dword : nullptr;
}

bool CompletionView::has_new(const Place& looked_at, std::optional<std::uint32_t> dword3) const {
  if (frozen_ || looked_at.slot != host_slot_index() || (closed_ && was_cleared(device_slot_index()))) {
    return false;
  }
  const std::uint32_t value = dword3 ? *dword3 : peek(device_slot(device_slot_index())[phase_dword]);
  return spec::phase_of(spec::CqeDword3{value}) == phase_of_lap(taken_, entries_);
}

spec::CqeDwords CompletionView::take() {
  const Le32* slot = device_slot(device_slot_index());
  spec::CqeDwords dwords;
  for (std::uint32_t i = 0; i < spec::cqe_dwords; ++i) {
    dwords[i] = peek(slot[i]);
  }
  ++taken_;
  return dwords;
}

std::optional<std::uint32_t> CompletionView::head_to_ring() {
  if (transparent_ || closed_ || frozen_ || taken_ < device_acknowledged_ + entries_ - 1) {
    return std::nullopt;
  }
  device_acknowledged_ = taken_;
  return device_slot_index();
}

void CompletionView::put(const Place& place, std::uint32_t value) {
  dwords_[std::size_t{place.slot} * spec::cqe_dwords + place.dword] = value;
  fresh_[place.slot] |= static_cast<std::uint8_t>(1u << place.dword);
}

CompletionView::Shown CompletionView::show(const ShownEntry& entry, Instant now) {
  PHASEBIT_ASSERT(has_room());
  const std::uint32_t slot = host_slot_index();
  const bool phase = phase_of_lap(shown_count_, entries_);
  Shown shown{slot, phase != (entry.shape == EntryShape::stale_phase), entry.dwords};
  shown.dwords[phase_dword] = with_phase(entry.dwords[phase_dword], shown.phase);
  std::erase_if(parts_, [slot](const Part& part) { return part.place.slot == slot; });
  fresh_[slot] = 0;
  put_parts(slot, entry, shown.dwords, now);
  taken_then_[slot] = taken_;
  ++shown_count_;
  let_go(now);
  return shown;
}

void CompletionView::put_parts(std::uint32_t slot, const ShownEntry& entry, const spec::CqeDwords& dwords, Instant now) {
  for (std::uint32_t i = 0; i < spec::cqe_dwords; ++i) {
    const bool late = entry.shape == EntryShape::torn || (entry.shape == EntryShape::early_phase && i != phase_dword);
    if (late) {
      parts_.push_back({{slot, i}, dwords[i], now + entry.step * (entry.shape == EntryShape::torn ? i : 1)});
    } else {
      put({slot, i}, dwords[i]);
    }
  }
  if (entry.shape == EntryShape::stale_phase && entry.step.ns != 0) {
    const bool right = !spec::phase_of(spec::CqeDword3{dwords[phase_dword]});
    parts_.push_back({{slot, phase_dword}, with_phase(dwords[phase_dword], right), now + entry.step});
  }
}

void CompletionView::hold(const ShownEntry& entry, Instant due, std::uint32_t later_entries) {
  held_.push_back({entry, due, held_count_++, later_entries});
}

void CompletionView::let_go(Instant now) {
  for (Held& held : held_) {
    if (held.later_entries != 0 && --held.later_entries == 0) {
      held.due = std::min(held.due, now);
    }
  }
}

std::optional<ShownEntry> CompletionView::take_due(Instant now) {
  const auto first = std::min_element(held_.begin(), held_.end(),
                                      [](const Held& a, const Held& b) { return a.due != b.due ? a.due < b.due : a.number < b.number; });
  if (first == held_.end() || first->due > now || !has_room()) {
    return std::nullopt;
  }
  const ShownEntry entry = first->entry;
  held_.erase(first);
  return entry;
}

void CompletionView::land_parts(Instant now) {
  for (const Part& part : parts_) {
    if (part.due <= now) {
      put(part.place, part.value);
    }
  }
  std::erase_if(parts_, [now](const Part& part) { return part.due <= now; });
}

Instant CompletionView::next_due() const {
  Instant due = never;
  for (const Held& held : held_) {
    due = has_room() ? std::min(due, held.due) : due;
  }
  for (const Part& part : parts_) {
    due = std::min(due, part.due);
  }
  return due;
}

std::uint32_t CompletionView::dword(const Place& place) const {
  return closed_ && was_cleared(place.slot) ? 0 : dwords_[std::size_t{place.slot} * spec::cqe_dwords + place.dword];
}

/// No device writes an entry of nothing but zeros into a queue whose lap began with zeros: the host has made the memory ready for another
/// life of the queue.
bool CompletionView::was_cleared(std::uint32_t slot) const {
  const Le32* dwords = device_slot(slot);
  return std::all_of(dwords, dwords + spec::cqe_dwords, [](const Le32& dword) { return peek(dword) == 0; });
}

std::optional<std::uint32_t> CompletionView::translate_head(std::uint32_t value) {
  if (value >= entries_) {
    return value;
  }
  const std::uint64_t consumed = slot_distance(head_, value, entries_);
  if (consumed == 0) {
    return transparent_ ? value : static_cast<std::uint32_t>(device_acknowledged_ % entries_);
  }
  const std::uint64_t waiting = shown_count_ - acknowledged_;
  const std::uint64_t excess = consumed > waiting ? consumed - waiting : 0;
  head_ = value;
  acknowledged_ += consumed - excess;
  if (transparent_) {
    device_acknowledged_ += consumed;
    return value;
  }
  const std::uint32_t last = value == 0 ? entries_ - 1 : value - 1;
  const std::uint64_t target = excess != 0 ? taken_ + excess : taken_then_[last];
  if (target <= device_acknowledged_) {
    return std::nullopt;
  }
  device_acknowledged_ = target;
  return static_cast<std::uint32_t>(target % entries_);
}

void CompletionView::close() {
  closed_ = true;
  held_.clear();
  parts_.clear();
}

void CompletionView::freeze() {
  close();
  frozen_ = true;
  transparent_ = false;
}

}  // namespace phasebit::scenarios
