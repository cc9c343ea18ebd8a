// Runs in a guest without an IOMMU: uio_pci_generic holds QEMU's NVMe function, and it finds memory by physical addresses.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "hw/device_name.hpp"
#include "hw/physical_heap.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/registers.hpp"
#include "tests/guest/on_the_bus.hpp"
#include "tests/guest/sysfs_writer.hpp"
#include "tests/support/pagemap.hpp"

namespace phasebit::hw {
namespace {

class WithoutIommu : public Opened {
 protected:
  void expect_identify_at(Iova iova, const std::byte* data) {
    AdminQueue admin(*backend_);
    EXPECT_TRUE(is_success(admin.identify(iova)));
    EXPECT_EQ(serial, serial_in(data));
  }
};

TEST_F(WithoutIommu, a_region_has_its_physical_address_and_is_in_one_piece) {
  for (const std::uint64_t bytes : {4096u, 12288u, 1u << 20, 2u << 20}) {
    const auto region = backend_->allocate_dma(bytes);
    ASSERT_TRUE(region.has_value()) << bytes;
    for (std::uint64_t offset = 0; offset < bytes; offset += 4096) {
      ASSERT_EQ(testing::physical_address(region->data + offset), region->iova + offset) << bytes;
    }
    expect_identify_at(region->iova + (bytes - 4096), region->data + (bytes - 4096));
    backend_->free_dma(*region);
  }
}

TEST_F(WithoutIommu, a_region_of_several_hugepages_is_in_one_piece_or_not_to_be_had) {
  const auto region = backend_->allocate_dma(6 << 20);
  if (!region) {
    EXPECT_EQ(Errc::out_of_memory, region.error());
    return;
  }
  for (std::uint64_t offset = 0; offset < region->bytes; offset += 4096) {
    ASSERT_EQ(testing::physical_address(region->data + offset), region->iova + offset);
  }
  backend_->free_dma(*region);
}

TEST_F(WithoutIommu, many_small_regions_lie_anywhere_and_none_across_two_hugepages) {
  std::vector<DmaRegion> regions;
  for (int i = 0; i < 300; ++i) {
    regions.push_back(backend_->allocate_dma(24576).value());
    ASSERT_EQ(testing::physical_address(regions.back().data + 20480), regions.back().iova + 20480) << i;
  }
  for (const DmaRegion& region : regions) {
    backend_->free_dma(region);
  }
}

TEST_F(WithoutIommu, memory_that_may_move_is_refused) {
  EXPECT_EQ(Errc::unsupported, backend_->map(buffer_, DmaRights::device_writes).error());
  EXPECT_EQ(Errc::unsupported, bus_.register_memory(buffer_).error());
  EXPECT_NE(std::string::npos, bus_.why().find("without an IOMMU a drive reaches only memory of DPDK's")) << bus_.why();
  EXPECT_EQ(Errc::not_found, backend_->translate(buffer_).error());
}

TEST_F(WithoutIommu, memory_of_dpdks_is_mapped_and_registered) {
  PhysicalHeap heap;
  std::byte* const data = heap.allocate_pages(3ul * 4096);
  ASSERT_NE(nullptr, data);
  const std::span<std::byte> memory(data, 3ul * 4096);
  const auto whole = backend_->map(memory, DmaRights::device_writes);
  ASSERT_TRUE(whole.has_value());
  expect_identify_at(*whole, data);
  ASSERT_TRUE(bus_.register_memory(memory).has_value()) << bus_.why();
  EXPECT_EQ((Translation{*whole + 100, memory.size() - 100}), backend_->translate(memory.subspan(100)).value());
  EXPECT_TRUE(backend_->unmap(memory).has_value());
  EXPECT_TRUE(bus_.unregister_memory(memory).has_value()) << bus_.why();
  heap.free_pages(data);
}

TEST_F(WithoutIommu, there_is_nothing_to_say_of_one_and_there_are_no_interrupts) {
  EXPECT_EQ(Errc::unsupported, backend_->iommu_info().error());
  EXPECT_EQ(0u, backend_->enable_interrupts(4));
}

TEST_F(WithoutIommu, closing_switches_bus_mastering_off) {
  AdminQueue admin(*backend_);
  admin.abandon();
  bus_.close(drive_);
  std::ifstream config("/sys/bus/pci/devices/" + text(drive_) + "/config", std::ios::binary);
  config.seekg(spec::pci::config::command);
  EXPECT_EQ(0, config.get() & 4);
}

// The last one: the drive comes back without a driver.
TEST_F(WithoutIommu, the_drive_goes_without_asking_and_comes_back_to_nobody) {
  waitpid(write_from_elsewhere("1", "/sys/bus/pci/devices/" + text(drive_) + "/remove"), nullptr, 0);
  EXPECT_EQ(BusEvent::Kind::removed, next_kind(bus_, drive_));
  EXPECT_EQ(~0u, backend_->config_read32(spec::pci::config::vendor_id));
  const std::uint32_t csts = backend_->read32(spec::offset::csts);
  EXPECT_TRUE(csts == ~0u || csts == 0) << "QEMU answers 0 where nobody decodes";
  bus_.release(drive_);
  EXPECT_EQ(Errc::not_found, bus_.claim(drive_).error());
  waitpid(write_from_elsewhere("1", "/sys/bus/pci/rescan"), nullptr, 0);
  EXPECT_EQ(BusEvent::Kind::added, next_kind(bus_, drive_));
  EXPECT_EQ(Errc::not_ready, bus_.claim(drive_).error()) << "a driver of the kernel's may be about to take it";
}

}  // namespace
}  // namespace phasebit::hw
