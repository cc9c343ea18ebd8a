// What can go wrong, and where: verbs and sites, with the names that scenario files use.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace phasebit::sim {

/// Where the fault plan is asked what goes wrong.
enum class Site : std::uint8_t {
  by_verb = 0,       ///< in a trigger: the verb's own first site
  register_read,     ///< each load from BAR0 that is an event
  register_write,    ///< each store to BAR0, as the host makes it
  access,            ///< register reads, register writes and loads of fresh CQE dwords, counted together
  fetch,             ///< a submission queue entry is fetched
  dma,               ///< a burst of data between device and host
  command,           ///< an admin or I/O command is executed
  completion,        ///< a completion queue entry is about to be posted
  controller_state,  ///< enabling, disabling, shutting down
  time,              ///< an instant, a row and visit of a state machine, or heal: nothing else has to happen
};

/// `value`, `value2` and `delay` are those of the fault; 0 is the default unless it says otherwise.
enum class Verb : std::uint8_t {
  // Of a command.
  status = 1,           ///< the command fails with Status raw `value`
  delay = 2,            ///< it takes `delay` longer (as a completion: it is posted `delay` later)
  drop = 3,             ///< it is never completed (as a completion: it is never posted)
  duplicate = 4,        ///< its completion is posted twice, the second one `delay` later
  reorder = 5,          ///< its completion is posted only after `value` (0: 1) later ones of the queue, or after `delay` (0: 1 ms)
  wrong_cid = 6,        ///< CID is XORed with `value` (0: FFFFh)
  wrong_sqid = 7,       ///< SQID is XORed with `value` (0: 1)
  wrong_sqhd = 8,       ///< SQHD is XORed with `value` (0: 1)
  stale_phase = 9,      ///< the entry carries the old phase; put right after `delay` (0: never)
  early_phase = 10,     ///< the dword with the phase lands `delay` (0: one cycle) before the other dwords
  torn_cqe = 11,        ///< each dword lands in a cycle of its own, `delay` apart (0: one cycle), the phase last
  corrupt = 12,         ///< one byte is XORed with `value` (0: FFh): in DMA, or (site command) of what the media gives
  misdirect = 13,       ///< a write lands, or a read comes, `value` (0: 1) blocks further on
  lose = 14,            ///< a write is acknowledged and forgotten (as DMA: the burst does not happen)
  tear = 15,            ///< only the first part of a write happens: `value` blocks (0: half; as DMA: bytes)
  lying_flush = 16,     ///< Flush (and FUA) is acknowledged, nothing becomes durable
  lost_interrupt = 17,  ///< its completion is posted, and no interrupt tells of it

  // Of a register access.
  all_ones = 20,            ///< reads give all ones and writes are lost while it lasts (`lasts` 0: for ever)
  torn_register_read = 21,  ///< a 64-bit load is two 32-bit loads with one to 16 cycles between
  lost_doorbell = 22,       ///< a doorbell write has no effect
  late_doorbell = 23,       ///< a doorbell write, and the stores behind it, land `delay` (0: 1 ms) later

  // Of the controller.
  ready_late = 30,      ///< CSTS.RDY follows CC.EN, up or down, `delay` later than it would
  ready_never = 31,     ///< CSTS.RDY does not become 1 while it lasts
  ready_stuck = 32,     ///< CSTS.RDY does not become 0 while it lasts
  fatal = 33,           ///< CSTS.CFS becomes 1
  shutdown_late = 34,   ///< CSTS.SHST becomes 10b `delay` later than it would
  shutdown_stuck = 35,  ///< CSTS.SHST stays 01b while it lasts

  // Of the function and its world.
  surprise_removal = 40,      ///< the function is gone, without warning; for good
  orderly_removal = 41,       ///< removal is asked for, and happens `delay` (0: 1 s) later
  return_after_removal = 42,  ///< the function is gone and comes back, powered up anew, after `lasts` (0: 1 s)
  link_flap = 43,             ///< the link is down for `lasts` (0: 100 ms); the function is then as after a conventional reset
  power_cut = 44,             ///< power is off for `lasts` (0: until heal); `value` chooses what the volatile cache keeps
  namespace_attach = 45,      ///< namespace `value` becomes active
  namespace_detach = 46,      ///< namespace `value` becomes inactive
  namespace_resize = 47,      ///< namespace `value` gets `value2` blocks
  async_event_storm = 48,     ///< `value` (0: 64) asynchronous events, `delay` (0: 1 us) apart, of type and info `value2`
  thermal_throttle = 49,      ///< every command takes `value` (0: 8) times as long while it lasts
  bus_master_stuck = 50,      ///< bus mastering cannot be cleared in configuration space while it lasts
};

/// What is known of a verb.
struct VerbInfo {
  Verb verb;
  std::string_view name;
  Site first_site;        ///< the one of a trigger that names none
  std::uint32_t sites;    ///< every site where it has a meaning, as bits 1 << Site
  bool lasts = false;     ///< it is a state: `FaultPlan::active` tells of it until it is lifted
  bool of_world = false;  ///< wherever it strikes, the world carries it out (`FaultPlan::next_timed`); the site is not told
};

/// Every verb, in the order of their values.
std::span<const VerbInfo> verbs();
const VerbInfo& info(Verb verb);

std::string_view name(Verb verb);
std::string_view name(Site site);
std::optional<Verb> verb_from_name(std::string_view text);
std::optional<Site> site_from_name(std::string_view text);

}  // namespace phasebit::sim
