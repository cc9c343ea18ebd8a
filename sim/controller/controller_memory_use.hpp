// What the host may use the drive's own memory for (Base 2.0 §8.5): Invalid Use of Controller Memory Buffer where it may not.
#pragma once

#include <cstdint>
#include <span>

#include "sim/controller/prp_walk.hpp"
#include "sim/controller/queues.hpp"
#include "sim/controller/wiring.hpp"
#include "src/base/strong.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {

/// Where a ring of `bytes` lies. Completion queues never lie there.
spec::Status check_queue_place(const Wiring& wiring, const RingMemory& ring, std::uint64_t bytes, bool completion);

/// Where a command's data lies: all of it on one side.
spec::Status check_data_place(const Wiring& wiring, std::span<const DmaPiece> pieces, spec::DataDirection direction);

/// Where a PRP list goes on.
spec::Status check_list_place(const Wiring& wiring, Iova list);

}  // namespace phasebit::sim
