#include "sim/memory/dma_ledger.hpp"

#include <algorithm>

namespace phasebit::sim {

void DmaLedger::take(const DmaOwner& owner, Iova iova, std::uint64_t bytes) {
  if (bytes > 0) {
    holdings_.push_back({owner, iova, bytes});
  }
}

void DmaLedger::release(const DmaOwner& owner) {
  std::erase_if(holdings_, [&](const Holding& holding) { return holding.owner == owner; });
}

void DmaLedger::release_all() {
  holdings_.clear();
}

const DmaLedger::Holding* DmaLedger::overlapping(Iova iova, std::uint64_t bytes) const {
  const auto found = std::find_if(holdings_.begin(), holdings_.end(), [&](const Holding& holding) {
    // Differences instead of sums: a wild address near the end of the space must not wrap.
    return iova < holding.iova ? holding.iova - iova < bytes : iova - holding.iova < holding.bytes;
  });
  return found == holdings_.end() ? nullptr : &*found;
}

void DmaLedger::fingerprint(Hasher& hasher) const {
  hasher.add(holdings_.size());
  for (const Holding& holding : holdings_) {
    hasher.add(holding.owner.kind);
    hasher.add(holding.owner.queue.value);
    hasher.add(holding.owner.cid.value);
    hasher.add(holding.iova.value);
    hasher.add(holding.bytes);
  }
}

}  // namespace phasebit::sim
