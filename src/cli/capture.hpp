// Capture: attach, read everything that tells one drive from another, measure a second of reads, detach. The same code for every bus.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "src/cli/captured_drive.hpp"
#include "src/cli/perf.hpp"
#include "src/cli/session.hpp"
#include "src/cli/usable_namespace.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::cli {

/// Asks an attached drive. Nothing is written, and nothing changes but the number of queues that the drive grants until its next reset.
template <class S, Clock C>
class DriveReader {
 public:
  /// `page` is 4096 bytes that the drive can reach.
  DriveReader(S& session, C& clock, const PciFunction& function, const DmaRegion& page) : session_(session), clock_(clock), page_(page) {
    drive_.function = function;
  }

  /// Logs come first: what a drive refuses later on is an error that it counts.
  Result<CapturedDrive> read() {
    read_registers();
    if (!take(spec::Identify{}.sqe(), drive_.controller)) {
      return fail(Errc::device_failed);
    }
    read_logs();
    if (drive_.vs >= spec::version(2, 0) || drive_.cap.get(spec::Cap::css_command_sets)) {
      (void)take(spec::Identify{.cns = spec::Cns::controller_of_command_set}.sqe(), drive_.controller_nvm);
    }
    if (const Result<void> read = read_namespaces(); !read) {
      return fail(read.error());
    }
    read_features();
    read_queues();
    measure();
    return session_.is_over() ? Result<CapturedDrive>(fail(Errc::device_gone)) : std::move(drive_);
  }

 private:
  void read_registers() {
    auto& backend = session_.backend();
    drive_.cap = spec::Cap{backend.read64(spec::offset::cap)};
    drive_.vs = spec::Vs{backend.read32(spec::offset::vs)};
    drive_.crto = spec::Crto{drive_.vs >= spec::version(2, 0) ? backend.read32(spec::offset::crto) : 0};
    drive_.interrupt_vectors = msix_vectors(backend);
  }

  /// Walks the list of capabilities, which has to end: there is room for so many of four bytes.
  template <class BackendType>
  static std::uint32_t msix_vectors(BackendType& backend) {
    namespace pci = spec::pci;
    std::uint32_t at = backend.config_read32(pci::config::capabilities_pointer) & 0xfc;
    for (std::uint32_t i = 0; i < pci::config_bytes / 4 && at >= pci::config::header_bytes; ++i) {
      const std::uint32_t header = backend.config_read32(at);
      if ((header & 0xff) == static_cast<std::uint32_t>(pci::CapabilityId::msix)) {
        return pci::msix_vectors(pci::MsixControl{static_cast<std::uint16_t>(header >> 16)});
      }
      at = header >> 8 & 0xfc;
    }
    return 0;
  }

  void read_logs() {
    const auto page = [](spec::Lid lid, std::uint64_t bytes) {
      return spec::GetLogPage{.lid = lid, .bytes = bytes, .retain_asynchronous_event = true}.sqe();
    };
    if (spec::SmartLog log; take(page(spec::Lid::smart, sizeof log), log)) {
      drive_.smart = log;
    }
    if (spec::FirmwareSlotLog log; take(page(spec::Lid::firmware_slots, sizeof log), log)) {
      drive_.firmware = log;
    }
    // A page's worth: a longer log needs offsets, which not every drive knows.
    std::vector<spec::ErrorLogEntry> entries(
        std::min<std::size_t>(drive_.controller.elpe + 1u, spec::identify_bytes / sizeof(spec::ErrorLogEntry)));
    if (!ask(page(spec::Lid::error_information, entries.size() * sizeof(spec::ErrorLogEntry)),
             page_.slice(0, entries.size() * sizeof(spec::ErrorLogEntry)))) {
      return;
    }
    std::memcpy(entries.data(), page_.data, entries.size() * sizeof(spec::ErrorLogEntry));
    const auto end = std::ranges::find_if(entries, [](const spec::ErrorLogEntry& entry) { return entry.error_count == 0; });
    std::for_each(entries.begin(), end,
                  [&](const spec::ErrorLogEntry& entry) { std::memcpy(&drive_.error_log.emplace_back(), &entry, sizeof entry); });
  }

  Result<void> read_namespaces() {
    const auto known = session_.driver().namespaces();
    const std::vector<driver::Namespace> spaces(known.begin(), known.end());
    for (const driver::Namespace& space : spaces) {
      CapturedNamespace& captured = drive_.namespaces.emplace_back();
      captured.nsid = space.nsid;
      captured.of_nvm_command_set = space.blocks != 0;
      captured.uuid = space.uuid;
      if (!take(spec::Identify{.cns = spec::Cns::identify_namespace, .nsid = space.nsid}.sqe(), captured.identify)) {
        return fail(Errc::device_failed);
      }
    }
    drive_.has_more_namespaces = session_.driver().wants_rescan();
    return {};
  }

  void read_features() {
    using spec::Fid;
    using spec::TemperatureThreshold;
    const Nsid nsid = drive_.namespaces.empty() ? nsid_none : drive_.namespaces.front().nsid;
    CapturedFeatures& features = drive_.features;
    features.arbitration = feature(Fid::arbitration);
    features.power_management = feature(Fid::power_management);
    features.temperature_over = feature(Fid::temperature_threshold);
    features.temperature_under = feature(Fid::temperature_threshold, TemperatureThreshold{}.with(TemperatureThreshold::thsel, 1).raw);
    features.error_recovery = feature(Fid::error_recovery, 0, nsid);
    features.volatile_write_cache = feature(Fid::volatile_write_cache);
    features.interrupt_coalescing = feature(Fid::interrupt_coalescing);
    features.write_atomicity_normal = feature(Fid::write_atomicity_normal);
  }

  /// A drive that has granted more than the driver asked for has said what it has; another one is asked for all.
  void read_queues() {
    const std::uint32_t asked = driver::Options{}.io_queues_max;
    spec::NumberOfQueues granted = spec::number_of_queues(asked, asked);
    if (const auto current = feature(spec::Fid::number_of_queues)) {
      granted = spec::NumberOfQueues{*current};
    }
    drive_.grants_more_than_asked = spec::submission_queues(granted) > asked || spec::completion_queues(granted) > asked;
    if (!drive_.grants_more_than_asked) {
      const spec::SetFeatures all{.fid = spec::Fid::number_of_queues, .value = spec::number_of_queues(65535, 65535).raw};
      const auto answer = ask(all.sqe(), {});
      granted = answer ? spec::NumberOfQueues{*answer} : granted;
    }
    drive_.io_submission_queues = spec::submission_queues(granted);
    drive_.io_completion_queues = spec::completion_queues(granted);
  }

  void measure() {
    const auto found = first_usable_namespace(session_.driver().namespaces());
    if (!found) {
      return;
    }
    const driver::Namespace space = *found;
    PerfLoad load{.iodepth = 1, .io_bytes = std::max(read_bytes_min, space.block_bytes)};
    load.io_bytes = load.io_bytes / space.block_bytes > space.blocks ? space.block_bytes : load.io_bytes;
    driver::ChannelOptions options;
    options.operations_max = load.iodepth;
    const Result<DmaRegion> memory = session_.backend().allocate_dma(load.io_bytes);
    if (!memory) {
      return;
    }
    if (session_.open_channel(options)) {
      driver::Operation first;  // waits until the queues are there, which is no latency of the drive's
      first.nsid = space.nsid;
      first.blocks = load.io_bytes / space.block_bytes;
      first.buffers = {&*memory, 1};
      (void)session_.io(first);
      const PerfResult result = Perf(session_, clock_, load, space, {&*memory, 1}).run();
      drive_.reads = result.read.latency;
      drive_.read_bytes = load.io_bytes;
    }
    session_.backend().free_dma(*memory);
  }

  std::optional<std::uint32_t> feature(spec::Fid fid, std::uint32_t value = 0, Nsid nsid = nsid_none) {
    return ask(spec::GetFeatures{.fid = fid, .value = value, .nsid = nsid}.sqe(), {});
  }

  template <class Structure>
  bool take(const spec::Sqe& sqe, Structure& structure) {
    const bool done = ask(sqe, page_.slice(0, sizeof structure)).has_value();
    std::memcpy(&structure, page_.data, done ? sizeof structure : 0);
    return done;
  }

  /// Dword 0 of the completion, nothing if the command failed.
  std::optional<std::uint32_t> ask(const spec::Sqe& sqe, std::optional<DmaRegion> data) {
    driver::RawCommand command;
    command.sqe = sqe;
    command.buffers = data ? std::span<const DmaRegion>(&*data, 1) : std::span<const DmaRegion>();
    const Result<driver::OperationResult> result = session_.admin(command);
    return result && result->outcome == driver::Outcome::ok ? std::optional(result->dword0) : std::nullopt;
  }

  static constexpr std::uint32_t read_bytes_min = 4096;

  S& session_;
  C& clock_;
  DmaRegion page_;
  CapturedDrive drive_;
};

/// Of an attached session.
template <class S, Clock C>
Result<CapturedDrive> read_drive(S& session, C& clock, const PciFunction& function) {
  const Result<DmaRegion> page = session.backend().allocate_dma(spec::identify_bytes);
  if (!page) {
    return fail(page.error());
  }
  Result<CapturedDrive> drive = DriveReader(session, clock, function, *page).read();
  session.backend().free_dma(*page);
  return drive;
}

}  // namespace phasebit::cli
