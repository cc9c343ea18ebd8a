// One event: 32 little-endian bytes, the same on every machine. The stream is nothing but these, in order.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "src/base/little_endian.hpp"
#include "src/base/time.hpp"

namespace phasebit {

/// What happened. The meaning of an event's fields (`queue`, `a`, `b`, `c`) stands beside each kind; unnamed fields are 0.
/// Values are part of the stream format: never renumber, only append.
enum class EventKind : std::uint8_t {
  none = 0,

  // The host's accesses, recorded by the emulator or by Interposed<B>.
  register_read = 1,   ///< a offset, b value, c bytes (4 or 8). A CSTS that has not changed since the last read is not an event.
  register_write = 2,  ///< when it takes effect: a offset, b value, c bytes | lost<<8 (the function was gone)
  config_read = 3,     ///< a offset, b value
  config_write = 4,    ///< a offset, b value, c bytes
  dma_allocated = 5,   ///< b IOVA, c bytes
  dma_freed = 6,       ///< b IOVA, c bytes
  dma_mapped = 7,      ///< a DmaRights, b IOVA, c bytes
  dma_unmapped = 8,    ///< a 1 if refused as still owned by a command, b IOVA, c bytes
  cqe_loaded = 9,  ///< the host loaded a dword of a CQ slot that it had not yet consumed: queue CQ, a slot | dword<<16, b value, c 1 if an
                   ///< acquire load
  function_claimed = 10,   ///< a PCI address
  function_released = 11,  ///< a PCI address

  // What the host says of itself through Backend::record.
  command_pushed = 20,    ///< before the doorbell: queue SQ, a CID | attempt<<16 (from 1), b tag, c opcode | NSID<<32
  command_finished = 21,  ///< given back: queue SQ, a CID | status<<16 (Status::raw), b tag, c Outcome (src/driver)
  driver_state = 22,  ///< queue machine (0 bring-up, 1 recovery, 2 shutdown), a row | visit<<16 (from 1), b result (0 entered, 1 passed, 2
                      ///< timed out, 3 failed, 4 gone)
  operation_begun = 23,   ///< the user's operation: queue opcode | FUA<<8, a NSID, b tag, c first LBA (and an operation_extent follows)
  operation_extent = 24,  ///< a logical blocks, b tag, c digest of what is to be written, else 0
  operation_ended = 25,   ///< queue Outcome, a Status::raw, b tag, c digest of what was read, else 0
  namespace_seen = 26,    ///< the driver exposes (a NSID, b blocks, c bytes a block) or withdraws (b = 0) a namespace
  phase_entered = 27,     ///< of the scenario: a 0 faulty, 1 heal, 2 drain, 3 end
  block_digest = 28,      ///< content, for the data oracle: a index in the operation, b tag, c digest of that logical block

  // The function and its controller.
  drive_fact = 40,        ///< a DriveFact, b and c as the fact says; emitted at power-on and when one changes
  register_changed = 41,  ///< by the controller: a offset, b value
  sqe_fetched = 42,  ///< queue SQ, a CID | slot<<16, b opcode | flags<<8 | NSID<<32, c number of this fetch on the drive; 4 sqe_part follow
  sqe_part = 43,     ///< queue SQ, a 0..3, b and c the next 16 bytes of the entry
  prp_entry = 44,    ///< queue SQ, a CID | PrpRole<<16, b value of the entry, c index in the transfer
  dma_access = 45,   ///< queue SQ, a CID | direction<<16 (1 device writes host memory) | fault<<24, b IOVA, c bytes
  media_changed = 46,     ///< a NSID, b LBA, c digest of the block (0: deallocated or zero)
  media_read = 47,        ///< a NSID, b LBA, c digest of the block
  cqe_posted = 48,        ///< queue CQ, a slot | phase<<16, b dword0 | dword1<<32, c dword2 | dword3<<32, as in memory
  queue_made = 49,        ///< queue QID, a entries | completion<<31, b IOVA, c CQID | slots whose phase bit is already 1<<16 (CQ)
  queue_deleted = 50,     ///< queue QID, a completion<<31
  interrupt_raised = 51,  ///< a vector
  cache_flushed = 52,     ///< a NSID, c blocks that became durable
  power_cut = 53,         ///< c blocks lost from the volatile cache
  power_on = 54,          ///< the function answers again
  function_gone = 55,     ///< a 1 surprise, 2 orderly
  function_back = 56,     ///< after removal or a link flap
  bus_event = 57,         ///< told to the host: a 1 added, 2 removed, 3 removal asked
  command_done = 58,      ///< the controller has a result: queue SQ, a CID | status<<16, b dword0
  dataset_range = 59,     ///< of Dataset Management: queue SQ, a CID | index<<16, b first LBA, c blocks | NSID<<32

  // The fault plan.
  fault_fired = 70,   ///< a index in the plan, b site detail, queue verb
  fault_lifted = 71,  ///< a index in the plan
};

/// Facts of a drive that a rule needs, announced in drive_fact events.
enum class DriveFact : std::uint32_t {
  capabilities = 1,       ///< b CAP, c VS
  identify_limits = 2,    ///< b MDTS | ACL<<8 | AERL<<16 | VWC<<24 | NN<<32, c OACS | ONCS<<16 | AWUPF<<32 | RTD3E in ms<<48
  queue_grant = 3,        ///< after Set Features: b submission queues granted, c completion queues granted (counts)
  namespace_state = 4,    ///< b NSID | active<<32 | log2 of block bytes<<40, c blocks
  interrupt_vectors = 5,  ///< b vectors
  bar_bytes = 6,          ///< b bytes of BAR0
  entry_sizes = 7,        ///< b SQES | CQES<<8 as Identify gives them
  old_content = 8,        ///< of a real drive: its blocks hold what nobody has told; blocks of an emulated one begin as zeroes
};

/// The part an address plays in a PRP walk (Base 2.0 §4.1.1).
enum class PrpRole : std::uint8_t { prp1 = 1, prp2_data = 2, prp2_list = 3, list_data = 4, list_chain = 5, queue_base = 6 };

/// A record of the stream.
struct Event {
  Le64 time;  ///< ns of virtual time (on hardware: of the backend's clock)
  EventKind kind = EventKind::none;
  std::uint8_t drive = 0;  ///< index of the drive in the world
  Le16 queue;
  Le32 a;
  Le64 b;
  Le64 c;

  Instant instant() const { return Instant{time}; }
};
static_assert(sizeof(Event) == 32 && std::is_trivially_copyable_v<Event>);

/// The enumerator's own name, or "unknown".
std::string_view name(EventKind kind);

}  // namespace phasebit
