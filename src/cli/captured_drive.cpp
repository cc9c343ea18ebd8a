#include "src/cli/captured_drive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "sim/controller/identify.hpp"
#include "sim/controller/log_pages.hpp"
#include "sim/controller/own_fields.hpp"
#include "sim/controller/smart.hpp"
#include "src/cli/shown.hpp"
#include "src/spec/features.hpp"
#include "src/spec/identify_bits.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint64_t blocks_max = 1ull << 40;

template <class Structure>
auto bytes_of(const Structure& structure) {
  return std::as_bytes(std::span<const Structure, 1>(&structure, 1));
}

/// A field's bytes as one number; of a longer field its first eight.
std::uint64_t number_at(const sim::OwnField& field, std::span<const std::byte> structure) {
  std::uint64_t number = 0;
  for (std::uint32_t i = 0; i < std::min(field.bytes, 8u); ++i) {
    number |= static_cast<std::uint64_t>(structure[field.offset + i] & std::byte{field.mask}) << (8 * i);
  }
  return number;
}

/// Turns what was found into options, structure by structure.
class Likeness {
 public:
  explicit Likeness(const CapturedDrive& drive) : drive_(drive) {}

  EmulatedLike make() {
    take_registers();
    take_identity();
    take_limits();
    take_commands();
    like_.options.raw.identify_controller =
        rest_of("", sim::own_identify_controller(options()), drive_.controller, sim::own_fields_of_identify_controller());
    like_.options.raw.identify_controller_nvm =
        rest_of("", sim::own_identify_controller_nvm(options()), drive_.controller_nvm, sim::own_fields_of_identify_controller_nvm());
    take_namespaces();
    take_features();
    take_logs();
    take_queues();
    take_latencies();
    return std::move(like_);
  }

 private:
  sim::DriveOptions& options() { return like_.options; }
  void tell_difference(std::string text) { like_.differences.push_back(std::move(text)); }

  void take_registers() {
    using spec::Cap;
    using spec::Crto;
    sim::DriveOptions& o = options();
    o.version = spec::version(1, 2);
    for (const spec::Vs known : {spec::version(1, 3), spec::version(1, 4), spec::version(2, 0)}) {
      o.version = drive_.vs >= known ? known : o.version;
    }
    o.queue_entries_max = spec::count_from_zero_based(drive_.cap.get(Cap::mqes));
    o.contiguous_queues_required = drive_.cap.get(Cap::cqr);
    o.weighted_round_robin = drive_.cap.get(Cap::ams_weighted_round_robin);
    o.ready_timeout_steps = drive_.cap.get(Cap::to);
    o.doorbell_stride_exponent = drive_.cap.get(Cap::dstrd);
    o.subsystem_reset = drive_.cap.get(Cap::nssrs);
    o.command_sets = drive_.cap.get(Cap::css);
    o.page_exponent_min = drive_.cap.get(Cap::mpsmin);
    o.page_exponent_max = drive_.cap.get(Cap::mpsmax);
    o.ready_modes = drive_.cap.get(Cap::crms);
    o.ready_with_media_steps = drive_.crto.get(Crto::crwmt);
    o.ready_without_media_steps = drive_.crto.get(Crto::crimt);
    if (const spec::Cap here = sim::capabilities(o); here != drive_.cap) {
      tell_difference(fmt::format("CAP is {:x}h, here {:x}h", drive_.cap.raw, here.raw));
    }
    if (o.version != drive_.vs) {
      tell_difference(fmt::format("VS is {:x}h, here {:x}h", drive_.vs.raw, o.version.raw));
    }
  }

  void take_identity() {
    const spec::IdentifyController& id = drive_.controller;
    sim::DriveOptions& o = options();
    o.serial = shown(id.sn);
    o.model = shown(id.mn);
    o.firmware = shown(id.fr);
    o.vendor_id = drive_.function.vendor_id;
    o.device_id = drive_.function.device_id;
    o.subsystem_vendor_id = drive_.function.subsystem_vendor_id;
    o.subsystem_id = drive_.function.subsystem_id;
    o.ieee_oui = id.ieee[0] | static_cast<std::uint32_t>(id.ieee[1]) << 8 | static_cast<std::uint32_t>(id.ieee[2]) << 16;
  }

  void take_limits() {
    const spec::IdentifyController& id = drive_.controller;
    sim::DriveOptions& o = options();
    o.transfer_exponent_max = id.mdts;
    o.namespaces_max = std::clamp<std::uint32_t>(id.nn, 1, 0xffff'fffe);
    o.aborts_max = id.acl + 1u;
    o.async_events_max = id.aerl + 1u;
    o.error_log_entries = id.elpe + 1u;
    o.power_states = std::min(id.npss + 1u, 32u);
    o.shutdown_latency = microseconds(id.rtd3e);
    o.volatile_cache = spec::Vwc{id.vwc}.get(spec::Vwc::present);
    o.flush_all_namespaces = spec::Vwc{id.vwc}.get(spec::Vwc::flush_all) == spec::FlushAll::supported;
    o.atomic_blocks_power_fail = spec::count_from_zero_based(id.awupf);
    o.optimal_io_boundary_blocks = drive_.namespaces.empty() ? 0 : drive_.namespaces.front().identify.noiob.get();
    o.keep_alive_steps = id.kas;
    for (std::size_t i = 0; i < o.retry_delay_steps.size(); ++i) {
      o.retry_delay_steps[i] = id.crdt[i];
    }
    o.dataset_ranges_max = drive_.controller_nvm.dmrl;
  }

  void take_commands() {
    using spec::Oncs;
    const Oncs has{drive_.controller.oncs};
    options().commands = {has.get(Oncs::compare), has.get(Oncs::write_uncorrectable), has.get(Oncs::dataset_management),
                          has.get(Oncs::write_zeroes), has.get(Oncs::verify)};
    options().save_and_select = has.get(Oncs::save_and_select);
  }

  /// What options cannot say is said by raw bytes, and what those may not say is told.
  template <class Structure>
  std::vector<sim::RawBytes> rest_of(const std::string& whose, const Structure& here, const Structure& there,
                                     std::span<const sim::OwnField> own) {
    for (const sim::OwnField& field : own) {
      if (sim::differs(field, bytes_of(here), bytes_of(there))) {
        tell_difference(fmt::format("{}{} is {:x}h, here {:x}h", whose, field.name, number_at(field, bytes_of(there)),
                                    number_at(field, bytes_of(here))));
      }
    }
    return sim::difference(bytes_of(here), bytes_of(there), own);
  }

  void take_namespaces() {
    options().namespaces.clear();
    for (const CapturedNamespace& space : drive_.namespaces) {
      take_namespace(space);
    }
    if (drive_.has_more_namespaces) {
      tell_difference(fmt::format("there are more than {} namespaces; the others are left out", drive_.namespaces.size()));
    }
  }

  void take_namespace(const CapturedNamespace& space) {
    const spec::IdentifyNamespace& id = space.identify;
    const spec::Flbas flbas{id.flbas};
    const spec::LbaFormat& format = id.lbaf[flbas.get(spec::Flbas::index_low) | flbas.get(spec::Flbas::index_high) << 4];
    const bool usual = (format.lbads == 9 || format.lbads == 12) && format.ms == 0;
    if (!space.of_nvm_command_set || !usual || id.nsze == 0) {
      tell_difference(fmt::format("namespace {} is left out: {}", space.nsid.value,
                                  !space.of_nvm_command_set ? "it is of another command set"
                                  : id.nsze == 0            ? "it has no blocks"
                                                 : fmt::format("its blocks are 2^{} bytes with {} bytes of metadata, not 512 or 4096 bytes",
                                                               format.lbads, format.ms.get())));
      return;
    }
    sim::NamespaceOptions like{space.nsid, std::min<std::uint64_t>(id.nsze, blocks_max), 1u << format.lbads};
    like.nguid = id.nguid;
    like.eui64 = id.eui64;
    like.uuid = space.uuid;
    like.raw = rest_of(fmt::format("namespace {}: ", space.nsid.value), sim::own_identify_namespace(sim::first_state(like), options()), id,
                       sim::own_fields_of_identify_namespace());
    options().namespaces.push_back(std::move(like));
  }

  void take_features() {
    const CapturedFeatures& found = drive_.features;
    sim::FeatureDefaults& features = options().features;
    const auto low16 = [](std::optional<std::uint32_t> value, std::uint16_t otherwise) {
      return value ? static_cast<std::uint16_t>(*value) : otherwise;
    };
    features.arbitration = found.arbitration.value_or(0);
    features.power_management = found.power_management.value_or(0);
    features.temperature_over = low16(found.temperature_over, features.temperature_over);
    features.temperature_under = low16(found.temperature_under, features.temperature_under);
    features.error_recovery = low16(found.error_recovery, 0);
    features.volatile_write_cache = (found.volatile_write_cache.value_or(1) & 1) != 0;
    features.interrupt_coalescing = found.interrupt_coalescing.value_or(0);
    features.write_atomicity_normal = found.write_atomicity_normal.value_or(0);
    if (spec::ErrorRecovery{found.error_recovery.value_or(0)}.get(spec::ErrorRecovery::dulbe)) {
      tell_difference("reads of deallocated blocks are errors (DULBE), here they are not");
    }
    if (spec::PowerManagement{features.power_management}.get(spec::PowerManagement::ps) >= options().power_states) {
      tell_difference(fmt::format("the power state in use is {:x}h, which NPSS does not know; here 0", features.power_management));
      features.power_management = 0;
    }
  }

  void take_logs() {
    sim::DriveOptions& o = options();
    o.error_log = drive_.error_log;
    o.raw.firmware_log = drive_.firmware ? sim::difference(bytes_of(sim::own_firmware_log(o)), bytes_of(*drive_.firmware), {})
                                         : std::vector<sim::RawBytes>{};
    if (!drive_.smart) {
      return tell_difference("SMART / Health Information cannot be read; here it begins as a new drive's");
    }
    const spec::SmartLog& log = *drive_.smart;
    const auto count = [](const spec::Le128& value) { return std::min(value.saturated(), sim::smart_counter_max); };
    o.smart = {.temperature = log.temperature_kelvins(),
               .data_units_read = count(log.data_units_read),
               .data_units_written = count(log.data_units_written),
               .host_read_commands = count(log.host_read_commands),
               .host_write_commands = count(log.host_write_commands),
               .controller_busy_minutes = count(log.controller_busy_time),
               .power_cycles = count(log.power_cycles),
               .power_on_hours = count(log.power_on_hours),
               .unsafe_shutdowns = count(log.unsafe_shutdowns),
               .media_errors = count(log.media_errors),
               .error_log_entries = count(log.error_log_entries)};
    o.raw.smart_log = sim::difference(bytes_of(sim::healthy_smart_log()), bytes_of(log), sim::own_fields_of_smart_log());
  }

  void take_queues() {
    sim::DriveOptions& o = options();
    o.io_submission_queues = std::min(drive_.io_submission_queues, 65535u);
    o.io_completion_queues = std::min(drive_.io_completion_queues, 65535u);
    o.grants_more_than_asked = drive_.grants_more_than_asked;
    if (drive_.interrupt_vectors == 0) {
      tell_difference(fmt::format("there is no MSI-X, here there are {} vectors", o.interrupt_vectors));
    } else {
      o.interrupt_vectors = drive_.interrupt_vectors;
    }
  }

  /// The histogram as quantiles. A thousandth of the reads is the last that a sample of a second tells apart.
  void take_latencies() {
    if (drive_.reads.count() == 0) {
      return tell_difference("no read was measured; here their latency is the default");
    }
    sim::LatencyTable& table = options().times.read;
    const auto bounded = [](Duration latency) { return std::min(latency, seconds(3600)); };
    table.quantiles = {{0, bounded(drive_.reads.min())}};
    for (const std::uint32_t parts : {500'000u, 900'000u, 990'000u, 999'000u, 1'000'000u}) {
      table.quantiles.push_back({parts, bounded(drive_.reads.percentile(parts, 1'000'000))});
    }
  }

  const CapturedDrive& drive_;
  EmulatedLike like_;
};

}  // namespace

EmulatedLike emulated_like(const CapturedDrive& drive) {
  return Likeness(drive).make();
}

}  // namespace phasebit::cli
