#include "sim/memory/iommu.hpp"

#include <algorithm>

#include "src/base/random.hpp"

namespace phasebit::sim {
namespace {

enum IommuDraw : std::uint64_t { draw_base = 1, draw_base_kind = 2, draw_red_zone = 3 };

constexpr std::uint64_t page_bytes = HostMemory::page_bytes;

/// A third of the drives begin low, a third just below 4 GiB (so that mappings come to lie on both sides), a third high.
std::uint64_t first_page(std::uint64_t seed) {
  const std::uint64_t drawn = keyed(seed, draw_base);
  switch (keyed(seed, draw_base_kind) % 3) {
    case 0:
      return 0x100 + drawn % 0x1000;
    case 1:
      return 0x10'0000 - 1 - drawn % 64;
    default:
      return 0x1'0000'0000 + drawn % 0x1'0000'0000;
  }
}

}  // namespace

Iommu::Iommu(std::uint64_t seed, std::uint32_t mappings_max, HostMemory& host, std::pmr::memory_resource* memory)
    : seed_(seed), mappings_max_(mappings_max), host_(host), next_page_(first_page(seed)), by_iova_(memory), by_host_(memory) {}

Result<Iova> Iommu::map(std::span<const std::byte> memory, DmaRights rights) {
  const auto range = range_of(memory);
  if (!range) {
    return fail(Errc::invalid_argument);
  }
  if (const auto known = by_host_.find(*range); known != by_host_.end()) {
    Mapping& mapping = by_iova_.at(known->second);
    mapping.rights |= static_cast<std::uint8_t>(rights);
    ++mapping.count;
    return Iova{known->second};
  }
  if (by_iova_.size() >= mappings_max_) {
    return fail(Errc::no_space);
  }
  const Iova iova = next_iova(range->first, range->second);
  by_iova_.emplace(iova.value, Mapping{range->first, range->second, static_cast<std::uint8_t>(rights), 1});
  by_host_.emplace(*range, iova.value);
  return iova;
}

Result<void> Iommu::unmap(std::span<const std::byte> memory) {
  const auto range = range_of(memory);
  const auto known = range ? by_host_.find(*range) : by_host_.end();
  if (known == by_host_.end()) {
    return fail(Errc::not_found);
  }
  Mapping& mapping = by_iova_.at(known->second);
  if (--mapping.count == 0) {
    by_iova_.erase(known->second);
    by_host_.erase(known);
  }
  return {};
}

std::optional<Iova> Iommu::iova_of(std::span<const std::byte> memory) const {
  const auto range = range_of(memory);
  const auto known = range ? by_host_.find(*range) : by_host_.end();
  return known == by_host_.end() ? std::nullopt : std::optional(Iova{known->second});
}

std::uint32_t Iommu::count_of(std::span<const std::byte> memory) const {
  const auto iova = iova_of(memory);
  return iova ? by_iova_.at(iova->value).count : 0;
}

bool Iommu::touches(std::span<const std::byte> memory) const {
  const auto range = range_of(memory);
  return range && std::any_of(by_host_.begin(), by_host_.end(), [&](const auto& mapped) {
           const auto& [offset, bytes] = mapped.first;
           return offset < range->first + range->second && range->first < offset + bytes;
         });
}

Iommu::Translation Iommu::translate(Iova iova, DmaDirection direction) const {
  auto after = by_iova_.upper_bound(iova.value);
  if (after == by_iova_.begin()) {
    return {DmaFault::not_mapped, nullptr, 0};
  }
  const auto& [start, mapping] = *std::prev(after);
  const std::uint64_t offset = iova.value - start;
  if (offset >= mapping.bytes) {
    return {DmaFault::not_mapped, nullptr, 0};
  }
  const auto needed = direction == DmaDirection::from_host ? DmaRights::device_reads : DmaRights::device_writes;
  if ((mapping.rights & static_cast<std::uint8_t>(needed)) == 0) {
    return {DmaFault::no_rights, nullptr, 0};
  }
  const std::uint64_t page_rest = page_bytes - iova.value % page_bytes;
  return {DmaFault::none, host_.at(mapping.host_offset + offset), std::min(mapping.bytes - offset, page_rest)};
}

Iova Iommu::next_iova(std::uint64_t host_offset, std::uint64_t bytes) {
  const std::uint64_t offset_in_page = host_offset % page_bytes;
  const std::uint64_t pages = (offset_in_page + bytes + page_bytes - 1) / page_bytes;
  const std::uint64_t red_zone_pages = 1 + keyed(seed_, draw_red_zone, mapping_number_++) % 4;
  const std::uint64_t page = next_page_;
  next_page_ += pages + red_zone_pages;
  return Iova{page * page_bytes + offset_in_page};
}

std::optional<Iommu::HostRange> Iommu::range_of(std::span<const std::byte> memory) const {
  if (memory.empty() || !host_.contains(memory)) {
    return std::nullopt;
  }
  return HostRange{host_.offset_of(memory.data()), memory.size()};
}

void Iommu::fingerprint(Hasher& hasher) const {
  hasher.add(next_page_);
  hasher.add(by_iova_.size());
  for (const auto& [iova, mapping] : by_iova_) {
    hasher.add(iova);
    hasher.add(mapping.host_offset);
    hasher.add(mapping.bytes);
    hasher.add(mapping.rights);
    hasher.add(mapping.count);
  }
}

}  // namespace phasebit::sim
