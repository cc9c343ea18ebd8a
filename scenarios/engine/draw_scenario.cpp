#include "scenarios/engine/draw_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/faults/draw_plan.hpp"
#include "src/base/random.hpp"
#include "src/driver/bring_up.hpp"
#include "src/driver/recovery.hpp"
#include "src/driver/shutdown_sequence.hpp"

namespace phasebit::scenarios {
namespace {

/// What the draws are for; each part has its own key, so that a new draw in one leaves the others where they were.
enum Part : std::uint64_t {
  part_drive = 1,
  part_namespaces = 2,
  part_times = 3,
  part_driver = 4,
  part_workloads = 5,
  part_host = 6,
  part_faults = 7,
  part_registers = 8,
  part_queues = 9,
  part_second_drive = 10,
  part_inactive = 11,
  part_interrupts = 12,
  part_controller_memory = 13
};

template <class T, std::size_t N>
T one_of(Random& random, const std::array<T, N>& values) {
  return values[random.below(N)];
}

sim::NamespaceOptions draw_namespace(Random& random, std::uint32_t nsid) {
  constexpr std::array<std::uint64_t, 5> sizes{64, 1'000, 4'096, 1 << 20, 1ull << 40};
  sim::NamespaceOptions space;
  space.nsid = Nsid{nsid};
  space.block_bytes = random.chance(1, 2) ? 512 : 4096;
  space.blocks = one_of(random, sizes);
  space.eui64 = {0x52, 0x54, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(nsid)};
  return space;
}

sim::DriveTimes draw_times(Random& random) {
  sim::DriveTimes times;
  times.enable = Duration{random.between(0, 30'000'000)};
  times.disable = Duration{random.between(0, 5'000'000)};
  times.shutdown = Duration{random.between(0, 50'000'000)};
  times.admin = sim::LatencyTable::usual(Duration{random.between(500, 50'000)});
  times.read = sim::LatencyTable::usual(Duration{random.between(500, 100'000)});
  times.write = sim::LatencyTable::usual(Duration{random.between(500, 40'000)});
  times.flush = sim::LatencyTable::usual(Duration{random.between(500, 400'000)});
  times.other = sim::LatencyTable::usual(Duration{random.between(500, 80'000)});
  return times;
}

/// As firmware, another driver, or a shutdown may have left it.
sim::StateFound draw_found(Random& random) {
  sim::StateFound found;
  found.enabled = random.chance(1, 3);
  found.ready = found.enabled && random.chance(3, 4);
  if (random.chance(1, 8)) {
    found.shutdown = random.chance(1, 2) ? spec::Shst::occurring : spec::Shst::complete;
  }
  found.fatal = found.enabled && random.chance(1, 16);
  return found;
}

/// What drives seldom say otherwise: doorbells far apart, large pages, other command sets, their own time for a shutdown.
void draw_registers(std::uint64_t seed, sim::DriveOptions& drive) {
  constexpr std::array<std::uint32_t, 4> usual{0x01, 0x01, 0x41, 0x40};
  Random random(keyed(seed, part_registers));
  if (random.chance(1, 8)) {
    drive.doorbell_stride_exponent = static_cast<std::uint32_t>(random.between(5, 15));
  }
  drive.page_exponent_min = static_cast<std::uint32_t>(random.chance(3, 4) ? 0 : random.between(1, 2));
  drive.page_exponent_max = static_cast<std::uint32_t>(random.between(drive.page_exponent_min, 6));
  drive.command_sets = random.chance(1, 64) ? 0x80 : one_of(random, usual);
  if (random.chance(1, 2)) {
    drive.shutdown_latency = Duration{random.between(0, 2'000'000) * 1'000};
  }
}

/// Namespaces that exist and are attached only when a fault does it; the first is always there.
void draw_inactive(std::uint64_t seed, sim::DriveOptions& drive) {
  Random random(keyed(seed, part_inactive));
  for (sim::NamespaceOptions& space : drive.namespaces) {
    space.active = space.nsid == Nsid{1} || random.chance(7, 8);
  }
}

/// Some drives have memory of their own. What a few of them say of it makes no sense, and some offer what they then do not take.
void draw_controller_memory(std::uint64_t seed, sim::DriveOptions& drive) {
  constexpr std::array<std::uint32_t, 3> bars{0, 2, 4};
  // Among the doorbells; in a BAR that cannot be, in one that is not there, in one beyond the last; far beyond the end of BAR2.
  constexpr std::array<std::uint32_t, 5> nowhere{0x0, 0x1, 0x5, 0x7, 0xffff'f002};
  Random random(keyed(seed, part_controller_memory));
  if (drive.version < spec::version(1, 4) || !random.chance(1, 4)) {
    return;
  }
  sim::ControllerMemoryOptions& memory = drive.controller_memory;
  memory.bytes = random.between(1, 16) * 4096;
  memory.bar = one_of(random, bars);
  memory.offset = random.below(4) * 4096;
  memory.queues = random.chance(7, 8);
  const auto pages = static_cast<std::uint32_t>(memory.bytes / 4096);
  const spec::Cmbsz offer = spec::Cmbsz{}.with(spec::Cmbsz::sqs, true);
  if (random.chance(1, 6)) {
    memory.location_told = one_of(random, nowhere);
  } else if (random.chance(1, 6)) {
    memory.size_told = offer.with(spec::Cmbsz::sz, pages + 1 + static_cast<std::uint32_t>(random.below(1000))).raw;
  } else if (!memory.queues) {
    memory.size_told = offer.with(spec::Cmbsz::sz, pages).raw;
  }
}

sim::DriveOptions draw_drive(std::uint64_t seed) {
  constexpr std::array versions{spec::version(1, 2), spec::version(1, 3), spec::version(1, 4), spec::version(2, 0), spec::version(2, 0)};
  constexpr std::array<std::uint32_t, 7> queue_sizes{2, 3, 5, 16, 64, 1024, 65536};
  Random random(keyed(seed, part_drive));
  sim::DriveOptions drive;
  drive.version = one_of(random, versions);
  drive.queue_entries_max = one_of(random, queue_sizes);
  drive.contiguous_queues_required = random.chance(3, 4);
  drive.weighted_round_robin = random.chance(1, 2);
  drive.ready_timeout_steps = static_cast<std::uint32_t>(random.between(1, 10));
  drive.doorbell_stride_exponent = static_cast<std::uint32_t>(random.chance(1, 2) ? 0 : random.between(1, 4));
  drive.transfer_exponent_max = static_cast<std::uint8_t>(random.below(7));
  drive.aborts_max = static_cast<std::uint32_t>(random.between(1, 4));
  drive.async_events_max = static_cast<std::uint32_t>(random.between(1, 8));
  drive.volatile_cache = random.chance(3, 4);
  drive.atomic_blocks_power_fail = static_cast<std::uint32_t>(random.between(1, 8));
  drive.optimal_io_boundary_blocks = random.chance(1, 3) ? static_cast<std::uint32_t>(random.between(1, 256)) : 0;
  drive.io_submission_queues = static_cast<std::uint32_t>(random.between(1, 8));
  drive.io_completion_queues = static_cast<std::uint32_t>(random.between(1, 8));
  drive.grants_more_than_asked = random.chance(1, 4);
  drive.found = draw_found(random);
  for (std::uint32_t& steps : drive.retry_delay_steps) {
    steps = static_cast<std::uint32_t>(random.chance(1, 2) ? 0 : random.between(1, 5));
  }
  drive.undefined_seed = random.next();
  Random spaces(keyed(seed, part_namespaces));
  drive.namespaces.clear();
  for (std::uint32_t nsid = 1, count = static_cast<std::uint32_t>(spaces.between(1, 3)); nsid <= count; ++nsid) {
    drive.namespaces.push_back(draw_namespace(spaces, nsid));
  }
  Random times(keyed(seed, part_times));
  drive.times = draw_times(times);
  draw_registers(seed, drive);
  draw_inactive(seed, drive);
  draw_controller_memory(seed, drive);
  if (drive.found.shutdown == spec::Shst::occurring && times.chance(1, 3)) {  // a shutdown that was begun outlasts a driver's patience
    drive.times.shutdown = Duration{times.between(600'000'000, 1'900'000'000)};
    drive.shutdown_latency = seconds(2);
  }
  return drive;
}

/// Deadlines are short, so that recovery is reached in little virtual time; none is shorter than what the drive needs.
driver::Options draw_driver(std::uint64_t seed) {
  constexpr std::array<std::uint32_t, 5> queue_sizes{2, 4, 32, 256, 4096};
  Random random(keyed(seed, part_driver));
  driver::Options options;
  options.admin_queue_entries = static_cast<std::uint32_t>(random.chance(1, 4) ? 2 : random.between(3, 64));
  options.io_queues_max = static_cast<std::uint32_t>(random.between(1, 4));
  options.io_queue_entries = one_of(random, queue_sizes);
  options.command_timeout = Duration{random.between(20'000'000, 500'000'000)};
  options.admin_timeout = Duration{random.between(50'000'000, 500'000'000)};
  options.abort_timeout = Duration{random.between(5'000'000, 100'000'000)};
  options.ready_timeout_floor = milliseconds(100);
  options.shutdown_timeout_floor = milliseconds(500);
  options.removal_grace = milliseconds(200);
  options.retries_max = static_cast<std::uint8_t>(random.below(6));
  options.arbitration = random.chance(1, 4) ? spec::Ams::weighted_round_robin : spec::Ams::round_robin;
  options.command_generations = random.chance(7, 8);
  return options;
}

WorkloadOptions draw_workload(Random& random, const sim::NamespaceOptions& space, std::uint32_t jobs_max) {
  WorkloadOptions work;
  work.nsid = space.nsid.value;
  work.rw = static_cast<Pattern>(random.below(6));
  const std::uint64_t used = std::min<std::uint64_t>(space.blocks, random.chance(1, 2) ? 64 : 4'096);
  const std::uint64_t most = std::min<std::uint64_t>(used, random.chance(3, 4) ? 16 : 300);
  work.bsrange = {space.block_bytes, random.between(1, most) * space.block_bytes};
  work.iodepth = static_cast<std::uint32_t>(random.between(1, 32));
  work.numjobs = static_cast<std::uint32_t>(random.between(1, jobs_max));
  work.rwmixread = static_cast<std::uint32_t>(random.below(101));
  work.rare = random.chance(1, 2) ? static_cast<std::uint32_t>(random.below(40)) : 0;
  work.size = used * space.block_bytes;
  work.offset = random.chance(1, 2) ? 0 : (space.blocks - used) * space.block_bytes;
  work.number_ios = random.between(20, 300);
  work.fsync = random.chance(1, 2) ? 0 : static_cast<std::uint32_t>(random.between(1, 16));
  work.fua = random.chance(1, 2) ? 0 : static_cast<std::uint32_t>(random.below(101));
  work.regions = static_cast<std::uint32_t>(random.chance(1, 2) ? 1 : random.between(2, 8));
  return work;
}

/// Several submission queues for one completion queue where there are enough, and how they are weighed.
void draw_queues(Random& random, const driver::Options& options, WorkloadOptions& work) {
  const std::uint32_t most = std::min(options.io_queues_max / work.numjobs, driver::channel_submission_queues_max);
  work.submission_queues = random.chance(1, 2) ? 1 : static_cast<std::uint32_t>(random.between(1, most));
  work.priority = static_cast<spec::QueuePriority>(random.below(4));
}

void draw_workloads(Scenario& scenario) {
  Random random(keyed(scenario.seed, part_workloads));
  Random queues(keyed(scenario.seed, part_queues));
  for (std::size_t drive = 0; drive < scenario.drives.size(); ++drive) {
    for (const sim::NamespaceOptions& space : scenario.drives[drive].namespaces) {
      scenario.workloads.push_back(draw_workload(random, space, scenario.driver.io_queues_max));
      scenario.workloads.back().drive = static_cast<std::uint8_t>(drive);
      draw_queues(queues, scenario.driver, scenario.workloads.back());
    }
  }
}

std::vector<sim::Fault> draw_faults(const Scenario& scenario) {
  sim::DrawLimits limits;
  limits.io_queues = static_cast<std::uint16_t>(scenario.driver.io_queues_max);
  limits.drives = static_cast<std::uint8_t>(scenario.drives.size());
  limits.namespaces = ~0u;
  limits.blocks = ~0ull;
  for (const sim::DriveOptions& drive : scenario.drives) {
    limits.namespaces = std::min(limits.namespaces, static_cast<std::uint32_t>(drive.namespaces.size()));
    for (const sim::NamespaceOptions& space : drive.namespaces) {
      limits.blocks = std::min(limits.blocks, space.blocks);
    }
  }
  limits.operations = scenario.workloads[0].number_ios;
  limits.bring_up_rows = driver::bring_up_rows;
  limits.recovery_rows = driver::recovery_rows;
  limits.shutdown_rows = driver::shutdown_rows;
  limits.horizon = milliseconds(300);
  return sim::draw_plan(keyed(scenario.seed, part_faults), limits);
}

}  // namespace

Scenario draw_scenario(std::uint64_t seed) {
  Scenario scenario;
  scenario.name = fmt::format("world-{}", seed);
  scenario.about = "A world drawn from its seed.";
  scenario.seed = seed;
  scenario.drives = {draw_drive(seed)};
  if (keyed(seed, part_second_drive) % 8 == 0) {
    scenario.drives.push_back(draw_drive(keyed(seed, part_second_drive)));
  }
  scenario.driver = draw_driver(seed);
  scenario.driver.interrupts = keyed(seed, part_interrupts) % 4 == 0;
  scenario.driver.controller_memory = driver::ControllerMemoryUse::submission_queues;
  draw_workloads(scenario);
  Random host(keyed(seed, part_host));
  scenario.host.interval_max = Duration{host.between(200, 20'000)};
  scenario.phases.faulty = seconds(5);
  scenario.phases.shutdown_abrupt = host.chance(1, 4);
  scenario.faults = draw_faults(scenario);
  // Without generations a second completion answers whoever has the slot by then: such a drive is not for such a driver.
  const auto duplicates = [](const sim::Fault& fault) { return fault.what == sim::Verb::duplicate; };
  scenario.driver.command_generations |= std::any_of(scenario.faults.begin(), scenario.faults.end(), duplicates);
  // Who polls misses no interrupt.
  std::erase_if(scenario.faults,
                [&](const sim::Fault& fault) { return fault.what == sim::Verb::lost_interrupt && !scenario.driver.interrupts; });
  scenario.expect.faults_may_miss = true;
  scenario.expect.anything_may_happen = true;
  return scenario;
}

}  // namespace phasebit::scenarios
