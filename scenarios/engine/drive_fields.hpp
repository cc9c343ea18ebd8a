// The keys of a drive in a scenario file. They are the members of sim::DriveOptions, so that its own complaints name them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/hex.hpp"
#include "scenarios/engine/reader.hpp"
#include "sim/controller/drive_options.hpp"

namespace phasebit::sim {

inline constexpr scenarios::Named<spec::Vs> version_names[] = {
    {"1.2", spec::version(1, 2)}, {"1.3", spec::version(1, 3)}, {"1.4", spec::version(1, 4)}, {"2.0", spec::version(2, 0)}};

inline constexpr scenarios::Named<spec::Shst> shutdown_state_names[] = {
    {"normal_operation", spec::Shst::normal_operation}, {"occurring", spec::Shst::occurring}, {"complete", spec::Shst::complete}};

// Found by the archives through their arguments.

template <class Archive>
void fields(Archive& archive, LatencyQuantile& quantile) {
  archive.must("parts_per_million", quantile.parts_per_million, scenarios::Whole{0, 1'000'000}, "so many of a million commands");
  archive.must("at_most", quantile.at_most, scenarios::Time{}, "take at most so long");
}

/// A table is written as one of `fixed`, `usual` or its quantiles.
template <class Archive>
void fields(Archive& archive, LatencyTable& table) {
  std::optional<Duration> fixed, usual;
  std::vector<LatencyQuantile> quantiles;
  const auto same = [&](const LatencyTable& other) {
    return table.quantiles.size() == other.quantiles.size() &&
           std::equal(table.quantiles.begin(), table.quantiles.end(), other.quantiles.begin(),
                      [](const auto& a, const auto& b) { return a.parts_per_million == b.parts_per_million && a.at_most == b.at_most; });
  };
  if (!Archive::reads && !table.quantiles.empty()) {
    const Duration first = table.quantiles[0].at_most;
    const Duration median = table.quantiles.size() > 1 ? table.quantiles[1].at_most : first;
    fixed = same(LatencyTable::fixed(first)) ? std::optional(first) : std::nullopt;
    usual = !fixed && same(LatencyTable::usual(median)) ? std::optional(median) : std::nullopt;
    quantiles = fixed || usual ? quantiles : table.quantiles;
  }
  archive.field("fixed", fixed, scenarios::Time{}, "always the same time");
  archive.field("usual", usual, scenarios::Time{}, "the median of a distribution with a tail of ten times as long");
  archive.list("quantiles", quantiles, scenarios::Counts{2, 64}, "points of the distribution, ascending, from 0 to 1000000 parts");
  if (Archive::reads) {
    table = fixed ? LatencyTable::fixed(*fixed) : usual ? LatencyTable::usual(*usual) : quantiles.empty() ? table : LatencyTable{quantiles};
  }
}

template <class Archive>
void fields(Archive& archive, DriveTimes& times) {
  archive.field("enable", times.enable, scenarios::Time{}, "from CC.EN = 1 to CSTS.RDY = 1");
  archive.field("media_ready", times.media_ready, scenarios::Time{}, "from CSTS.RDY = 1 to commands on media");
  archive.field("disable", times.disable, scenarios::Time{}, "from CC.EN = 0 to CSTS.RDY = 0");
  archive.field("shutdown", times.shutdown, scenarios::Time{}, "from CC.SHN to CSTS.SHST = 10b");
  archive.field("fetch", times.fetch, scenarios::Time{}, "between two fetches of submission queue entries");
  archive.section("admin", times.admin, "latency of admin commands");
  archive.section("read", times.read, "latency of reads");
  archive.section("write", times.write, "latency of writes");
  archive.section("flush", times.flush, "latency of flushes");
  archive.section("other", times.other, "latency of all other I/O commands");
}

template <class Archive>
void fields(Archive& archive, RawBytes& raw) {
  archive.must("offset", raw.offset, scenarios::Whole{0, 4095}, "of the first byte");
  archive.must("bytes", raw.bytes, scenarios::HexBytes{raw_stretch_bytes_max}, "that are answered from there on");
}

inline constexpr scenarios::Counts raw_counts{0, 512};

/// A namespace of a list, or many that are alike.
struct NamespaceEntry {
  NamespaceOptions space;
  std::optional<std::uint32_t> copies;
  std::optional<std::uint32_t> apart;
};

template <class Archive>
void fields(Archive& archive, NamespaceEntry& entry) {
  NamespaceOptions& space = entry.space;
  archive.field("nsid", space.nsid, scenarios::Whole{1, 0xffff'fffe});
  archive.field("blocks", space.blocks, scenarios::Size{1, 1ull << 40}, "logical blocks; 1m is 1048576");
  archive.field("block_bytes", space.block_bytes, scenarios::Size{512, 4096}, "512 or 4096");
  archive.field("active", space.active, scenarios::Truth{}, "attached at first power-on");
  archive.field("copies", entry.copies, scenarios::Whole{1, 4096}, "so many namespaces like this one");
  archive.field("apart", entry.apart, scenarios::Whole{1, 65536}, "their NSIDs are so far from each other");
  archive.field("nguid", space.nguid, scenarios::Hex<16>{});
  archive.field("eui64", space.eui64, scenarios::Hex<8>{});
  archive.field("uuid", space.uuid, scenarios::Hex<16>{});
  archive.list("raw", space.raw, raw_counts, "laid over Identify Namespace");
}

/// The list with each of the copies as an entry of its own.
std::vector<NamespaceOptions> spread(const std::vector<NamespaceEntry>& entries);

template <class Archive>
void fields(Archive& archive, RawStructures& raw) {
  archive.list("identify_controller", raw.identify_controller, raw_counts);
  archive.list("identify_controller_nvm", raw.identify_controller_nvm, raw_counts, "CNS 06h of the NVM command set");
  archive.list("smart_log", raw.smart_log, raw_counts);
  archive.list("firmware_log", raw.firmware_log, raw_counts);
}

template <class Archive>
void fields(Archive& archive, FeatureDefaults& features) {
  using scenarios::Whole;
  archive.field("arbitration", features.arbitration, Whole{0, 0xffff'ffff}, "dword 11");
  archive.field("power_management", features.power_management, Whole{0, 0xffff'ffff}, "dword 11");
  archive.field("temperature_over", features.temperature_over, Whole{0, 0xffff}, "kelvins");
  archive.field("temperature_under", features.temperature_under, Whole{0, 0xffff}, "kelvins");
  archive.field("error_recovery", features.error_recovery, Whole{0, 0xffff}, "TLER, 100 ms each");
  archive.field("volatile_write_cache", features.volatile_write_cache, scenarios::Truth{}, "WCE");
  archive.field("interrupt_coalescing", features.interrupt_coalescing, Whole{0, 0xffff'ffff}, "dword 11");
  archive.field("write_atomicity_normal", features.write_atomicity_normal, Whole{0, 0xffff'ffff}, "dword 11");
}

template <class Archive>
void fields(Archive& archive, SmartStart& smart) {
  using scenarios::Whole;
  archive.field("temperature", smart.temperature, Whole{0, 65535}, "kelvins");
  archive.field("data_units_read", smart.data_units_read, Whole{0, smart_counter_max}, "512000 bytes each");
  archive.field("data_units_written", smart.data_units_written, Whole{0, smart_counter_max}, "512000 bytes each");
  archive.field("host_read_commands", smart.host_read_commands, Whole{0, smart_counter_max});
  archive.field("host_write_commands", smart.host_write_commands, Whole{0, smart_counter_max});
  archive.field("controller_busy_minutes", smart.controller_busy_minutes, Whole{0, smart_counter_max});
  archive.field("power_cycles", smart.power_cycles, Whole{0, smart_counter_max}, "the one that the run begins with included");
  archive.field("power_on_hours", smart.power_on_hours, Whole{0, smart_counter_max});
  archive.field("unsafe_shutdowns", smart.unsafe_shutdowns, Whole{0, smart_counter_max});
  archive.field("media_errors", smart.media_errors, Whole{0, smart_counter_max});
  archive.field("error_log_entries", smart.error_log_entries, Whole{0, smart_counter_max}, "ever made");
}

template <class Archive>
void fields(Archive& archive, StateFound& found) {
  archive.field("enabled", found.enabled, scenarios::Truth{}, "CC.EN");
  archive.field("ready", found.ready, scenarios::Truth{}, "CSTS.RDY");
  archive.field("fatal", found.fatal, scenarios::Truth{}, "CSTS.CFS");
  archive.field("shutdown", found.shutdown, scenarios::Choice<spec::Shst>{shutdown_state_names}, "CSTS.SHST");
}

template <class Archive>
void fields(Archive& archive, ControllerMemoryOptions& memory) {
  using scenarios::Size;
  using scenarios::Truth;
  using scenarios::Whole;
  archive.field("bytes", memory.bytes, Size{0, controller_memory_bytes_max}, "whole pages of 4 KiB; 0: the drive has none");
  archive.field("bar", memory.bar, Whole{0, 4}, "CMBLOC.BIR: 0, 2 or 4");
  archive.field("offset", memory.offset, Size{0, controller_memory_bytes_max}, "in that BAR, behind the doorbells if it is BAR0");
  archive.field("queues", memory.queues, Truth{}, "CMBSZ.SQS: submission queues may lie there");
  archive.field("lists", memory.lists, Truth{}, "CMBSZ.LISTS");
  archive.field("data_of_reads", memory.data_of_reads, Truth{}, "CMBSZ.RDS");
  archive.field("data_of_writes", memory.data_of_writes, Truth{}, "CMBSZ.WDS");
  archive.field("refuses_addresses", memory.refuses_addresses, Truth{}, "CMBSTS.CBAI wherever the host puts it");
  archive.field("location_told", memory.location_told, Whole{0, 0xffff'ffff}, "CMBLOC in place of the truth");
  archive.field("size_told", memory.size_told, Whole{0, 0xffff'ffff}, "CMBSZ in place of the truth");
}

template <class Archive>
void fields(Archive& archive, OptionalCommands& commands) {
  archive.field("compare", commands.compare, scenarios::Truth{});
  archive.field("write_uncorrectable", commands.write_uncorrectable, scenarios::Truth{});
  archive.field("dataset_management", commands.dataset_management, scenarios::Truth{});
  archive.field("write_zeroes", commands.write_zeroes, scenarios::Truth{});
  archive.field("verify", commands.verify, scenarios::Truth{});
}

template <class Archive>
void register_fields(Archive& archive, DriveOptions& drive) {
  using scenarios::Truth;
  using scenarios::Whole;
  archive.field("version", drive.version, scenarios::Choice<spec::Vs>{version_names}, "VS");
  archive.field("queue_entries_max", drive.queue_entries_max, Whole{1, 65536}, "CAP.MQES as a count");
  archive.field("contiguous_queues_required", drive.contiguous_queues_required, Truth{}, "CAP.CQR");
  archive.field("weighted_round_robin", drive.weighted_round_robin, Truth{}, "CAP.AMS");
  archive.field("ready_timeout_steps", drive.ready_timeout_steps, Whole{0, 255}, "CAP.TO, 500 ms each");
  archive.field("doorbell_stride_exponent", drive.doorbell_stride_exponent, Whole{0, 15}, "CAP.DSTRD");
  archive.field("subsystem_reset", drive.subsystem_reset, Truth{}, "CAP.NSSRS");
  archive.field("command_sets", drive.command_sets, Whole{0, 255}, "CAP.CSS");
  archive.field("page_exponent_min", drive.page_exponent_min, Whole{0, 15}, "CAP.MPSMIN");
  archive.field("page_exponent_max", drive.page_exponent_max, Whole{0, 15}, "CAP.MPSMAX");
  archive.field("ready_modes", drive.ready_modes, Whole{0, 3}, "CAP.CRMS");
  archive.field("ready_with_media_steps", drive.ready_with_media_steps, Whole{0, 65535}, "CRTO.CRWMT, 500 ms each");
  archive.field("ready_without_media_steps", drive.ready_without_media_steps, Whole{0, 65535}, "CRTO.CRIMT, 500 ms each");
  archive.section("found", drive.found, "what a host finds in CC and CSTS when it first looks");
  archive.section("controller_memory", drive.controller_memory, "the controller memory buffer, from VS 1.4 on (CAP.CMBS)");
}

template <class Archive>
void identify_fields(Archive& archive, DriveOptions& drive) {
  using scenarios::Text;
  using scenarios::Truth;
  using scenarios::Whole;
  archive.field("serial", drive.serial, Text{0, 20}, "SN");
  archive.field("model", drive.model, Text{0, 40}, "MN");
  archive.field("firmware", drive.firmware, Text{0, 8}, "FR");
  archive.field("vendor_id", drive.vendor_id, Whole{0, 0xffff}, "VID");
  archive.field("device_id", drive.device_id, Whole{0, 0xffff}, "of PCI");
  archive.field("subsystem_vendor_id", drive.subsystem_vendor_id, Whole{0, 0xffff}, "SSVID");
  archive.field("subsystem_id", drive.subsystem_id, Whole{0, 0xffff}, "of PCI");
  archive.field("ieee_oui", drive.ieee_oui, Whole{0, 0xff'ffff}, "IEEE");
  archive.field("transfer_exponent_max", drive.transfer_exponent_max, Whole{0, 255}, "MDTS");
  archive.field("namespaces_max", drive.namespaces_max, Whole{1, 0xffff'fffe}, "NN");
  archive.field("aborts_max", drive.aborts_max, Whole{1, 256}, "ACL as a count");
  archive.field("async_events_max", drive.async_events_max, Whole{1, 256}, "AERL as a count");
  archive.field("error_log_entries", drive.error_log_entries, Whole{1, 256}, "ELPE as a count");
  archive.field("power_states", drive.power_states, Whole{1, 32}, "NPSS as a count");
  archive.field("shutdown_latency", drive.shutdown_latency, scenarios::Time{}, "RTD3E");
  archive.field("volatile_cache", drive.volatile_cache, Truth{}, "VWC");
  archive.field("flush_all_namespaces", drive.flush_all_namespaces, Truth{}, "VWC bits 2:1");
  archive.field("atomic_blocks_power_fail", drive.atomic_blocks_power_fail, Whole{1, 65536}, "AWUPF as a count");
  archive.field("optimal_io_boundary_blocks", drive.optimal_io_boundary_blocks, Whole{0, 65535}, "NOIOB");
  archive.field("keep_alive_steps", drive.keep_alive_steps, Whole{0, 65535}, "KAS, 100 ms each");
  archive.field("retry_delay_steps_1", drive.retry_delay_steps[0], Whole{0, 65535}, "CRDT1, 100 ms each");
  archive.field("retry_delay_steps_2", drive.retry_delay_steps[1], Whole{0, 65535}, "CRDT2, 100 ms each");
  archive.field("retry_delay_steps_3", drive.retry_delay_steps[2], Whole{0, 65535}, "CRDT3, 100 ms each");
  archive.section("commands", drive.commands, "optional commands (ONCS)");
  archive.field("save_and_select", drive.save_and_select, Truth{}, "ONCS bit 4");
  archive.field("dataset_ranges_max", drive.dataset_ranges_max, Whole{0, 255}, "DMRL; 0 is no limit");
}

template <class Archive>
void fields(Archive& archive, DriveOptions& drive) {
  using scenarios::Whole;
  register_fields(archive, drive);
  identify_fields(archive, drive);
  std::vector<NamespaceEntry> spaces;
  for (const NamespaceOptions& space : drive.namespaces) {
    spaces.push_back({space, {}, {}});
  }
  archive.list("namespaces", spaces, scenarios::Counts{0, 4096});
  drive.namespaces = Archive::reads ? spread(spaces) : drive.namespaces;
  archive.section("features", drive.features, "what Get Features says after a reset");
  archive.section("smart", drive.smart, "what SMART says when the run begins");
  archive.words("error_log", drive.error_log, scenarios::Hex<sizeof(spec::ErrorLogEntry)>{}, scenarios::Counts{0, 256},
                "Error Information, newest first");
  archive.section("raw", drive.raw, "bytes of another drive, laid over what this one answers");
  archive.field("io_submission_queues", drive.io_submission_queues, Whole{1, 65535}, "that the drive has");
  archive.field("io_completion_queues", drive.io_completion_queues, Whole{1, 65535}, "that the drive has");
  archive.field("grants_more_than_asked", drive.grants_more_than_asked, scenarios::Truth{}, "answers Set Features with all that it has");
  archive.field("interrupt_vectors", drive.interrupt_vectors, Whole{1, 2048}, "of MSI-X");
  archive.field("commands_in_flight_max", drive.commands_in_flight_max, Whole{1, 65536}, "fetched and not yet completed");
  archive.section("times", drive.times, "how long things take");
  archive.field("undefined_seed", drive.undefined_seed, Whole{}, "chooses what happens where the specification leaves it open");
}

}  // namespace phasebit::sim
