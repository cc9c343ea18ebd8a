// Physical Region Pages as the controller reads them (Base 2.0 §4.1.1).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/controller/wiring.hpp"
#include "src/base/strong.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {

/// Memory of the host, contiguous for the device.
struct DmaPiece {
  Iova iova;
  std::uint64_t bytes = 0;
};

/// What a walk is made of.
struct PrpPointer {
  Qid queue;  ///< submission queue of the command, for events
  Cid cid;
  std::uint64_t prp1 = 0;
  std::uint64_t prp2 = 0;
  std::uint64_t bytes = 0;          ///< of the transfer
  std::uint32_t page_bytes = 4096;  ///< CC.MPS
};

/// Adds the transfer's pieces to `pieces`, one for each entry, and tells of every entry in a prp_entry event. Lists are read from host
/// memory as far as the transfer needs them. PRP Offset Invalid for a misaligned entry; Data Transfer Error where a list cannot be read.
spec::Status walk_prp(const PrpPointer& pointer, const Wiring& wiring, std::pmr::vector<DmaPiece>& pieces);

/// The pages of a queue that is not contiguous: `base` is the list itself (Base 2.0 §5.4).
spec::Status walk_queue_pages(const PrpPointer& pointer, const Wiring& wiring, std::pmr::vector<Iova>& pages);

}  // namespace phasebit::sim
