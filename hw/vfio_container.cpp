#include "hw/vfio_container.hpp"

#include <fcntl.h>
#include <rte_vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "hw/device_name.hpp"
#include "src/base/assert.hpp"

namespace phasebit::hw {
namespace {

/// Opens the group for a moment: DPDK's own attempt tells that it failed, but not why.
Answer<void> look_at_group(PciAddress address, std::uint32_t group) {
  const auto file = "/dev/vfio/" + std::to_string(group);
  const int descriptor = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor >= 0) {
    close(descriptor);
    return {};
  }
  const int error = errno;
  const auto who = text(address) + ": " + file + ": ";
  switch (error) {
    case EBUSY:
      return refuse(Errc::busy, who + "another process uses this IOMMU group");
    case EACCES:
    case EPERM:
      return refuse(Errc::permission_denied, who + "this user may not open it");
    default:
      return refuse(Errc::environment, who + std::generic_category().message(error));
  }
}

Errc error_of_map(int error) {
  switch (error) {
    case ENOSPC:
      return Errc::no_space;
    case ENOMEM:
      return Errc::out_of_memory;
    case EFAULT:
    case EINVAL:
      return Errc::invalid_argument;
    default:
      return Errc::environment;
  }
}

}  // namespace

Answer<std::unique_ptr<VfioContainer>> VfioContainer::take(PciAddress address, std::uint32_t group) {
  if (auto seen = look_at_group(address, group); !seen) {
    return tl::unexpected(seen.error());
  }
  const int descriptor = rte_vfio_container_create();
  if (descriptor < 0) {
    return refuse(Errc::environment, text(address) + ": VFIO gives no container");
  }
  std::unique_ptr<VfioContainer> container(new VfioContainer(descriptor));
  if (rte_vfio_container_group_bind(descriptor, static_cast<int>(group)) < 0) {
    return refuse(Errc::busy, text(address) + ": its IOMMU group cannot be taken (another process, or another function of the group)");
  }
  return container;
}

VfioContainer::~VfioContainer() {
  rte_vfio_container_destroy(descriptor_);
}

Result<IommuInfo> VfioContainer::iommu_info() const {
  constexpr std::size_t bytes_max = 1 << 20;
  std::vector<std::byte> answer(4096);
  for (;;) {
    vfio_iommu_type1_info head{};
    head.argsz = static_cast<std::uint32_t>(answer.size());
    std::memcpy(answer.data(), &head, sizeof head);
    if (ioctl(descriptor_, VFIO_IOMMU_GET_INFO, answer.data()) != 0) {
      return fail(errno == EINVAL ? Errc::not_ready : Errc::environment);
    }
    std::memcpy(&head, answer.data(), sizeof head);
    if (head.argsz <= answer.size()) {
      return parse_iommu_info(std::span(answer).first(head.argsz));
    }
    if (head.argsz > bytes_max) {
      return fail(Errc::environment);
    }
    answer.assign(head.argsz, {});  // the kernel has more to say, and said nothing
  }
}

// Straight to the kernel: rte_vfio_container_dma_map knows no rights and at most 256 ranges.
Result<void> VfioContainer::map(std::byte* page, Iova iova, std::uint64_t bytes, DmaRights rights) {
  // A page that nobody has written to, or that a fork has shared, is replaced when the host writes to it. Linux before 6.2 does not see
  // that coming where the device only reads, and the device goes on reading the old page: so each page becomes the host's own beforehand.
  // Memory that the host cannot write to stays as it is in any case.
  (void)madvise(page, bytes, MADV_POPULATE_WRITE);
  vfio_iommu_type1_dma_map request{};
  request.argsz = sizeof request;
  request.flags = (static_cast<unsigned>(rights) & static_cast<unsigned>(DmaRights::device_reads) ? VFIO_DMA_MAP_FLAG_READ : 0u) |
                  (static_cast<unsigned>(rights) & static_cast<unsigned>(DmaRights::device_writes) ? VFIO_DMA_MAP_FLAG_WRITE : 0u);
  request.vaddr = reinterpret_cast<std::uintptr_t>(page);
  request.iova = iova.value;
  request.size = bytes;
  if (ioctl(descriptor_, VFIO_IOMMU_MAP_DMA, &request) != 0) {
    return fail(error_of_map(errno));
  }
  return {};
}

void VfioContainer::unmap(Iova iova, std::uint64_t bytes) {
  vfio_iommu_type1_dma_unmap request{};
  request.argsz = sizeof request;
  request.iova = iova.value;
  request.size = bytes;
  const bool unmapped = ioctl(descriptor_, VFIO_IOMMU_UNMAP_DMA, &request) == 0 && request.size == bytes;
  PHASEBIT_ASSERT(unmapped);
}

}  // namespace phasebit::hw
