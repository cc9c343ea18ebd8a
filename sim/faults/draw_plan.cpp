#include "sim/faults/draw_plan.hpp"

#include <algorithm>
#include <array>

#include "src/base/assert.hpp"
#include "src/base/random.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {
namespace {

enum PlanDraw : std::uint64_t { draw_none = 1, draw_use = 2, draw_fault = 3, draw_row = 4 };

constexpr std::uint64_t none_in = 8;          ///< one seed in so many is without faults
constexpr std::uint64_t verb_in = 6;          ///< a verb is used by one seed in so many
constexpr std::uint64_t ending_verb_in = 16;  ///< one after which the drive does not come back, by fewer
constexpr std::uint64_t faults_of_a_verb_max = 3;
constexpr std::uint64_t faults_at_rows_max = 3;

/// Between `low` and `high`, each power of two as likely as the next.
Duration draw_duration(Random& random, Duration low, Duration high) {
  std::uint64_t steps = 0;
  while (low.ns << (steps + 1) <= high.ns) {
    ++steps;
  }
  const std::uint64_t base = low.ns << random.below(steps + 1);
  return nanoseconds(base + random.below(base));
}

/// Faults of the controller, of the media and of the path, to be retried or not.
std::uint64_t draw_status(Random& random) {
  using spec::Status;
  static constexpr std::array verdicts{
      spec::make_status(spec::GenericStatus::internal_error),       spec::make_status(spec::GenericStatus::namespace_not_ready),
      spec::make_status(spec::GenericStatus::invalid_field),        spec::make_status(spec::GenericStatus::data_transfer_error),
      spec::make_status(spec::GenericStatus::command_id_conflict),  spec::make_status(spec::MediaStatus::write_fault),
      spec::make_status(spec::MediaStatus::unrecovered_read_error), spec::make_status(spec::Sct::path, 0x60),
      spec::make_status(spec::Sct::vendor_specific, 0xc0),
  };
  const Status verdict = verdicts[random.below(verdicts.size())];
  const bool final = random.chance(1, 3);
  const std::uint32_t retry_delay = final ? 0 : static_cast<std::uint32_t>(random.below(4));
  return verdict.with(Status::dnr, final).with(Status::crd, retry_delay).raw;
}

StateMatch draw_state(Random& random, const DrawLimits& limits) {
  const std::array row_counts{limits.bring_up_rows, limits.recovery_rows, limits.shutdown_rows};
  const auto machine = static_cast<std::uint16_t>(random.below(row_counts.size()));
  StateMatch state{machine, static_cast<std::uint16_t>(random.below(row_counts[machine])), std::nullopt};
  if (random.chance(1, 4)) {
    state.visit = static_cast<std::uint16_t>(random.between(1, 3));
  }
  return state;
}

/// Which command: an operation of the workload, the nth one, one of a row of bring-up, one on some blocks.
void draw_command(Random& random, const DrawLimits& limits, Trigger& when) {
  switch (random.below(5)) {
    case 0:
      when.operation = limits.first_operation + random.below(limits.operations);
      when.attempt = static_cast<std::uint16_t>(random.between(1, 2));
      break;
    case 1:
      when.admin = false;
      when.nth = random.between(1, limits.operations);
      break;
    case 2:
      when.admin = true;
      when.nth = random.between(1, 24);
      break;
    case 3:
      when.admin = true;
      when.state = draw_state(random, limits);
      break;
    default: {
      const std::uint64_t first = random.below(limits.blocks);
      when.nsid = Nsid{static_cast<std::uint32_t>(random.between(1, limits.namespaces))};
      when.lbas = LbaRange{Lba{first}, Lba{first + random.below(limits.blocks - first)}};
      when.nth = random.between(1, limits.operations / 8 + 1);
      break;
    }
  }
}

void draw_trigger(Random& random, const DrawLimits& limits, Fault& fault) {
  Trigger& when = fault.when;
  when.drive = static_cast<std::uint8_t>(random.below(limits.drives));
  switch (site_of(fault)) {
    case Site::fetch:
    case Site::dma:
    case Site::command:
    case Site::completion:
      draw_command(random, limits, when);
      break;
    case Site::controller_state:
      when.nth = random.between(1, 3);
      break;
    case Site::register_read:
    case Site::register_write:
    case Site::access:
      when.nth = random.between(1, random.chance(1, 2) ? 60 : 2 * limits.operations + 60);
      break;
    default:
      if (random.chance(1, 3)) {
        when.state = draw_state(random, limits);
      } else {
        when.not_before = Instant{} + nanoseconds(random.below(limits.horizon.ns + 1));
      }
      break;
  }
}

/// Where the verb strikes: at its first site, or at another that it has a meaning at.
Site draw_site(Random& random, const VerbInfo& verb) {
  if (random.chance(1, 2)) {
    return verb.first_site;
  }
  Site drawn = verb.first_site;
  std::uint64_t seen = 0;
  for (unsigned site = 1; site <= static_cast<unsigned>(Site::time); ++site) {
    if ((verb.sites >> site & 1) != 0 && random.below(++seen) == 0) {
      drawn = static_cast<Site>(site);
    }
  }
  return drawn;
}

void draw_parameters(Random& random, const DrawLimits& limits, Fault& fault) {
  const auto nsid = random.between(1, limits.namespaces);
  switch (fault.what) {
    case Verb::status:
      fault.value = draw_status(random);
      break;
    case Verb::reorder:
      fault.value = random.below(8);
      break;
    case Verb::power_cut:
    case Verb::surprise_removal:
    case Verb::return_after_removal:
      fault.value = random.next() >> 32;
      break;
    case Verb::namespace_attach:
    case Verb::namespace_detach:
      fault.value = nsid;
      break;
    case Verb::namespace_resize:
      fault.value = nsid;
      fault.value2 = random.between(1, limits.blocks);
      break;
    case Verb::async_event_storm:
      fault.value = random.between(1, 200);
      break;
    case Verb::thermal_throttle:
      fault.value = random.between(2, 32);
      break;
    default:
      break;
  }
}

/// How often and how long: once, a few times, or an episode.
void draw_extent(Random& random, const VerbInfo& verb, Fault& fault) {
  fault.delay = random.chance(1, 2) ? Duration{} : draw_duration(random, nanoseconds(100), seconds(8));
  if (fault.what == Verb::duplicate) {
    // A CID comes round after 16 uses of its slot: a copy that waits for longer is another command's answer, and nobody could tell.
    fault.delay = std::min(fault.delay, microseconds(10));
  }
  const bool is_state = verb.lasts;
  const bool for_ever = fault.what == Verb::all_ones || fault.what == Verb::ready_never || fault.what == Verb::ready_stuck ||
                        fault.what == Verb::shutdown_stuck;
  if (is_state) {
    fault.lasts = for_ever && random.chance(1, 3) ? Duration{} : draw_duration(random, microseconds(1), seconds(30));
  } else if (!verb.of_world && random.chance(1, 4)) {
    fault.lasts = draw_duration(random, microseconds(10), milliseconds(500));
    fault.times = 0;
  } else if (!verb.of_world) {
    fault.times = static_cast<std::uint32_t>(random.between(1, 4));
  }
}

/// Bus mastering matters where a driver gives up on a controller, or has shut it down.
void aim_at_end(Random& random, Fault& fault) {
  constexpr std::array<StateMatch, 3> ends{{{1, 2, {}}, {1, 3, {}}, {2, 3, {}}}};  // recovery: reset, stop_dma; shutdown: notify
  const std::optional<std::uint8_t> drive = fault.when.drive;
  fault.when = {};
  fault.when.site = Site::time;
  fault.when.drive = drive;
  fault.when.state = ends[random.below(ends.size())];
  fault.lasts = draw_duration(random, milliseconds(10), seconds(10));
}

/// An admin command of one row fails, is lost or takes too long, once or a few times; rows without a command see nothing of it.
Fault draw_at_row(std::uint64_t seed, const DrawLimits& limits, std::uint64_t number) {
  constexpr std::array verbs{Verb::status, Verb::status, Verb::drop, Verb::delay};
  Random random(keyed(seed, draw_row, number));
  Fault fault;
  fault.what = verbs[random.below(verbs.size())];
  fault.when.site = Site::command;
  fault.when.drive = static_cast<std::uint8_t>(random.below(limits.drives));
  fault.when.admin = true;
  fault.when.state = StateMatch{0, static_cast<std::uint16_t>(random.below(limits.bring_up_rows)), std::nullopt};
  fault.value = fault.what == Verb::status ? draw_status(random) : 0;
  fault.delay = fault.what == Verb::delay ? draw_duration(random, milliseconds(1), seconds(2)) : Duration{};
  fault.times = static_cast<std::uint32_t>(random.between(1, 6));
  return fault;
}

bool ends_the_drive(Verb verb) {
  return verb == Verb::surprise_removal || verb == Verb::orderly_removal;
}

bool is_used(std::uint64_t seed, const DrawLimits& limits, Verb verb) {
  const std::uint64_t one_in = ends_the_drive(verb) ? ending_verb_in : verb_in;
  return (limits.lies || !is_lie(verb)) && keyed(seed, draw_use, verb) % one_in == 0;
}

Fault draw_one(std::uint64_t seed, const DrawLimits& limits, const VerbInfo& verb, std::uint64_t number) {
  Random random(keyed(seed, draw_fault, verb.verb, number));
  Fault fault;
  fault.what = verb.verb;
  fault.when.site = draw_site(random, verb);
  draw_trigger(random, limits, fault);
  draw_parameters(random, limits, fault);
  draw_extent(random, verb, fault);
  if (fault.what == Verb::bus_master_stuck && random.chance(3, 4)) {
    aim_at_end(random, fault);
  }
  return fault;
}

}  // namespace

bool is_lie(Verb verb) {
  switch (verb) {
    case Verb::wrong_sqhd:
    case Verb::early_phase:
    case Verb::corrupt:
    case Verb::misdirect:
    case Verb::lose:
    case Verb::tear:
    case Verb::lying_flush:
      return true;
    default:
      return false;
  }
}

std::vector<Fault> draw_plan(std::uint64_t seed, const DrawLimits& limits) {
  PHASEBIT_ASSERT(limits.drives > 0 && limits.operations > 0 && limits.blocks > 0 && limits.namespaces > 0);
  PHASEBIT_ASSERT(limits.bring_up_rows > 0 && limits.recovery_rows > 0 && limits.shutdown_rows > 0);
  std::vector<Fault> faults;
  if (keyed(seed, draw_none) % none_in == 0) {
    return faults;
  }
  for (const VerbInfo& verb : verbs()) {
    const std::uint64_t count = is_used(seed, limits, verb.verb) ? 1 + keyed(seed, draw_use, verb.verb, 1) % faults_of_a_verb_max : 0;
    for (std::uint64_t number = 0; number < count; ++number) {
      faults.push_back(draw_one(seed, limits, verb, number));
    }
  }
  for (std::uint64_t number = 0, count = keyed(seed, draw_row) % (faults_at_rows_max + 1); number < count; ++number) {
    faults.push_back(draw_at_row(seed, limits, number));
  }
  return faults;
}

}  // namespace phasebit::sim
