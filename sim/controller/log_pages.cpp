#include "sim/controller/log_pages.hpp"

#include <algorithm>
#include <array>

#include "sim/controller/own_fields.hpp"
#include "src/spec/identify_units.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::sim {
namespace {

using spec::AdminOpcode;
using spec::CommandEffects;
using spec::GenericStatus;
using spec::Lid;
using spec::make_status;
using spec::NvmOpcode;
using spec::Status;

/// LID 00h: a dword by LID, bit 0 says that it is there (Figure 204).
struct SupportedLogPages {
  std::array<Le32, 256> lid{};
};

bool supported(Lid lid, const DriveOptions& options) {
  switch (lid) {
    case Lid::error_information:
    case Lid::smart:
    case Lid::firmware_slots:
    case Lid::changed_namespaces:
    case Lid::command_effects:
      return true;
    case Lid::supported_log_pages:
      return options.version >= spec::version(2, 0);
    default:
      return false;
  }
}

std::uint64_t page_bytes(Lid lid, const Device& device) {
  switch (lid) {
    case Lid::error_information:
      return device.errors.entries_max() * sizeof(spec::ErrorLogEntry);
    case Lid::smart:
    case Lid::firmware_slots:
      return 512;
    case Lid::supported_log_pages:
      return sizeof(SupportedLogPages);
    default:
      return 4096;
  }
}

/// Copies the part of a page that lies at `offset` and `data`; the rest of `data` stays.
void put(std::span<const std::byte> page, std::uint64_t offset, std::span<std::byte> data) {
  if (offset < page.size()) {
    const auto part = page.subspan(offset, std::min<std::size_t>(page.size() - offset, data.size()));
    std::copy(part.begin(), part.end(), data.begin());
  }
}

template <class Page>
void put_page(const Page& page, std::uint64_t offset, std::span<std::byte> data) {
  put(std::as_bytes(std::span<const Page, 1>(&page, 1)), offset, data);
}

void put_errors(const Device& device, std::uint64_t offset, std::span<std::byte> data) {
  constexpr std::size_t entry_bytes = sizeof(spec::ErrorLogEntry);
  const std::size_t first = offset / entry_bytes;
  std::size_t done = 0;
  for (std::size_t i = first; i < device.errors.entries_max() && done < data.size(); ++i) {
    const std::uint64_t skipped = i == first ? offset % entry_bytes : 0;
    put_page(device.errors.entry(i), skipped, data.subspan(done));
    done += entry_bytes - skipped;
  }
}

spec::CommandEffectsLog command_effects(const DriveOptions& options) {
  spec::CommandEffectsLog log;
  const auto admin = [&](AdminOpcode opcode, CommandEffects effects) { log.acs[static_cast<std::size_t>(opcode)] = effects.raw; };
  const auto io = [&](NvmOpcode opcode, bool there, bool changes) {
    log.iocs[static_cast<std::size_t>(opcode)] =
        there ? CommandEffects{}.with(CommandEffects::csupp, true).with(CommandEffects::lbcc, changes).raw : 0;
  };
  const CommandEffects plain = CommandEffects{}.with(CommandEffects::csupp, true);
  for (const AdminOpcode opcode : {AdminOpcode::delete_io_sq, AdminOpcode::create_io_sq, AdminOpcode::get_log_page,
                                   AdminOpcode::delete_io_cq, AdminOpcode::create_io_cq, AdminOpcode::identify, AdminOpcode::abort,
                                   AdminOpcode::get_features, AdminOpcode::async_event_request}) {
    admin(opcode, plain);
  }
  admin(AdminOpcode::set_features, plain.with(CommandEffects::ccc, true));
  if (options.keep_alive_steps != 0) {
    admin(AdminOpcode::keep_alive, plain);
  }
  io(NvmOpcode::flush, true, false);
  io(NvmOpcode::write, true, true);
  io(NvmOpcode::read, true, false);
  io(NvmOpcode::compare, options.commands.compare, false);
  io(NvmOpcode::write_uncorrectable, options.commands.write_uncorrectable, true);
  io(NvmOpcode::write_zeroes, options.commands.write_zeroes, true);
  io(NvmOpcode::dataset_management, options.commands.dataset_management, true);
  io(NvmOpcode::verify, options.commands.verify, false);
  return log;
}

spec::FirmwareSlotLog firmware_log(const DriveOptions& options) {
  return laid_over(own_firmware_log(options), options.raw.firmware_log, own_fields_of_firmware_log());
}

spec::SmartLog smart_log(const Device& device, Instant now) {
  const spec::SmartLog log =
      device.smart.log(device.features.temperature_over(), device.features.temperature_under(), device.errors.count(), now);
  return laid_over(log, device.options().raw.smart_log, own_fields_of_smart_log());
}

SupportedLogPages supported_log_pages(const DriveOptions& options) {
  SupportedLogPages pages;
  for (std::size_t lid = 0; lid < pages.lid.size(); ++lid) {
    pages.lid[lid] = supported(static_cast<Lid>(lid), options) ? 1 : 0;
  }
  return pages;
}

}  // namespace

spec::FirmwareSlotLog own_firmware_log(const DriveOptions& options) {
  spec::FirmwareSlotLog log;
  log.afi = spec::Afi{}.with(spec::Afi::active, 1).raw;
  log.revision[0] = spec::padded<8>(options.firmware);
  return log;
}

Status check_log_page(const spec::GetLogPage& command, const Device& device) {
  if (!supported(command.lid, device.options())) {
    return make_status(spec::CommandStatus::invalid_log_page);
  }
  const bool of_command_set = command.lid == Lid::command_effects && device.registers.cc().get(spec::Cc::css) == spec::Css::all_supported;
  if (of_command_set && command.csi != spec::Csi::nvm) {
    return make_status(GenericStatus::invalid_field);
  }
  const bool of_controller = command.nsid == nsid_none || command.nsid == nsid_all;
  if (!of_controller && command.lid == Lid::smart) {  // LPA bit 0 is clear: no SMART log by namespace
    return make_status(device.namespaces.valid(command.nsid) ? GenericStatus::invalid_field : GenericStatus::invalid_namespace_or_format);
  }
  const std::uint64_t bytes_max = spec::bytes_from_page_exponent(device.options().transfer_exponent_max, device.registers.cap());
  const bool misplaced = command.offset_bytes % 4 != 0 || command.offset_bytes > page_bytes(command.lid, device);
  return misplaced || command.bytes > bytes_max ? make_status(GenericStatus::invalid_field) : Status{};
}

void answer_log_page(const spec::GetLogPage& command, Device& device, std::span<std::byte> data, Instant now) {
  std::fill(data.begin(), data.end(), std::byte{0});
  const std::uint64_t offset = command.offset_bytes;
  const bool clear = !command.retain_asynchronous_event;
  switch (command.lid) {
    case Lid::error_information:
      put_errors(device, offset, data);
      break;
    case Lid::smart:
      device.update_temperature();
      put_page(smart_log(device, now), offset, data);
      break;
    case Lid::firmware_slots:
      put_page(firmware_log(device.options()), offset, data);
      break;
    case Lid::changed_namespaces:
      put_page(device.namespaces.changed_list(clear), offset, data);
      break;
    case Lid::command_effects:
      put_page(command_effects(device.options()), offset, data);
      break;
    default:
      put_page(supported_log_pages(device.options()), offset, data);
      break;
  }
  if (clear) {
    device.events.on_log_read(command.lid);
  }
}

}  // namespace phasebit::sim
