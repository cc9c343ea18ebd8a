#include "scenarios/engine/drive_fields.hpp"

namespace phasebit::sim {

std::vector<NamespaceOptions> spread(const std::vector<NamespaceEntry>& entries) {
  std::vector<NamespaceOptions> spaces;
  for (const NamespaceEntry& entry : entries) {
    NamespaceOptions space = entry.space;
    for (std::uint32_t copy = 0; copy < entry.copies.value_or(1); ++copy) {
      spaces.push_back(space);
      space.nsid.value += entry.apart.value_or(1);
    }
  }
  return spaces;
}

}  // namespace phasebit::sim
