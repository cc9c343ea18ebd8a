#include "sim/controller/command_pool.hpp"

#include <algorithm>

#include "src/base/assert.hpp"

namespace phasebit::sim {

CommandPool::CommandPool(std::uint32_t io_commands_max, std::uint32_t admin_commands_max, std::pmr::memory_resource* memory)
    : io_max_(io_commands_max),
      admin_max_(admin_commands_max),
      commands_(memory),
      free_io_(memory),
      free_admin_(memory),
      queue_(memory),
      in_order_(memory) {
  const std::uint32_t all = io_max_ + admin_max_;
  commands_.reserve(all);
  queue_.reserve(all);
  in_order_.reserve(all);
  free_io_.reserve(io_max_);
  free_admin_.reserve(admin_max_);
  for (std::uint32_t i = 0; i < all; ++i) {
    commands_.emplace_back(memory);
  }
  release_all();
}

CommandIndex CommandPool::take(bool admin) {
  auto& free = admin ? free_admin_ : free_io_;
  PHASEBIT_ASSERT(!free.empty());
  const CommandIndex index = free.back();
  free.pop_back();
  Command& command = (*this)[index];
  command.phase = CommandPhase::fetched;
  command.due = never;
  command.pieces.clear();
  command.staged = StagedWrite::none;
  command.faults = {};
  command.status = {};
  command.dword0 = command.dword1 = 0;
  return index;
}

void CommandPool::release(CommandIndex index) {
  PHASEBIT_ASSERT((*this)[index].phase != CommandPhase::free);
  unschedule(index);
  (*this)[index].phase = CommandPhase::free;
  (static_cast<std::uint32_t>(index) < io_max_ ? free_io_ : free_admin_).push_back(index);
}

void CommandPool::release_all() {
  queue_.clear();
  free_io_.clear();
  free_admin_.clear();
  for (std::uint32_t i = io_max_ + admin_max_; i > 0; --i) {
    commands_[i - 1].phase = CommandPhase::free;
    (i - 1 < io_max_ ? free_io_ : free_admin_).push_back(static_cast<CommandIndex>(i - 1));
  }
}

CommandIndex CommandPool::find(Qid sqid, Cid cid) const {
  const auto found = std::find_if(commands_.begin(), commands_.end(), [&](const Command& command) {
    return command.phase != CommandPhase::free && command.sqid == sqid && command.cid == cid;
  });
  return found == commands_.end() ? CommandIndex::none : static_cast<CommandIndex>(found - commands_.begin());
}

bool CommandPool::later(const Entry& a, const Entry& b) {
  return a.due != b.due ? a.due > b.due : a.fetch_number > b.fetch_number;
}

void CommandPool::unschedule(CommandIndex index) {
  if ((*this)[index].due == never) {
    return;
  }
  (*this)[index].due = never;
  std::erase_if(queue_, [&](const Entry& entry) { return entry.index == index; });
  std::make_heap(queue_.begin(), queue_.end(), later);
}

void CommandPool::schedule(CommandIndex index, Instant due) {
  if (!queue_.empty() && queue_.front().index == index) {
    std::pop_heap(queue_.begin(), queue_.end(), later);
    queue_.pop_back();
  } else {
    unschedule(index);
  }
  Command& command = (*this)[index];
  command.due = due;
  if (due != never) {
    queue_.push_back({due, command.fetch_number, index});
    std::push_heap(queue_.begin(), queue_.end(), later);
  }
}

std::optional<CommandIndex> CommandPool::next(Instant now) const {
  return queue_.empty() || queue_.front().due > now ? std::nullopt : std::optional(queue_.front().index);
}

void CommandPool::sort_in_order() {
  std::sort(in_order_.begin(), in_order_.end(), [](const Entry& a, const Entry& b) { return a.fetch_number < b.fetch_number; });
}

void CommandPool::fingerprint(Hasher& hasher) const {
  auto& self = const_cast<CommandPool&>(*this);
  self.for_each([&](CommandIndex index) {
    const Command& command = (*this)[index];
    hasher.add(command.phase);
    hasher.add_bytes(command.sqe_bytes());
    hasher.add(command.sqid.value);
    hasher.add(command.fetch_number);
    hasher.add(command.due.ns);
    hasher.add(command.execution.ns);
    hasher.add(command.status.raw);
    hasher.add(command.dword0);
    hasher.add(command.dword1);
    hasher.add(command.faults.write.kind);
    hasher.add(command.faults.write.value);
    hasher.add(command.faults.lying_flush);
    hasher.add(command.pieces.size());
  });
}

}  // namespace phasebit::sim
