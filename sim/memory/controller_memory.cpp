#include "sim/memory/controller_memory.hpp"

#include <algorithm>
#include <cstring>

#include "src/base/assert.hpp"
#include "src/base/little_endian.hpp"
#include "src/base/random.hpp"

namespace phasebit::sim {

ControllerMemory::ControllerMemory(std::uint64_t seed, std::uint64_t bytes, std::pmr::memory_resource* memory)
    : seed_(seed), content_(bytes, memory) {
  lose_content();
}

void ControllerMemory::place(Iova base) {
  PHASEBIT_ASSERT(bytes() > 0 && base.value <= ~0ull - (bytes() - 1));
  base_ = base;
  placed_ = true;
}

std::span<std::byte> ControllerMemory::at(Iova iova) {
  return holds(iova) ? std::span(content_).subspan(iova - base_) : std::span<std::byte>{};
}

ControllerMemory::Share ControllerMemory::share_of(Iova iova, std::uint64_t bytes) const {
  if (holds(iova)) {
    return bytes <= this->bytes() - (iova - base_) ? Share::whole : Share::part;
  }
  const bool reaches_in = placed_ && iova < base_ && base_ - iova < bytes;
  return reaches_in ? Share::part : Share::none;
}

void ControllerMemory::lose_content() {
  Random junk(keyed(seed_, losses_++));
  for (std::size_t offset = 0; offset < content_.size(); offset += sizeof(Le64)) {
    const Le64 word = junk.next();
    std::memcpy(content_.data() + offset, &word, std::min(sizeof word, content_.size() - offset));
  }
}

void ControllerMemory::fingerprint(Hasher& hasher) const {
  hasher.add(placed_);
  hasher.add(base_.value);
  hasher.add(losses_);
  hasher.add_bytes(content_);
}

}  // namespace phasebit::sim
