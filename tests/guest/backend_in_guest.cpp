// Runs in the guest: the bus and the backend against QEMU's NVMe function.
// Nothing here waits for longer than the drive takes; ci/guest/run-in-guest ends what never ends.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>

#include "hw/device_name.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/registers.hpp"
#include "tests/guest/on_the_bus.hpp"
#include "tests/guest/sysfs_writer.hpp"

namespace phasebit::hw {
namespace {

TEST_F(OnTheBus, the_drive_is_found_by_its_class_code) {
  int drives = 0;
  for (const auto& function : bus_.enumerate()) {
    if (function.class_code == spec::pci::class_code_nvme) {
      ++drives;
      EXPECT_EQ(drive_, function.address);
      EXPECT_EQ(0x1b36, function.vendor_id);
      EXPECT_EQ(0x0010, function.device_id);
    }
  }
  EXPECT_EQ(1, drives);
}

TEST_F(OnTheBus, a_claim_is_exclusive_until_it_is_released) {
  EXPECT_EQ(Errc::not_ready, bus_.open(drive_).error());
  ASSERT_TRUE(bus_.claim(drive_).has_value()) << bus_.why();
  EXPECT_EQ(Errc::busy, bus_.claim(drive_).error());
  PcieBus another;
  EXPECT_EQ(Errc::busy, another.claim(drive_).error());
  EXPECT_NE(std::string::npos, another.why().find("another process uses ")) << another.why();
  bus_.release(drive_);
  EXPECT_TRUE(another.claim(drive_).has_value()) << another.why();
}

TEST_F(Opened, it_shows_the_drives_registers_and_configuration) {
  EXPECT_EQ(0x0010'1b36u, backend_->config_read32(spec::pci::config::vendor_id));
  EXPECT_EQ(0x0108'0200u, backend_->config_read32(spec::pci::config::revision_id) & 0xffff'ff00u);
  EXPECT_EQ(16384u, backend_->bar_bytes());
  EXPECT_EQ(0x0001'0400u, backend_->read32(spec::offset::vs));
  EXPECT_EQ(2047u, backend_->read64(spec::offset::cap) & 0xffff);
  EXPECT_EQ(Errc::busy, bus_.open(drive_).error());
}

TEST_F(Opened, it_hands_out_zeroed_pages_that_the_drive_reaches) {
  auto region = backend_->allocate_dma(1 << 20);
  ASSERT_TRUE(region.has_value());
  EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(region->data) % 4096);
  EXPECT_EQ(0u, region->iova.value % 4096);
  const auto last_page = region->slice((1 << 20) - 4096, 4096);
  {
    AdminQueue admin(*backend_);
    EXPECT_TRUE(is_success(admin.identify(last_page.iova)));
    EXPECT_TRUE(is_success(admin.identify(region->iova)));
    EXPECT_TRUE(is_success(admin.identify(last_page.iova))) << "the queue has wrapped";
  }
  EXPECT_EQ(serial, serial_in(last_page.data));
  EXPECT_EQ(serial, serial_in(region->data));
  backend_->free_dma(*region);
  auto again = backend_->allocate_dma(1 << 20);
  ASSERT_TRUE(again.has_value());
  for (auto byte : again->span()) {
    ASSERT_EQ(std::byte{0}, byte);
  }
  EXPECT_EQ(Errc::invalid_argument, backend_->allocate_dma(0).error());
  EXPECT_EQ(Errc::out_of_memory, backend_->allocate_dma(1ull << 40).error());
}

TEST_F(Opened, it_maps_the_callers_memory_wherever_that_lies) {
  auto whole = backend_->map(buffer_, DmaRights::device_writes);
  ASSERT_TRUE(whole.has_value());
  auto second_half = backend_->map(std::span(buffer_).subspan(4096), DmaRights::device_reads_and_writes);
  ASSERT_TRUE(second_half.has_value());
  AdminQueue admin(*backend_);
  EXPECT_TRUE(is_success(admin.identify(*whole)));
  EXPECT_TRUE(is_success(admin.identify(*second_half)));
  EXPECT_EQ(serial, serial_in(buffer_.data()));
  EXPECT_EQ(serial, serial_in(buffer_.data() + 4096));
  EXPECT_TRUE(backend_->unmap(buffer_).has_value());
  EXPECT_EQ(Errc::not_found, backend_->unmap(buffer_).error());
  buffer_.fill(std::byte{0});
  EXPECT_TRUE(is_success(admin.identify(*second_half))) << "the other range is still mapped";
  EXPECT_EQ(serial, serial_in(buffer_.data() + 4096));
}

TEST_F(Opened, it_refuses_memory_that_is_not_there) {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(MAP_FAILED, page);
  munmap(page, 4096);
  EXPECT_EQ(Errc::invalid_argument, backend_->map({static_cast<std::byte*>(page), 4096}, DmaRights::device_reads).error());
}

TEST_F(Opened, closing_resets_the_drive_and_takes_all_memory_back) {
  auto left_behind = backend_->allocate_dma(4096);
  ASSERT_TRUE(left_behind.has_value());
  AdminQueue queues_left_behind(*backend_);
  queues_left_behind.abandon();
  EXPECT_EQ(1u, backend_->read32(spec::offset::csts));
  bus_.close(drive_);
  auto reopened = bus_.open(drive_);
  ASSERT_TRUE(reopened.has_value()) << bus_.why();
  EXPECT_EQ(0u, (*reopened)->read32(spec::offset::csts));
  AdminQueue admin(**reopened);
  auto region = (*reopened)->allocate_dma(4096);
  ASSERT_TRUE(region.has_value());
  EXPECT_TRUE(is_success(admin.identify(region->iova)));
  EXPECT_EQ(serial, serial_in(region->data));
}

// The last one: the drive comes back without a driver.
TEST_F(Opened, it_tells_when_the_drive_shall_go_goes_and_comes_back) {
  const auto remover = write_from_elsewhere("1", "/sys/bus/pci/devices/" + text(drive_) + "/remove");
  EXPECT_EQ(BusEvent::Kind::removal_asked, next_kind(bus_, drive_));
  EXPECT_EQ(0x0010'1b36u, backend_->config_read32(spec::pci::config::vendor_id)) << "it stays until it is closed";
  bus_.release(drive_);
  EXPECT_EQ(BusEvent::Kind::removed, next_kind(bus_, drive_));
  waitpid(remover, nullptr, 0);
  EXPECT_EQ(Errc::not_found, bus_.claim(drive_).error());

  const auto finder = write_from_elsewhere("1", "/sys/bus/pci/rescan");
  EXPECT_EQ(BusEvent::Kind::added, next_kind(bus_, drive_));
  waitpid(finder, nullptr, 0);
  EXPECT_EQ(Errc::not_ready, bus_.claim(drive_).error()) << "who drives it is the administrator's to say";
}

// Run alone, in a guest that is expected to report faults of the IOMMU.
TEST_F(Opened, DMA_FAULT_memory_that_the_drive_may_only_read_stays_as_it_is) {
  auto iova = backend_->map(buffer_, DmaRights::device_reads);
  ASSERT_TRUE(iova.has_value());
  AdminQueue admin(*backend_);
  admin.identify(*iova);  // whose status QEMU takes from the command alone
  EXPECT_EQ(std::string(20, '\0'), serial_in(buffer_.data()));
}

TEST_F(Opened, DMA_FAULT_memory_that_was_unmapped_stays_as_it_is) {
  auto iova = backend_->map(buffer_, DmaRights::device_reads_and_writes);
  ASSERT_TRUE(iova.has_value());
  AdminQueue admin(*backend_);
  ASSERT_TRUE(backend_->unmap(buffer_).has_value());
  admin.identify(*iova);  // whose status QEMU takes from the command alone
  EXPECT_EQ(std::string(20, '\0'), serial_in(buffer_.data()));
}

TEST_F(Opened, DMA_FAULT_memory_that_was_freed_is_out_of_reach) {
  AdminQueue admin(*backend_);
  const auto freed = backend_->allocate_dma(4096).value();
  backend_->free_dma(freed);
  const auto again = backend_->allocate_dma(4096).value();
  ASSERT_EQ(freed.data, again.data) << "or this test shows nothing";
  admin.identify(freed.iova);
  EXPECT_EQ(std::string(20, '\0'), serial_in(again.data));
}

}  // namespace
}  // namespace phasebit::hw
