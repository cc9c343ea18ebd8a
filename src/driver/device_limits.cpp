#include "src/driver/device_limits.hpp"

#include <bit>

#include "src/spec/identify_units.hpp"

namespace phasebit::driver {

DeviceLimits limits_of(const ControllerInfo& info, const ControllerFacts& facts) {
  const spec::Oncs has{info.optional_io_commands};
  const spec::IdentifyControllerNvm& set = facts.command_set;
  const auto or_unlimited = [](std::uint64_t value) { return value == 0 ? spec::unlimited : value; };
  DeviceLimits limits;
  limits.transfer_bytes_max = info.transfer_bytes_max;
  limits.write_zeroes_bytes_max = spec::bytes_from_page_exponent(set.wzsl, info.capabilities);
  limits.write_uncorrectable_bytes_max = spec::bytes_from_page_exponent(set.wusl, info.capabilities);
  limits.verify_bytes_max = spec::bytes_from_page_exponent(set.vsl, info.capabilities);
  limits.dataset_ranges_max = set.dmrl == 0 ? spec::dataset_ranges_max : set.dmrl;
  limits.dataset_range_blocks_max = or_unlimited(set.dmrsl);
  limits.dataset_blocks_max = or_unlimited(set.dmsl);
  limits.has_compare = has.get(spec::Oncs::compare);
  limits.has_write_uncorrectable = has.get(spec::Oncs::write_uncorrectable);
  limits.has_dataset_management = has.get(spec::Oncs::dataset_management);
  limits.has_write_zeroes = has.get(spec::Oncs::write_zeroes);
  limits.has_verify = has.get(spec::Oncs::verify);
  limits.flushes_all_namespaces = facts.vwc.get(spec::Vwc::flush_all) == spec::FlushAll::supported;
  limits.retry_delays = info.retry_delays;
  return limits;
}

void fill_shapes(std::pmr::vector<NamespaceShape>& shapes, const NamespaceTable& table) {
  shapes.clear();
  for (const Namespace& entry : table.all()) {
    if (entry.metadata_bytes == 0) {
      shapes.push_back({.nsid = entry.nsid,
                        .blocks = entry.blocks,
                        .boundary_blocks = entry.io_boundary_blocks,
                        .block_bytes_log2 = static_cast<std::uint8_t>(std::bit_width(entry.block_bytes) - 1),
                        .life = entry.life});
    }
  }
}

}  // namespace phasebit::driver
