#include "sim/pci/function.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phasebit::sim {
namespace {

Function make(std::uint64_t register_bytes = 0x1010, std::uint32_t vectors = 5) {
  FunctionOptions options;
  options.register_bytes = register_bytes;
  options.interrupt_vectors = vectors;
  return {options, std::pmr::get_default_resource()};
}

TEST(Function, says_that_it_is_an_nvm_express_controller) {
  const Function function = make();
  EXPECT_EQ(function.config_read32(0x00), 0x0010'1b36u);
  EXPECT_EQ(function.config_read32(0x08) >> 8, 0x010802u);
  EXPECT_EQ(function.config_read32(0x2c), 0x1100'1af4u);
}

TEST(Function, tells_the_size_of_its_bar_to_who_writes_all_ones) {
  Function function = make();
  for (std::uint32_t i = 0; i < 4; ++i) {
    function.config_write16(0x10 + 2 * i, 0xffff);
  }
  const std::uint64_t mask = function.config_read32(0x10) | static_cast<std::uint64_t>(function.config_read32(0x10 + 4)) << 32;
  EXPECT_EQ(mask & 0xf, 0x4u) << "a 64-bit memory BAR, not prefetchable";
  EXPECT_EQ(~(mask & ~0xfull) + 1, function.bar_bytes());
}

TEST(Function, has_a_second_bar_for_memory_if_it_has_any) {
  for (const std::uint32_t bar : {2u, 4u}) {
    FunctionOptions options;
    options.memory_bar = bar;
    options.memory_bytes = 0x30'0000;
    Function function(options, std::pmr::get_default_resource());
    function.assign_bar(0x1'0000'0000);
    const std::uint32_t low = 0x10 + 4 * bar;
    EXPECT_EQ(function.config_read32(low) & 0xf, 0xcu) << "64 bits, prefetchable";
    EXPECT_EQ(function.config_read32(0x10 + 4), 1u);
    EXPECT_EQ(function.config_read32(low + 4), 1u);
    EXPECT_EQ(function.config_read32(low) & ~0xfu, 0x40'0000u) << "aligned to its size, behind BAR0";
    for (std::uint32_t i = 0; i < 4; ++i) {
      function.config_write16(low + 2 * i, 0xffff);
    }
    EXPECT_EQ(function.config_read32(low), 0xffc0'000cu) << "of 4 MiB, the next power of two";
    function.reset();
    EXPECT_EQ(function.config_read32(low), 0xcu);
  }
  Function without = make();
  for (std::uint32_t low = 0x18; low < 0x28; low += 4) {
    without.config_write16(low, 0xffff);
    EXPECT_EQ(without.config_read32(low), 0u);
  }
}

TEST(Function, keeps_msix_in_pages_apart_from_doorbells) {
  const Function function = make(0x1010, 300);
  const std::uint32_t table = function.config_read32(0x50 + 4);
  const std::uint32_t pending = function.config_read32(0x50 + 8);
  EXPECT_EQ(table, 0x2000u);
  EXPECT_EQ(pending, 0x2000u + 0x2000u) << "300 vectors of 16 bytes need two pages";
  EXPECT_EQ(function.bar_bytes(), 0x8000u);
  EXPECT_FALSE(function.holds_msix(0x1ffc));
  EXPECT_TRUE(function.holds_msix(0x2000));
  EXPECT_EQ(function.config_read32(0x50) >> 16 & 0x7ff, 299u) << "the table's size is zero-based";
}

TEST(Function, its_capabilities_are_a_list_with_an_end) {
  const Function function = make();
  std::set<std::uint32_t> ids;
  std::uint32_t at = function.config_read32(0x34) & 0xff;
  while (at != 0 && ids.size() < 10) {
    const std::uint32_t dword = function.config_read32(at & ~3u);
    ids.insert(dword & 0xff);
    at = dword >> 8 & 0xff;
  }
  EXPECT_EQ(ids, (std::set<std::uint32_t>{0x01, 0x10, 0x11}));
}

TEST(Function, command_keeps_the_bits_that_exist_and_forgets_them_at_reset) {
  Function function = make();
  EXPECT_FALSE(function.memory_space_enabled());
  function.config_write16(0x04, 0xffff);
  EXPECT_EQ(function.config_read32(0x04) & 0xffff, 0x0546u);
  EXPECT_TRUE(function.memory_space_enabled());
  EXPECT_TRUE(function.bus_master_enabled());
  function.reset();
  EXPECT_FALSE(function.bus_master_enabled());
}

TEST(Function, asks_for_a_function_level_reset_only_when_told_to) {
  Function function = make();
  EXPECT_TRUE(function.config_write16(0x60 + 8, 0x8000).function_level_reset);
  EXPECT_FALSE(function.config_write16(0x60 + 8, 0x7fff).function_level_reset);
  EXPECT_FALSE(function.config_write16(0x60 + 10, 0x8000).function_level_reset);
  EXPECT_EQ(function.config_read32(0x60 + 8) & 0x8000, 0u) << "the bit always reads 0";
}

TEST(Function, a_masked_vector_pends_until_it_is_unmasked) {
  Function function = make();
  EXPECT_FALSE(function.raise(3)) << "MSI-X is off";
  EXPECT_FALSE(function.pending(3));
  function.config_write16(0x50 + 2, 0x8000);
  EXPECT_FALSE(function.raise(3));
  EXPECT_TRUE(function.pending(3));
  EXPECT_EQ(function.msix_read32(0x3000), 1u << 3);
  EXPECT_EQ(function.take_unmasked(), std::nullopt);
  function.msix_write32(0x2000 + 3 * 16 + 12, 0);
  EXPECT_EQ(function.take_unmasked(), 3);
  EXPECT_EQ(function.take_unmasked(), std::nullopt);
  EXPECT_FALSE(function.pending(3));
  EXPECT_TRUE(function.raise(3));
  EXPECT_FALSE(function.raise(5)) << "there are five";
}

TEST(Function, lets_the_first_vectors_through_as_a_kernel_would_and_no_more_than_it_has) {
  Function function = make();
  EXPECT_EQ(function.enable_msix(2), 2u);
  EXPECT_TRUE(function.raise(0));
  EXPECT_TRUE(function.raise(1));
  EXPECT_FALSE(function.raise(2)) << "still masked";
  EXPECT_EQ(function.enable_msix(64), 5u);
  EXPECT_EQ(function.take_unmasked(), 2);
  function.reset();
  EXPECT_FALSE(function.raise(0));
}

TEST(Function, reads_beyond_its_configuration_space_are_all_ones) {
  Function function = make();
  EXPECT_EQ(function.config_read32(256), 0xffff'ffffu);
  EXPECT_EQ(function.config_read32(2), 0xffff'ffffu);
  function.config_write16(256, 1);
  function.config_write16(3, 0xffff);
  EXPECT_EQ(function.config_read32(0x00), 0x0010'1b36u);
}

}  // namespace
}  // namespace phasebit::sim
