#include "sim/controller/controller_memory_use.hpp"

#include <algorithm>

namespace phasebit::sim {
namespace {

using Share = ControllerMemory::Share;

Share share_of(const Wiring& wiring, Iova iova, std::uint64_t bytes) {
  const ControllerMemory* memory = wiring.dma.controller_memory();
  return memory == nullptr ? Share::none : memory->share_of(iova, bytes);
}

spec::Status allowed(bool is_allowed) {
  return is_allowed ? spec::Status{} : spec::make_status(spec::GenericStatus::invalid_use_of_cmb);
}

}  // namespace

spec::Status check_queue_place(const Wiring& wiring, const RingMemory& ring, std::uint64_t bytes, bool completion) {
  if (ring.contiguous) {
    const Share share = share_of(wiring, ring.base, bytes);
    const bool takes_it = share == Share::whole && !completion && wiring.options.controller_memory.queues;
    return allowed(share == Share::none || takes_it);
  }
  return allowed(std::none_of(ring.pages.begin(), ring.pages.end(),
                              [&](Iova page) { return share_of(wiring, page, ring.page_bytes) != Share::none; }));
}

spec::Status check_data_place(const Wiring& wiring, std::span<const DmaPiece> pieces, spec::DataDirection direction) {
  const auto lies = [&](Share share) {
    return [&wiring, share](const DmaPiece& piece) { return share_of(wiring, piece.iova, piece.bytes) == share; };
  };
  if (std::all_of(pieces.begin(), pieces.end(), lies(Share::none))) {
    return {};
  }
  const ControllerMemoryOptions& memory = wiring.options.controller_memory;
  const bool takes_it = direction == spec::DataDirection::host_to_controller ? memory.data_of_writes : memory.data_of_reads;
  return allowed(takes_it && std::all_of(pieces.begin(), pieces.end(), lies(Share::whole)));
}

spec::Status check_list_place(const Wiring& wiring, Iova list) {
  return allowed(wiring.options.controller_memory.lists || !wiring.dma.is_own(list));
}

}  // namespace phasebit::sim
