#include "sim/stream/hash_chain.hpp"

#include <xxhash.h>

namespace phasebit::sim {

void HashChain::add(const Event& event) {
  block_[count_ % block_events] = event;
  ++count_;
  if (count_ % block_events == 0) {
    chain_ = XXH3_64bits_withSeed(block_.data(), sizeof block_, chain_);
  }
}

std::uint64_t HashChain::value() const {
  const std::size_t partial_events = count_ % block_events;
  const std::uint64_t chain = partial_events == 0 ? chain_ : XXH3_64bits_withSeed(block_.data(), partial_events * sizeof(Event), chain_);
  const Le64 count{count_};
  return XXH3_64bits_withSeed(&count, sizeof count, chain);
}

}  // namespace phasebit::sim
