#include "scenarios/interpose/command_table.hpp"

#include "src/base/random.hpp"

namespace phasebit::scenarios {

std::size_t CommandTable::home(Qid sqid, Cid cid) const {
  return mix(static_cast<std::uint64_t>(sqid.value) << 16 | cid.value) & (places_.size() - 1);
}

/// Where the command is, or the empty place where its search ends; the table is never full.
std::size_t CommandTable::place_of(Qid sqid, Cid cid) const {
  std::size_t index = home(sqid, cid);
  while (places_[index].present && (places_[index].sqid != sqid || places_[index].cid != cid)) {
    index = next(index);
  }
  return index;
}

OutstandingCommand* CommandTable::find(Qid sqid, Cid cid) {
  OutstandingCommand& place = places_[place_of(sqid, cid)];
  return place.present ? &place : nullptr;
}

OutstandingCommand& CommandTable::insert(Qid sqid, Cid cid) {
  if (2 * (size_ + 1) > places_.size()) {
    grow();
  }
  OutstandingCommand& place = places_[place_of(sqid, cid)];
  size_ += place.present ? 0 : 1;
  place = {};
  place.sqid = sqid;
  place.cid = cid;
  place.present = true;
  return place;
}

void CommandTable::erase(Qid sqid, Cid cid) {
  const std::size_t index = place_of(sqid, cid);
  if (places_[index].present) {
    erase_at(index);
  }
}

/// Moves back what would no longer be found behind the hole.
void CommandTable::erase_at(std::size_t hole) {
  for (std::size_t index = next(hole); places_[index].present; index = next(index)) {
    const std::size_t from_home = (index - home(places_[index].sqid, places_[index].cid)) & (places_.size() - 1);
    const std::size_t from_hole = (index - hole) & (places_.size() - 1);
    if (from_home >= from_hole) {
      places_[hole] = places_[index];
      hole = index;
    }
  }
  places_[hole] = {};
  --size_;
}

void CommandTable::erase_queue(Qid sqid) {
  for (std::size_t index = 0; index < places_.size();) {
    if (places_[index].present && places_[index].sqid == sqid) {
      erase_at(index);  // another command may have moved here
    } else {
      ++index;
    }
  }
}

void CommandTable::clear() {
  if (size_ != 0) {
    places_.assign(places_.size(), {});
    size_ = 0;
  }
}

void CommandTable::grow() {
  std::pmr::vector<OutstandingCommand> old(2 * places_.size(), places_.get_allocator());
  old.swap(places_);
  for (const OutstandingCommand& command : old) {
    if (command.present) {
      places_[place_of(command.sqid, command.cid)] = command;
    }
  }
}

}  // namespace phasebit::scenarios
