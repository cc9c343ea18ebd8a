#include <fmt/format.h>

#include <algorithm>

#include "scenarios/engine/drive_fields.hpp"
#include "scenarios/engine/writer.hpp"
#include "src/cli/captured_drive.hpp"
#include "src/cli/shown.hpp"

namespace phasebit::cli {
namespace {

using scenarios::Json;

std::string comments(const CapturedDrive& drive, const std::vector<std::string>& differences) {
  const spec::IdentifyController& id = drive.controller;
  std::string text =
      fmt::format("# Captured from {}, serial {}, firmware {}, NVMe {}.{}, PCI {:04x}:{:04x}.\n", shown(id.mn), shown(id.sn), shown(id.fr),
                  drive.vs.get(spec::Vs::mjr), drive.vs.get(spec::Vs::mnr), drive.function.vendor_id, drive.function.device_id);
  const LatencyHistogram& reads = drive.reads;
  if (reads.count() > 0) {
    text +=
        fmt::format("# times.read is {} reads of {} bytes, one after the other, as the host saw them: min {} us, mean {} us, max {} us.\n",
                    reads.count(), drive.read_bytes, reads.min().ns / 1000, reads.mean().ns / 1000, reads.max().ns / 1000);
  }
  if (!differences.empty()) {
    text += "# The emulated drive differs, as it has not what this speaks of or obeys another value:\n";
  }
  for (const std::string& difference : differences) {
    text += "#   " + difference + "\n";
  }
  return text;
}

/// Reads only, so that it may be run on the drive that was captured too.
Json workload(const sim::NamespaceOptions& space) {
  const bool tiny = space.blocks * space.block_bytes < 4096;
  return {{"nsid", space.nsid.value}, {"rw", "randread"}, {"bs", tiny ? space.block_bytes : 4096}, {"iodepth", 1}, {"number_ios", 200}};
}

}  // namespace

std::string capture_text(const CapturedDrive& drive) {
  const EmulatedLike like = emulated_like(drive);
  Json tree = {{"name", "captured-drive"}, {"about", "Reads at random places of a drive that was captured."}};
  tree["drive"] = scenarios::Writer::write(like.options);
  if (like.options.namespaces.empty()) {
    tree["drive"]["namespaces"] = Json::array();  // left out, it would mean one with defaults
  } else {
    tree["workload"] = workload(like.options.namespaces.front());
  }
  return comments(drive, like.differences) + scenarios::yaml_text(tree);
}

}  // namespace phasebit::cli
