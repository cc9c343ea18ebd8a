// Which faults can be made at the seam, where a device is seen from outside only.
#pragma once

#include <string>

#include "sim/faults/fault.hpp"

namespace phasebit::scenarios {

/// True if `Interposed` does what this (valid) fault says; else `reason` is one clause that says why nobody could, or why it must not.
///
/// | verb | at the seam |
/// |---|---|
/// | bus_master_stuck | the write to configuration space that clears bus mastering is made without doing so |
/// | all_ones | reads of registers and configuration space give all ones, writes are lost. Without an end, bus mastering is cleared as well |
/// | surprise_removal | the same for good, and completion queues show nothing new; the device itself is disabled and cut off from memory |
/// | lost_doorbell, late_doorbell | the write is not made; or made later, with those behind it, when its time comes or a load pushes it |
/// | torn_register_read | one 64-bit read is made as two of 32 bits |
/// | drop, delay | as a command or as a completion: the entry is not shown, or later; those behind it move up |
/// | reorder, duplicate, wrong_cid, wrong_sqid, wrong_sqhd | of what is shown |
/// | stale_phase, early_phase, torn_cqe | of what is shown; where an emulated drive takes a cycle, 1 us passes |
/// | status | of what is shown: the command has been carried out. I/O commands, and admin commands that change nothing |
/// | ready_late, ready_never, ready_stuck, shutdown_late, shutdown_stuck, fatal | of the CSTS that is shown |
/// | corrupt, misdirect, lose, tear, lying_flush | no: data passes between device and memory |
/// | lost_interrupt | no: the device sends it by itself, and nobody waits for it here |
/// | orderly_removal, return_after_removal, link_flap, power_cut | no: of the bus and of power, not of one function's accesses |
/// | namespace_attach, namespace_detach, namespace_resize, async_event_storm, thermal_throttle | no: only the device can |
/// | anything at site dma; delay or corrupt at site fetch | no: the device fetches and moves data by itself |
bool can(const sim::Fault& fault, std::string& reason);

}  // namespace phasebit::scenarios
