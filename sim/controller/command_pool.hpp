// The commands that a controller has in flight, found by index, by name, or by who is due next.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "sim/controller/command.hpp"
#include "sim/stream/digest.hpp"

namespace phasebit::sim {

/// A fixed number of slots for I/O commands and one for admin commands, so that neither can crowd out the other. Everything is allocated at
/// construction, but room for very long data pointers.
class CommandPool {
 public:
  CommandPool(std::uint32_t io_commands_max, std::uint32_t admin_commands_max, std::pmr::memory_resource* memory);

  bool full(bool admin) const { return free_of(admin).empty(); }
  /// A free slot, cleared, in phase `fetched`.
  CommandIndex take(bool admin);
  void release(CommandIndex index);
  void release_all();

  Command& operator[](CommandIndex index) { return commands_[static_cast<std::uint32_t>(index)]; }
  const Command& operator[](CommandIndex index) const { return commands_[static_cast<std::uint32_t>(index)]; }

  /// The command that a submission queue and CID name; `none` if it is not in flight. Lost ones are.
  CommandIndex find(Qid sqid, Cid cid) const;

  /// The command moves on at `due` (`never`: only when somebody says so).
  void schedule(CommandIndex index, Instant due);
  /// The command whose turn it is at `now`, the earliest first, those of one instant in the order of their fetch.
  std::optional<CommandIndex> next(Instant now) const;
  Instant next_due() const { return queue_.empty() ? never : queue_.front().due; }

  /// Calls `visit(index)` for every command in flight in the order of their fetch. It may release the one it is given.
  template <class Visit>
  void for_each(Visit visit) {
    in_order_.clear();
    for (std::uint32_t i = 0; i < commands_.size(); ++i) {
      if (commands_[i].phase != CommandPhase::free) {
        in_order_.push_back({commands_[i].due, commands_[i].fetch_number, static_cast<CommandIndex>(i)});
      }
    }
    sort_in_order();
    for (std::size_t i = 0; i < in_order_.size(); ++i) {
      visit(in_order_[i].index);
    }
  }

  std::uint32_t in_flight(bool admin) const { return (admin ? admin_max_ : io_max_) - static_cast<std::uint32_t>(free_of(admin).size()); }

  void fingerprint(Hasher& hasher) const;

 private:
  struct Entry {
    Instant due;
    std::uint64_t fetch_number = 0;
    CommandIndex index = CommandIndex::none;
  };

  static bool later(const Entry& a, const Entry& b);
  void sort_in_order();
  void unschedule(CommandIndex index);
  const std::pmr::vector<CommandIndex>& free_of(bool admin) const { return admin ? free_admin_ : free_io_; }

  std::uint32_t io_max_;
  std::uint32_t admin_max_;
  std::pmr::vector<Command> commands_;  ///< those for I/O first
  std::pmr::vector<CommandIndex> free_io_;
  std::pmr::vector<CommandIndex> free_admin_;
  std::pmr::vector<Entry> queue_;  ///< a heap, the next one first
  std::pmr::vector<Entry> in_order_;
};

}  // namespace phasebit::sim
