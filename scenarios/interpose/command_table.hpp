// The commands that the device has and has not answered, found by submission queue and CID.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/spec/command.hpp"

namespace phasebit::scenarios {

/// A command, and what is to become of its completion.
struct OutstandingCommand {
  Qid sqid;
  Cid cid;
  bool present = false;
  bool dropped = false;                ///< no completion of it is shown
  std::uint16_t status = 0;            ///< Status raw to show instead of the device's; 0: the device's
  std::uint32_t slots_with_phase = 0;  ///< of a new completion queue: slots whose phase bit was already 1
  Duration delay;                      ///< its completion is shown so much later
  spec::Sqe sqe;
};

/// A hash table with linear probing. It grows when more commands are out than ever before, and otherwise allocates nothing.
class CommandTable {
 public:
  explicit CommandTable(std::pmr::memory_resource* memory) : places_(commands_min, memory) {}

  OutstandingCommand* find(Qid sqid, Cid cid);
  /// An entry for the command with nothing but its name; one of the same name is overwritten. Pointers found before are void.
  OutstandingCommand& insert(Qid sqid, Cid cid);
  void erase(Qid sqid, Cid cid);
  void erase_queue(Qid sqid);
  void clear();

  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t commands_min = 256;  ///< a power of two

  std::size_t home(Qid sqid, Cid cid) const;
  std::size_t next(std::size_t index) const { return (index + 1) & (places_.size() - 1); }
  std::size_t place_of(Qid sqid, Cid cid) const;
  void grow();
  void erase_at(std::size_t hole);

  std::pmr::vector<OutstandingCommand> places_;
  std::size_t size_ = 0;
};

}  // namespace phasebit::scenarios
