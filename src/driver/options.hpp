// How the driver is to behave; every value has a sane default, and every limit of the device lowers it.
#pragma once

#include <cstdint>

#include "src/base/time.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// What memory of the controller's own is used for, where the drive has it (Base 2.0 §8.5) and the backend can show it.
enum class ControllerMemoryUse : std::uint8_t { none, submission_queues, data, submission_queues_and_data };

struct Options {
  // Memory: taken from these maxima in attach, so that bring-up and recovery allocate nothing.
  /// 2 to 4096. A user's command needs 3; with fewer than 8 there may be no room left to ask for events.
  std::uint32_t admin_queue_entries = 64;
  std::uint32_t io_queues_max = 4;
  std::uint32_t io_queue_entries = 256;           ///< 2 to 65536
  std::uint32_t namespaces_max = 64;              ///< a drive with more makes wants_rescan() true
  std::uint32_t events_max = 64;                  ///< not yet fetched by next_event
  std::uint64_t transfer_bytes_max = 2ull << 20;  ///< of one command; sizes the PRP lists of each slot
  std::uint32_t page_bytes = 4096;                ///< wished CC.MPS; clamped into CAP.MPSMIN..MPSMAX

  // Time.
  Duration command_timeout = seconds(30);
  Duration admin_timeout = seconds(60);
  Duration abort_timeout = seconds(10);                   ///< from asking for an abort to asking for a reset
  Duration ready_timeout_floor = seconds(5);              ///< CAP.TO is often too small to be true
  Duration shutdown_timeout_floor = seconds(10);          ///< beside RTD3E
  Duration removal_grace = seconds(2);                    ///< how long all ones may last around a change of CC.EN
  Duration async_event_interval_min = milliseconds(100);  ///< between two re-arms after the first few
  Duration poll_interval = milliseconds(1);               ///< of CSTS while ready
  Duration interrupt_poll_interval = milliseconds(100);   ///< in its place with interrupts: so long one that is lost goes unnoticed

  // Persistence.
  std::uint8_t retries_max = 4;              ///< beyond the first attempt, where the status allows a retry; 254 at most
  Duration retry_delay = microseconds(100);  ///< before the first retry when CRD is 0; doubled for each later one
  std::uint32_t resets_max = 3;              ///< in a row, each within ten seconds of having been ready
  std::uint32_t async_events_max = 4;        ///< outstanding requests; lowered to AERL + 1

  // A second process, whose queue and memory are granted by the primary.
  std::uint64_t granted_bytes = 8ull << 20;  ///< for its data: what its backend's allocate_dma has to give
  Duration primary_timeout = seconds(5);     ///< without a sign of life the primary is taken for dead

  // Taste.
  spec::Ams arbitration = spec::Ams::round_robin;  ///< falls back to round robin where CAP.AMS lacks it
  bool interrupts = false;                         ///< where the backend has them; who polls goes on as without
  bool command_generations = true;                 ///< false: CID is the slot (quirk), and doubtful slots rest until the next reset
  /// What does not fit there, or is not offered, lies in the host's memory.
  ControllerMemoryUse controller_memory = ControllerMemoryUse::none;
};

}  // namespace phasebit::driver
