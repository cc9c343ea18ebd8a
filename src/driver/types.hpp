// What a user of the driver gives and gets: operations, results, namespaces, events, states.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "src/backend/dma.hpp"
#include "src/base/error.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/spec/command.hpp"
#include "src/spec/dataset_management.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/status.hpp"

namespace phasebit::driver {

/// How an operation ended. Each accepted operation ends exactly once, and never before the device can no longer reach its buffers.
/// Values are part of the stream format (command_finished, operation_ended): never renumber, only append.
enum class Outcome : std::uint8_t {
  ok = 0,         ///< the device said so
  failed = 1,     ///< the device's verdict is in `status`
  aborted = 2,    ///< the user asked for it, or the queue was deleted
  timed_out = 3,  ///< its deadline passed; it was then aborted, or stopped by a reset
  reset = 4,      ///< stopped by a controller reset before it answered; a write may have landed whole, in part or not at all
  gone = 5,       ///< the function was removed before it answered
  rejected = 6,   ///< not sent, or not again: the namespace changed while it waited for a free slot or for another attempt, or its data was
                  ///< lost with the controller's memory
};

/// What a user wants done with a namespace. The descriptions of the regions are copied when the operation is accepted; the memory that they
/// describe is lent to the device until the operation's result has been returned. The ranges of a Dataset Management operation lie in its
/// one buffer as spec::DatasetRange.
struct Operation {
  std::uint64_t tag = 0;  ///< the user's; comes back in the result, and stands in command_pushed events
  spec::NvmOpcode opcode = spec::NvmOpcode::read;
  Nsid nsid{1};
  Lba lba{};
  std::uint64_t blocks = 0;  ///< logical blocks, any number; for Dataset Management the number of ranges (1 to 256); 0 for Flush
  bool fua = false;          ///< Force Unit Access, of reads and writes
  bool limited_retry = false;
  bool deallocate = false;               ///< of Write Zeroes (DEAC) and Dataset Management (AD)
  bool integral_read = false;            ///< of Dataset Management (IDR)
  bool integral_write = false;           ///< of Dataset Management (IDW)
  std::uint8_t submission_queue = 0;     ///< which of the channel's submission queues carries it
  std::span<const DmaRegion> buffers{};  ///< together exactly the transfer's bytes; empty for operations without data
  Duration timeout{};                    ///< of each attempt; 0 is the driver's command_timeout
};

/// A command as the user wrote it. CID and, if there are buffers, PRP1 and PRP2 are filled in; the rest goes out as it stands.
/// It is never split and never retried.
struct RawCommand {
  std::uint64_t tag = 0;
  spec::Sqe sqe{};
  std::span<const DmaRegion> buffers{};
  Duration timeout{};  ///< 0 is the driver's command_timeout (admin_timeout on the admin queue)
  std::uint8_t submission_queue = 0;
};

/// What came of an operation.
struct OperationResult {
  std::uint64_t tag = 0;
  std::uint32_t dword0 = 0;  ///< of the completion; for a split operation of the one that failed, else of the last
  spec::Status status{};     ///< the device's verdict; 0 unless it gave one
  Outcome outcome = Outcome::ok;
  std::uint8_t attempts = 0;  ///< how often the most stubborn of its commands was sent; 0 if none was
};

/// What became of a batch: the first `accepted` operations will each end in a result; the one after them was refused because of
/// `refusal` and no later one was looked at. `queue_full` is back-pressure: reap, then try again.
struct SubmitResult {
  std::uint32_t accepted = 0;
  Errc refusal = Errc::queue_full;  ///< has a meaning only if accepted is less than what was given
};

/// Where the driver stands.
enum class State : std::uint8_t {
  attaching,      ///< bring-up runs for the first time
  ready,          ///< operations are carried out
  recovering,     ///< a reset runs; what was accepted before it ends honestly, waiting operations go out afterwards
  shutting_down,  ///< nothing is accepted any more
  detached,       ///< ended in good order; the device reaches no memory of ours
  failed,         ///< bring-up or recovery gave up; the device reaches no memory of ours
  gone,           ///< the function was removed
};

/// A namespace as Identify describes it.
struct Namespace {
  Nsid nsid{};
  std::uint64_t blocks = 0;               ///< NSZE
  std::uint32_t block_bytes = 512;        ///< a power of two, at least 512
  std::uint16_t metadata_bytes = 0;       ///< per block; other than 0 the data plane refuses the namespace
  std::uint32_t io_boundary_blocks = 0;   ///< NOIOB; 0 if not reported
  std::uint32_t atomic_write_blocks = 1;  ///< written whole or not at all when power is lost (NAWUPF, else AWUPF)
  bool read_only = false;                 ///< NSATTR.WP
  std::uint8_t deallocated_reads = 0;     ///< DLFEAT 2:0
  std::array<std::uint8_t, 16> nguid{};
  std::array<std::uint8_t, 8> eui64{};
  std::array<std::uint8_t, 16> uuid{};
  std::uint32_t life = 0;  ///< another number once the NSID means another namespace, or one of another format

  bool operator==(const Namespace&) const = default;
};

/// Something that the user did not ask for but wants to hear of.
struct DriverEvent {
  enum class Kind : std::uint8_t {
    namespace_changed,  ///< `nsid` was added, resized, reformatted or removed; namespaces() already shows it
    smart_warning,      ///< `dword0` of the asynchronous event
    device_error,       ///< likewise
    notice,             ///< any other asynchronous event
    bogus_completion,   ///< `qid`, `dword0` is CID | SQID<<16: a completion that no command of ours waits for; nothing was harmed by it
    reset_started,      ///< `dword0` is 0 if the user asked for it, 1 deadline, 2 fatal status, 3 queue stalled
    reset_finished,     ///< operations go out again
    failed,             ///< the state became failed
    removed,            ///< the state became gone
    removal_asked,      ///< orderly removal: finish, then shut down
    events_lost,        ///< `dword0` events did not fit into the driver's list
    async_events_off,   ///< the device refuses to tell of events; none will come before the next reset
  };
  Kind kind = Kind::notice;
  Qid qid{};
  Nsid nsid{};
  std::uint32_t dword0 = 0;
};

/// An I/O channel of a driver: its place, and how many channels have had that place before. An identifier that is out of date finds
/// nothing.
struct ChannelId : Strong<struct ChannelIdTag, std::uint32_t> {
  using Strong::Strong;
  constexpr ChannelId(std::uint16_t index, std::uint16_t life) : Strong(index | std::uint32_t{life} << 16) {}
  constexpr std::uint16_t index() const { return static_cast<std::uint16_t>(value & 0xffff); }
};

inline constexpr std::uint32_t channel_submission_queues_max = 4;

/// What a channel takes at its creation; all of it is fixed from then on.
struct ChannelOptions {
  std::uint32_t operations_max = 256;   ///< accepted and not yet given back
  std::uint32_t regions_max = 16;       ///< of one operation
  std::uint32_t commands_max = 4096;    ///< outstanding at the device; lowered to what the rings can hold
  std::uint32_t submission_queues = 1;  ///< 1 to 4, all answering to the channel's one completion queue
  std::array<spec::QueuePriority, channel_submission_queues_max> priorities{};  ///< count under weighted round robin only
};

/// What the data plane counts. All are totals since the start.
struct Statistics {
  std::uint64_t operations_accepted = 0;
  std::uint64_t operations_ended = 0;
  std::uint64_t commands_pushed = 0;     ///< retries included
  std::uint64_t commands_completed = 0;  ///< by the device
  std::uint64_t commands_stopped = 0;    ///< ended by reset, removal or deletion without an answer
  std::uint64_t retries = 0;
  std::uint64_t timeouts = 0;  ///< commands whose deadline passed
  std::uint64_t aborts_asked = 0;
  std::uint64_t doorbells = 0;          ///< writes to submission and completion doorbells
  std::uint64_t completions_bogus = 0;  ///< CID or SQID that nobody waits for: unknown, stale or twice
  std::uint64_t queue_heads_bogus = 0;  ///< SQHD that lies outside what was submitted
  std::uint64_t resets = 0;
  std::uint64_t async_events = 0;
  std::uint64_t queues_in_controller_memory = 0;  ///< I/O submission queues that were made there, after each reset anew

  Statistics& operator+=(const Statistics& other);
};

/// The enumerator's own name.
std::string_view name(Outcome outcome);
std::string_view name(State state);
std::string_view name(DriverEvent::Kind kind);

}  // namespace phasebit::driver
