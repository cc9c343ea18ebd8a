// A command from its fetch to its completion.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "sim/controller/prp_walk.hpp"
#include "sim/media/media.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/spec/command.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {

/// Index in the pool of commands.
enum class CommandIndex : std::uint32_t { none = ~0u };

/// Where a command is. Each step but the last two has an instant at which it ends.
enum class CommandPhase : std::uint8_t {
  free,        ///< no command
  fetched,     ///< in the drive, not looked at
  executing,   ///< checked, its data taken from the host if it brings any; what it does happens at its end
  waiting,     ///< done or parked without an instant: an Asynchronous Event Request
  completing,  ///< handed to its completion queue, not posted
  lost,        ///< a fault dropped it: only a reset ends it
};

/// What faults do to one command, as the plan said at its execution.
struct CommandFaults {
  WriteFault write;
  std::uint64_t read_misdirected_blocks = 0;
  std::uint8_t read_corruption = 0;  ///< one byte of what the media gives is XORed with it
  bool lying_flush = false;
};

struct Command {
  explicit Command(std::pmr::memory_resource* memory) : pieces(memory) {}

  CommandPhase phase = CommandPhase::free;
  spec::Sqe sqe;
  Qid sqid;
  Cid cid;
  std::uint64_t fetch_number = 0;  ///< on the drive; what draws for this command are keyed by
  Instant due = never;             ///< end of the phase
  Duration execution;              ///< from `fetched` to the end of `executing`

  std::pmr::vector<DmaPiece> pieces;  ///< of its data
  StagedWrite staged = StagedWrite::none;
  CommandFaults faults;

  spec::Status status;
  std::uint32_t dword0 = 0;
  std::uint32_t dword1 = 0;

  bool admin() const { return sqid == admin_qid; }
  std::span<const std::byte, 64> sqe_bytes() const { return std::as_bytes(std::span<const spec::Sqe, 1>(&sqe, 1)); }
};

}  // namespace phasebit::sim
