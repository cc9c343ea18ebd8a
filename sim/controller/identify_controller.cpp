#include <algorithm>
#include <string_view>

#include "sim/controller/identify.hpp"
#include "sim/controller/own_fields.hpp"
#include "src/spec/identify_bits.hpp"
#include "src/spec/units.hpp"

namespace phasebit::sim {
namespace {

using spec::IdentifyController;

constexpr std::uint32_t shutdown_unit_ns = 1000;
constexpr std::uint8_t controller_id = 1;

void fill_names(IdentifyController& id, const DriveOptions& o) {
  id.vid = o.vendor_id;
  id.ssvid = o.subsystem_vendor_id;
  id.sn = spec::padded<20>(o.serial);
  id.mn = spec::padded<40>(o.model);
  id.fr = spec::padded<8>(o.firmware);
  for (std::size_t i = 0; i < id.ieee.size(); ++i) {
    id.ieee[i] = static_cast<std::uint8_t>(o.ieee_oui >> (8 * i));
  }
  const std::string name = "nqn.2024-01.example.phasebit:drive:" + o.serial;
  std::copy_n(name.begin(), std::min(name.size(), id.subnqn.size() - 1), id.subnqn.begin());
}

void fill_limits(IdentifyController& id, const DriveOptions& o) {
  id.mdts = o.transfer_exponent_max;
  id.rtd3e = static_cast<std::uint32_t>(o.shutdown_latency.ns / shutdown_unit_ns);
  id.acl = static_cast<std::uint8_t>(o.aborts_max - 1);
  id.aerl = static_cast<std::uint8_t>(o.async_events_max - 1);
  id.elpe = static_cast<std::uint8_t>(o.error_log_entries - 1);
  id.npss = static_cast<std::uint8_t>(o.power_states - 1);
  id.kas = static_cast<std::uint16_t>(o.keep_alive_steps);
  id.sqes = spec::EntrySizes{}.with(spec::EntrySizes::required, 6).with(spec::EntrySizes::maximum, 6).raw;
  id.cqes = spec::EntrySizes{}.with(spec::EntrySizes::required, 4).with(spec::EntrySizes::maximum, 4).raw;
  id.nn = o.namespaces_max;
  id.awun = spec::zero_based16(o.atomic_blocks_power_fail);
  id.awupf = spec::zero_based16(o.atomic_blocks_power_fail);
  for (std::uint32_t i = 0; i < o.power_states; ++i) {
    id.psd[i].mp = static_cast<std::uint16_t>(2500 / (i + 1));
  }
}

void fill_abilities(IdentifyController& id, const DriveOptions& o) {
  using spec::Oncs;
  id.cntlid = controller_id;
  id.oaes = spec::Oaes{}.with(spec::Oaes::namespace_attributes, true).raw;
  id.frmw = spec::Frmw{}.with(spec::Frmw::slot_1_read_only, true).with(spec::Frmw::slots, 1).raw;
  const bool extended = o.version >= spec::version(1, 3);
  id.lpa = spec::Lpa{}
               .with(spec::Lpa::command_effects, true)
               .with(spec::Lpa::extended_data, extended)
               .with(spec::Lpa::supported_log_pages, o.version >= spec::version(2, 0))
               .raw;
  id.wctemp = warning_temperature_kelvins;
  id.cctemp = critical_temperature_kelvins;
  id.oncs = Oncs{}
                .with(Oncs::compare, o.commands.compare)
                .with(Oncs::write_uncorrectable, o.commands.write_uncorrectable)
                .with(Oncs::dataset_management, o.commands.dataset_management)
                .with(Oncs::write_zeroes, o.commands.write_zeroes)
                .with(Oncs::save_and_select, o.save_and_select)
                .with(Oncs::verify, o.commands.verify)
                .raw;
  const auto flush_all = o.flush_all_namespaces ? spec::FlushAll::supported : spec::FlushAll::not_supported;
  id.vwc = o.volatile_cache ? spec::Vwc{}.with(spec::Vwc::present, true).with(spec::Vwc::flush_all, flush_all).raw : std::uint8_t{0};
}

/// Fields that a controller of an older version leaves at zero.
void fill_by_version(IdentifyController& id, const DriveOptions& o) {
  id.ver = o.version.raw;
  if (o.version >= spec::version(1, 4)) {
    id.cntrltype = static_cast<std::uint8_t>(spec::ControllerType::io);
    for (std::size_t i = 0; i < id.crdt.size(); ++i) {
      id.crdt[i] = static_cast<std::uint16_t>(o.retry_delay_steps[i]);
    }
    id.mnan = o.namespaces_max;
  }
}

}  // namespace

IdentifyController identify_controller(const DriveOptions& options) {
  return laid_over(own_identify_controller(options), options.raw.identify_controller, own_fields_of_identify_controller());
}

IdentifyController own_identify_controller(const DriveOptions& options) {
  IdentifyController id;
  fill_names(id, options);
  fill_limits(id, options);
  fill_abilities(id, options);
  fill_by_version(id, options);
  return id;
}

}  // namespace phasebit::sim
