#include "scenarios/interpose/host_regions.hpp"

#include <algorithm>

#include "src/base/assert.hpp"

namespace phasebit::scenarios {

std::uint32_t HostRegions::add(const DmaRegion& region) {
  const auto place =
      std::lower_bound(regions_.begin(), regions_.end(), region.iova, [](const HostRegion& r, Iova iova) { return r.iova < iova; });
  if (place != regions_.end() && place->iova == region.iova) {
    const bool same = place->data == region.data && place->bytes == region.bytes;
    *place = {region.iova, region.bytes, region.data, same ? place->count + 1 : 1};
    return place->count;
  }
  regions_.insert(place, {region.iova, region.bytes, region.data, 1});
  return 1;
}

void HostRegions::remove(std::span<const std::byte> memory) {
  const HostRegion* found = find(memory);
  PHASEBIT_ASSERT(found != nullptr);
  const auto place = regions_.begin() + (found - regions_.data());
  if (--place->count == 0) {
    regions_.erase(place);
  }
}

const HostRegion* HostRegions::find(std::span<const std::byte> memory) const {
  const auto found = std::find_if(regions_.begin(), regions_.end(),
                                  [&](const HostRegion& r) { return r.data == memory.data() && r.bytes == memory.size(); });
  return found == regions_.end() ? nullptr : &*found;
}

const HostRegion* HostRegions::containing(Iova iova) const {
  const auto after = std::upper_bound(regions_.begin(), regions_.end(), iova, [](Iova at, const HostRegion& r) { return at < r.iova; });
  if (after == regions_.begin() || !std::prev(after)->contains(iova)) {
    return nullptr;
  }
  return &*std::prev(after);
}

std::uint64_t HostRegions::bytes_from(Iova iova) const {
  const HostRegion* region = containing(iova);
  return region == nullptr ? 0 : region->bytes - (iova - region->iova);
}

std::byte* HostRegions::host(Iova iova, std::uint64_t bytes) const {
  const HostRegion* region = containing(iova);
  return region == nullptr || region->bytes - (iova - region->iova) < bytes ? nullptr : region->data + (iova - region->iova);
}

}  // namespace phasebit::scenarios
