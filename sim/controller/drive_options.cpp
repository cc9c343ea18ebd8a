#include "sim/controller/drive_options.hpp"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <string_view>

#include "sim/controller/raw_check.hpp"
#include "src/spec/features.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {
namespace {

constexpr std::uint64_t namespace_blocks_max = 1ull << 40;

std::string refuse(std::string_view field, std::uint64_t value, std::string_view right) {
  return std::string(field) + " is " + std::to_string(value) + ": " + std::string(right);
}

struct Limit {
  std::string_view field;
  std::uint64_t value;
  std::uint64_t low;
  std::uint64_t high;
};

std::string first_beyond(std::initializer_list<Limit> limits) {
  const auto beyond = std::find_if(limits.begin(), limits.end(), [](const Limit& l) { return l.value < l.low || l.value > l.high; });
  return beyond == limits.end() ? ""
                                : refuse(beyond->field, beyond->value, std::to_string(beyond->low) + " to " + std::to_string(beyond->high));
}

std::string check_registers(const DriveOptions& o) {
  const auto known = {spec::version(1, 2), spec::version(1, 3), spec::version(1, 4), spec::version(2, 0)};
  if (std::find(known.begin(), known.end(), o.version) == known.end()) {
    return refuse("version", o.version.raw, "1.2, 1.3, 1.4 or 2.0");
  }
  return first_beyond({{"queue_entries_max", o.queue_entries_max, 1, 65536},
                       {"ready_timeout_steps", o.ready_timeout_steps, 0, 255},
                       {"doorbell_stride_exponent", o.doorbell_stride_exponent, 0, 15},
                       {"command_sets", o.command_sets, 0, 255},
                       {"page_exponent_min", o.page_exponent_min, 0, 15},
                       {"page_exponent_max", o.page_exponent_max, 0, 15},
                       {"ready_modes", o.ready_modes, 0, 3},
                       {"ready_with_media_steps", o.ready_with_media_steps, 0, 65535},
                       {"ready_without_media_steps", o.ready_without_media_steps, 0, 65535}});
}

std::string check_controller_memory(const DriveOptions& o) {
  constexpr std::uint64_t page = 4096;
  const ControllerMemoryOptions& memory = o.controller_memory;
  if (memory.bytes == 0) {
    return "";
  }
  if (o.version < spec::version(1, 4)) {
    return refuse("controller_memory.bytes", memory.bytes, "0 before version 1.4");
  }
  if (memory.bytes % page != 0 || memory.bytes > controller_memory_bytes_max) {
    return refuse("controller_memory.bytes", memory.bytes, "whole pages of 4096, at most 16 MiB");
  }
  if (memory.bar != 0 && memory.bar != 2 && memory.bar != 4) {
    return refuse("controller_memory.bar", memory.bar, "0, 2 or 4");
  }
  if (memory.offset % page != 0 || memory.offset > controller_memory_bytes_max) {
    return refuse("controller_memory.offset", memory.offset, "whole pages of 4096, at most 16 MiB");
  }
  constexpr std::uint64_t pages_max = 0xf'ffff;  // CMBLOC.OFST
  const bool fits = controller_memory_place(o).offset / page <= pages_max;
  return fits ? "" : refuse("controller_memory.bar", memory.bar, "2 or 4 where the doorbells take so much of BAR0");
}

std::string check_identify(const DriveOptions& o) {
  return first_beyond({{"length of serial", o.serial.size(), 0, 20},
                       {"length of model", o.model.size(), 0, 40},
                       {"length of firmware", o.firmware.size(), 0, 8},
                       {"ieee_oui", o.ieee_oui, 0, 0xff'ffff},
                       {"namespaces_max", o.namespaces_max, 1, 0xffff'fffe},
                       {"aborts_max", o.aborts_max, 1, 256},
                       {"async_events_max", o.async_events_max, 1, 256},
                       {"error_log_entries", o.error_log_entries, 1, 256},
                       {"power_states", o.power_states, 1, 32},
                       {"shutdown_latency", o.shutdown_latency.ns, 0, 0xffff'ffffull * 1000},
                       {"atomic_blocks_power_fail", o.atomic_blocks_power_fail, 1, 65536},
                       {"optimal_io_boundary_blocks", o.optimal_io_boundary_blocks, 0, 65535},
                       {"keep_alive_steps", o.keep_alive_steps, 0, 65535},
                       {"retry_delay_steps[0]", o.retry_delay_steps[0], 0, 65535},
                       {"retry_delay_steps[1]", o.retry_delay_steps[1], 0, 65535},
                       {"retry_delay_steps[2]", o.retry_delay_steps[2], 0, 65535},
                       {"dataset_ranges_max", o.dataset_ranges_max, 0, 255},
                       {"io_submission_queues", o.io_submission_queues, 1, 65535},
                       {"io_completion_queues", o.io_completion_queues, 1, 65535},
                       {"interrupt_vectors", o.interrupt_vectors, 1, 2048},
                       {"commands_in_flight_max", o.commands_in_flight_max, 1, 65536}});
}

std::string check_logs(const DriveOptions& o) {
  const std::uint32_t power_state = spec::PowerManagement{o.features.power_management}.get(spec::PowerManagement::ps);
  if (power_state >= o.power_states) {
    return refuse("features.power_management", o.features.power_management, "a power state below power_states");
  }
  if (o.error_log.size() > o.error_log_entries) {
    return refuse("length of error_log", o.error_log.size(), "at most error_log_entries");
  }
  return first_beyond({{"smart.data_units_read", o.smart.data_units_read, 0, smart_counter_max},
                       {"smart.data_units_written", o.smart.data_units_written, 0, smart_counter_max},
                       {"smart.host_read_commands", o.smart.host_read_commands, 0, smart_counter_max},
                       {"smart.host_write_commands", o.smart.host_write_commands, 0, smart_counter_max},
                       {"smart.controller_busy_minutes", o.smart.controller_busy_minutes, 0, smart_counter_max},
                       {"smart.power_cycles", o.smart.power_cycles, 0, smart_counter_max},
                       {"smart.power_on_hours", o.smart.power_on_hours, 0, smart_counter_max},
                       {"smart.unsafe_shutdowns", o.smart.unsafe_shutdowns, 0, smart_counter_max},
                       {"smart.media_errors", o.smart.media_errors, 0, smart_counter_max},
                       {"smart.error_log_entries", o.smart.error_log_entries, 0, smart_counter_max}});
}

std::string check_namespace(const DriveOptions& o, std::size_t index) {
  const NamespaceOptions& ns = o.namespaces[index];
  const std::string field = "namespaces[" + std::to_string(index) + "]";
  if (ns.nsid.value == 0 || ns.nsid.value > o.namespaces_max) {
    return refuse(field + ".nsid", ns.nsid.value, "1 to namespaces_max");
  }
  if (ns.blocks == 0 || ns.blocks > namespace_blocks_max) {
    return refuse(field + ".blocks", ns.blocks, "1 to 2^40");
  }
  if (ns.block_bytes != 512 && ns.block_bytes != 4096) {
    return refuse(field + ".block_bytes", ns.block_bytes, "512 or 4096");
  }
  const bool ascending = index == 0 || o.namespaces[index - 1].nsid < ns.nsid;
  return ascending ? "" : refuse(field + ".nsid", ns.nsid.value, "greater than the one before");
}

std::string check_namespaces(const DriveOptions& o) {
  std::string text;
  for (std::size_t i = 0; i < o.namespaces.size() && text.empty(); ++i) {
    text = check_namespace(o, i);
  }
  return text;
}

std::string check_times(const DriveTimes& times) {
  const std::initializer_list<std::pair<std::string_view, const LatencyTable*>> tables = {
      {"times.admin", &times.admin}, {"times.read", &times.read},   {"times.write", &times.write},
      {"times.flush", &times.flush}, {"times.other", &times.other},
  };
  for (const auto& [field, table] : tables) {
    if (const std::string text = validate(*table); !text.empty()) {
      return std::string(field) + ": a latency table " + text;
    }
  }
  const std::uint64_t day = seconds(86'400).ns;
  return first_beyond({{"times.enable", times.enable.ns, 0, day},
                       {"times.media_ready", times.media_ready.ns, 0, day},
                       {"times.disable", times.disable.ns, 0, day},
                       {"times.shutdown", times.shutdown.ns, 0, day},
                       {"times.fetch", times.fetch.ns, 1, seconds(1).ns}});
}

}  // namespace

std::string validate(const DriveOptions& options) {
  for (const auto check : {check_registers, check_controller_memory, check_identify, check_namespaces, check_logs, check_raw}) {
    if (std::string text = check(options); !text.empty()) {
      return text;
    }
  }
  return check_times(options.times);
}

spec::Cap capabilities(const DriveOptions& o) {
  using spec::Cap;
  const bool knows_ready_modes = o.version >= spec::version(2, 0);
  return Cap{}
      .with(Cap::mqes, spec::zero_based16(o.queue_entries_max))
      .with(Cap::cqr, o.contiguous_queues_required)
      .with(Cap::ams_weighted_round_robin, o.weighted_round_robin)
      .with(Cap::to, o.ready_timeout_steps)
      .with(Cap::dstrd, o.doorbell_stride_exponent)
      .with(Cap::nssrs, o.subsystem_reset)
      .with(Cap::css, o.command_sets)
      .with(Cap::mpsmin, o.page_exponent_min)
      .with(Cap::mpsmax, o.page_exponent_max)
      .with(Cap::cmbs, o.controller_memory.bytes != 0)
      .with(Cap::crms, knows_ready_modes ? o.ready_modes : 0);
}

BarRange controller_memory_place(const DriveOptions& options) {
  const ControllerMemoryOptions& memory = options.controller_memory;
  const std::uint64_t first = memory.bar == 0 ? bar_bytes_min(options) : 0;
  return memory.bytes == 0 ? BarRange{} : BarRange{memory.bar, first + memory.offset, memory.bytes};
}

spec::Cmbloc controller_memory_location(const DriveOptions& options) {
  using spec::Cmbloc;
  const BarRange place = controller_memory_place(options);
  const Cmbloc truth = Cmbloc{}
                           .with(Cmbloc::bir, place.bar)
                           .with(Cmbloc::cdpmls, true)
                           .with(Cmbloc::cdpcils, true)
                           .with(Cmbloc::ofst, static_cast<std::uint32_t>(place.offset / spec::cmb_unit_bytes(spec::Cmbsz{})));
  return spec::Cmbloc{options.controller_memory.location_told.value_or(truth.raw)};
}

spec::Cmbsz controller_memory_size(const DriveOptions& options) {
  using spec::Cmbsz;
  const ControllerMemoryOptions& memory = options.controller_memory;
  const Cmbsz truth = Cmbsz{}
                          .with(Cmbsz::sqs, memory.queues)
                          .with(Cmbsz::lists, memory.lists)
                          .with(Cmbsz::rds, memory.data_of_reads)
                          .with(Cmbsz::wds, memory.data_of_writes)
                          .with(Cmbsz::sz, static_cast<std::uint32_t>(memory.bytes / spec::cmb_unit_bytes(Cmbsz{})));
  return Cmbsz{memory.size_told.value_or(truth.raw)};
}

std::uint64_t bar_bytes_min(const DriveOptions& options) {
  const std::uint32_t queues = std::max(options.io_submission_queues, options.io_completion_queues);
  const Qid last{static_cast<std::uint16_t>(queues)};
  const std::uint64_t stride = spec::doorbell_stride_bytes(capabilities(options));
  return std::bit_ceil(spec::doorbell_offset(capabilities(options), last, spec::DoorbellKind::completion_head) + stride);
}

}  // namespace phasebit::sim
