#include "hw/iommu_info.hpp"

#include <linux/vfio.h>

#include <cstring>

namespace phasebit::hw {
namespace {

/// The bytes of a T at `offset`, or nothing if they are not all there.
template <class T>
std::optional<T> load_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) {
    return std::nullopt;
  }
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Result<void> read_ranges(std::span<const std::byte> capability, IommuInfo& info) {
  const auto count = load_at<std::uint32_t>(capability, offsetof(vfio_iommu_type1_info_cap_iova_range, nr_iovas));
  for (std::size_t index = 0; count && index < *count; ++index) {
    const auto range = load_at<vfio_iova_range>(capability, sizeof(vfio_iommu_type1_info_cap_iova_range) + index * sizeof(vfio_iova_range));
    if (!range || range->start > range->end || (!info.ranges.empty() && range->start <= info.ranges.back().last.value)) {
      return fail(Errc::environment);
    }
    info.ranges.push_back({Iova{range->start}, Iova{range->end}});
  }
  return info.ranges.empty() ? fail(Errc::environment) : Result<void>();
}

Result<void> read_mappings_left(std::span<const std::byte> capability, IommuInfo& info) {
  const auto left = load_at<vfio_iommu_type1_info_dma_avail>(capability, 0);
  if (!left) {
    return fail(Errc::environment);
  }
  info.mappings_left = left->avail;
  return {};
}

Result<void> read_capability(std::span<const std::byte> capability, const vfio_info_cap_header& header, IommuInfo& info) {
  if (header.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE && header.version == 1) {
    return read_ranges(capability, info);
  }
  if (header.id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL && header.version == 1) {
    return read_mappings_left(capability, info);
  }
  return {};
}

}  // namespace

Result<IommuInfo> parse_iommu_info(std::span<const std::byte> answer) {
  constexpr auto pages_offset = offsetof(vfio_iommu_type1_info, iova_pgsizes);
  constexpr auto capability_offset = offsetof(vfio_iommu_type1_info, cap_offset);
  const auto flags = load_at<std::uint32_t>(answer, offsetof(vfio_iommu_type1_info, flags));
  const auto page_sizes = load_at<std::uint64_t>(answer, pages_offset);
  if (!flags || !page_sizes) {
    return fail(Errc::environment);
  }
  IommuInfo info;
  info.page_sizes = (*flags & VFIO_IOMMU_INFO_PGSIZES) != 0 ? *page_sizes : 0;
  if ((*flags & VFIO_IOMMU_INFO_CAPS) == 0) {
    return info;
  }
  std::size_t behind = capability_offset + sizeof(std::uint32_t);  // of what was read: the chain only goes on
  auto next = load_at<std::uint32_t>(answer, capability_offset);
  while (next && *next != 0) {
    const auto header = load_at<vfio_info_cap_header>(answer, *next);
    if (!header || *next < behind) {
      return fail(Errc::environment);
    }
    if (auto read = read_capability(answer.subspan(*next), *header, info); !read) {
      return fail(read.error());
    }
    behind = *next + sizeof *header;
    next = header->next;
  }
  return next ? Result<IommuInfo>(std::move(info)) : fail(Errc::environment);
}

}  // namespace phasebit::hw
