// Who owns which byte of host memory now: the authority that says whether memory may be unmapped.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "sim/stream/digest.hpp"
#include "src/base/strong.hpp"

namespace phasebit::sim {

/// What a device holds memory for.
enum class DmaOwnerKind : std::uint8_t { command, submission_queue, completion_queue };

struct DmaOwner {
  DmaOwnerKind kind = DmaOwnerKind::command;
  Qid queue;
  Cid cid;  ///< of a command; 0 for queues
  friend constexpr auto operator<=>(const DmaOwner&, const DmaOwner&) = default;
};

/// One per drive. A command owns its buffers and lists from the moment that the controller has fetched it until its completion is posted; a
/// queue owns its ring while it lives; after a reset nobody owns anything.
class DmaLedger {
 public:
  struct Holding {
    DmaOwner owner;
    Iova iova;
    std::uint64_t bytes = 0;
  };

  explicit DmaLedger(std::pmr::memory_resource* memory) : holdings_(memory) {}

  void take(const DmaOwner& owner, Iova iova, std::uint64_t bytes);
  void release(const DmaOwner& owner);
  void release_all();

  /// The first holding that shares a byte with the range; nullptr if there is none.
  const Holding* overlapping(Iova iova, std::uint64_t bytes) const;
  /// Everything that is held, in the order in which it was taken.
  std::span<const Holding> holdings() const { return holdings_; }

  void fingerprint(Hasher& hasher) const;

 private:
  std::pmr::vector<Holding> holdings_;
};

}  // namespace phasebit::sim
