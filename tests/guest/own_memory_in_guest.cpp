// Runs in the guest: memory of the caller's own through VFIO and the IOMMU, up to the limits of both.
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>

#include "hw/vfio_container.hpp"
#include "hw/vfio_device.hpp"
#include "tests/guest/on_the_bus.hpp"

namespace phasebit::hw {
namespace {

constexpr std::size_t page_bytes = IovaSpace::page_bytes;

class OwnMemory : public Opened {};
class OwnMemoryOnTheBus : public OnTheBus {};

/// `bytes` of ordinary pages, which go with this object.
class OwnPages {
 public:
  explicit OwnPages(std::size_t bytes)
      : bytes_(bytes), start_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    EXPECT_NE(MAP_FAILED, start_);
  }
  OwnPages(const OwnPages&) = delete;
  OwnPages& operator=(const OwnPages&) = delete;
  ~OwnPages() { munmap(start_, bytes_); }

  std::span<std::byte> at(std::size_t offset, std::size_t bytes) { return {static_cast<std::byte*>(start_) + offset, bytes}; }

 private:
  std::size_t bytes_;
  void* start_;
};

TEST_F(OwnMemory, is_reached_from_when_it_is_registered_until_it_is_unregistered) {
  const auto mappings = backend_->iommu_info().value().mappings_left.value();
  OwnPages pages(5 * page_bytes);
  const auto registered = pages.at(page_bytes + 100, 2 * page_bytes);  // in three pages
  ASSERT_TRUE(bus_.register_memory(registered).has_value()) << bus_.why();
  EXPECT_EQ(mappings - 1, backend_->iommu_info().value().mappings_left);
  const auto target = registered.subspan(1000, 4096);
  const auto iova = backend_->map(target, DmaRights::device_writes);
  ASSERT_TRUE(iova.has_value());
  EXPECT_EQ((Translation{*iova, 4096}), backend_->translate(target).value());
  EXPECT_EQ(mappings - 1, backend_->iommu_info().value().mappings_left) << "a range in it costs no mapping";
  {
    AdminQueue admin(*backend_);
    auto identify = spec::Identify{}.sqe();
    identify.prp1 = iova->value;
    identify.prp2 = (iova->value / 4096 + 1) * 4096;
    EXPECT_TRUE(is_success(admin.run(identify)));
  }
  EXPECT_EQ(serial, serial_in(target.data()));
  EXPECT_EQ(Errc::busy, bus_.unregister_memory(registered).error());
  EXPECT_NE(std::string::npos, bus_.why().find("a range within it is still mapped")) << bus_.why();
  EXPECT_TRUE(backend_->unmap(target).has_value());
  EXPECT_TRUE(bus_.unregister_memory(registered).has_value()) << bus_.why();
  EXPECT_EQ(mappings, backend_->iommu_info().value().mappings_left);
  EXPECT_EQ(Errc::not_found, backend_->translate(target).error());
}

TEST_F(OwnMemory, of_two_ranges_may_share_a_page) {
  OwnPages pages(2 * page_bytes);
  const auto first = pages.at(0, 2048);
  const auto second = pages.at(2048, 6144);
  ASSERT_TRUE(bus_.register_memory(first).has_value()) << bus_.why();
  ASSERT_TRUE(bus_.register_memory(second).has_value()) << bus_.why();
  ASSERT_TRUE(bus_.unregister_memory(first).has_value()) << bus_.why();
  const auto found = backend_->translate(second).value();
  EXPECT_EQ(6144u, found.bytes);
  AdminQueue admin(*backend_);
  auto identify = spec::Identify{}.sqe();
  identify.prp1 = found.iova.value;
  identify.prp2 = (found.iova + 2048).value;
  EXPECT_TRUE(is_success(admin.run(identify)));
  EXPECT_EQ(serial, serial_in(second.data()));
  EXPECT_TRUE(bus_.unregister_memory(second).has_value()) << bus_.why();
}

TEST_F(OwnMemory, beyond_what_the_process_may_lock_is_not_registered) {
  const auto mappings = backend_->iommu_info().value().mappings_left.value();
  OwnPages pages(64 * page_bytes);
  __user_cap_header_struct self{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> all{};
  ASSERT_EQ(0, syscall(SYS_capget, &self, all.data()));
  auto limited = all;
  limited[0].effective &= ~(1u << CAP_IPC_LOCK);
  rlimit limit{};
  ASSERT_EQ(0, getrlimit(RLIMIT_MEMLOCK, &limit));
  const rlimit small{4 * page_bytes, limit.rlim_max};
  ASSERT_EQ(0, setrlimit(RLIMIT_MEMLOCK, &small));
  ASSERT_EQ(0, syscall(SYS_capset, &self, limited.data()));
  EXPECT_EQ(Errc::out_of_memory, bus_.register_memory(pages.at(0, 64 * page_bytes)).error());
  EXPECT_NE(std::string::npos, bus_.why().find("ulimit -l")) << bus_.why();
  ASSERT_EQ(0, syscall(SYS_capset, &self, all.data()));
  ASSERT_EQ(0, setrlimit(RLIMIT_MEMLOCK, &limit));
  EXPECT_EQ(mappings, backend_->iommu_info().value().mappings_left);
  EXPECT_TRUE(bus_.register_memory(pages.at(0, 64 * page_bytes)).has_value()) << bus_.why();
}

/// The kernel's limit of mappings for containers that are made from now on.
void limit_mappings(unsigned most) {
  std::ofstream file("/sys/module/vfio_iommu_type1/parameters/dma_entry_limit");
  file << most << std::flush;
  EXPECT_TRUE(file.good());
}

TEST_F(OwnMemoryOnTheBus, beyond_the_kernels_limit_of_mappings_is_refused_and_nothing_is_lost) {
  limit_mappings(4);
  ASSERT_TRUE(bus_.claim(drive_).has_value()) << bus_.why();
  auto* backend = bus_.open(drive_).value();
  EXPECT_EQ(4u, backend->iommu_info().value().mappings_left);
  OwnPages pages(6 * page_bytes);
  for (std::size_t page = 0; page < 4; ++page) {
    ASSERT_TRUE(bus_.register_memory(pages.at(page * page_bytes, page_bytes)).has_value()) << bus_.why();
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Errc::no_space, bus_.register_memory(pages.at(4 * page_bytes, page_bytes)).error());
    EXPECT_NE(std::string::npos, bus_.why().find("dma_entry_limit")) << bus_.why();
    EXPECT_EQ(Errc::no_space, backend->allocate_dma(4096).error());
    EXPECT_EQ(Errc::no_space, backend->map(pages.at(5 * page_bytes, page_bytes), DmaRights::device_reads).error());
  }
  EXPECT_TRUE(backend->map(pages.at(100, 200), DmaRights::device_reads).has_value()) << "registered memory needs none";
  EXPECT_TRUE(backend->unmap(pages.at(100, 200)).has_value());
  bus_.release(drive_);

  // What is registered has to fit a function that is opened later.
  limit_mappings(3);
  ASSERT_TRUE(bus_.claim(drive_).has_value()) << bus_.why();
  EXPECT_EQ(Errc::no_space, bus_.open(drive_).error());
  EXPECT_NE(std::string::npos, bus_.why().find("registered memory cannot be mapped for it")) << bus_.why();
  ASSERT_TRUE(bus_.unregister_memory(pages.at(0, page_bytes)).has_value()) << bus_.why();
  auto reopened = bus_.open(drive_);
  ASSERT_TRUE(reopened.has_value()) << bus_.why();
  EXPECT_EQ(0u, (*reopened)->iommu_info().value().mappings_left);
  for (std::size_t page = 1; page < 4; ++page) {
    EXPECT_TRUE(bus_.unregister_memory(pages.at(page * page_bytes, page_bytes)).has_value()) << bus_.why();
  }
  EXPECT_EQ(3u, (*reopened)->iommu_info().value().mappings_left);
  limit_mappings(65535);
}

/// How many bits the addresses of Intel's IOMMU have: MGAW of its capability register. 64 for another's.
unsigned iommu_address_bits() {
  std::ifstream file("/sys/class/iommu/dmar0/intel-iommu/cap");
  std::uint64_t capabilities = 0;
  return file >> std::hex >> capabilities ? static_cast<unsigned>(capabilities >> 16 & 0x3f) + 1 : 64;
}

TEST_F(OwnMemory, has_addresses_that_the_iommu_has) {
  const auto info = backend_->iommu_info().value();
  EXPECT_TRUE(info.maps_pages_of(4096));
  ASSERT_LE(2u, info.ranges.size()) << "there is a hole for the interrupts";
  EXPECT_EQ(Iova{0xfedf'ffff}, info.ranges[0].last);
  EXPECT_EQ(Iova{0xfef0'0000}, info.ranges[1].first);
  EXPECT_EQ(Iova{~0ull >> (64 - iommu_address_bits())}, info.ranges.back().last);
  OwnPages pages(page_bytes);
  ASSERT_TRUE(bus_.register_memory(pages.at(0, page_bytes)).has_value()) << bus_.why();
  for (const Iova iova : {backend_->translate(pages.at(0, page_bytes)).value().iova, backend_->allocate_dma(1 << 20).value().iova}) {
    EXPECT_TRUE(std::any_of(info.ranges.begin(), info.ranges.end(), [iova](const IovaRange& range) {
      return range.first <= iova && iova + 4095 <= range.last;
    })) << iova.value;
  }
}

// Below the bus: what the kernel says is what the kernel does.
TEST_F(OwnMemoryOnTheBus, the_iommu_maps_to_the_end_of_what_it_has_and_nothing_beyond) {
  auto container = VfioContainer::take(drive_, SysfsPci().access_to(drive_).value().iommu_group);
  ASSERT_TRUE(container.has_value()) << container.error().why;
  EXPECT_EQ(Errc::not_ready, (*container)->iommu_info().error());
  auto device = VfioDevice::open(drive_);
  ASSERT_TRUE(device.has_value()) << device.error().why;
  OwnPages pages(page_bytes);
  auto* page = pages.at(0, page_bytes).data();
  const auto info = (*container)->iommu_info().value();
  for (const auto& [first, last] : info.ranges) {
    const std::uint64_t kept_clear = last.value == ~0ull ? 4096 : 0;  // by IovaSpace, which says why
    for (const Iova inside : {first, Iova{last.value - 4095 - kept_clear}}) {
      EXPECT_TRUE((*container)->map(page, inside, 4096, DmaRights::device_reads).has_value()) << inside.value;
      (*container)->unmap(inside, 4096);
    }
    if (last.value != ~0ull) {
      EXPECT_EQ(Errc::invalid_argument, (*container)->map(page, last + 1, 4096, DmaRights::device_reads).error()) << last.value;
    }
  }
}

}  // namespace
}  // namespace phasebit::hw
