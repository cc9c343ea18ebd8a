#include "src/driver/limits.hpp"

#include <gtest/gtest.h>

#include "src/spec/identify_units.hpp"

namespace phasebit::driver {
namespace {

TEST(Splitting, mdts_of_any_size_is_obeyed_and_zero_is_no_limit) {
  const auto units = [](std::uint8_t mdts) {
    spec::IdentifyController id{};
    id.mdts = mdts;
    return first_command_units({.units = 4096}, {PageSize{4096}, spec::transfer_bytes_max(id, spec::Cap{}), spec::unlimited});
  };
  EXPECT_EQ(units(0), 4096u);
  EXPECT_EQ(units(1), 16u);
  EXPECT_EQ(units(5), 256u);
  EXPECT_EQ(units(31), 4096u);
  EXPECT_EQ(units(255), 4096u);
}

TEST(Splitting, an_operation_within_all_limits_is_one_command) {
  EXPECT_EQ(first_command_units({.lba = Lba{3}, .units = 256}, {PageSize{4096}, spec::unlimited, 513}), 256u);
}

TEST(Splitting, the_smallest_limit_counts) {
  const TransferLimits roomy{PageSize{4096}, spec::unlimited, spec::unlimited};
  EXPECT_EQ(first_command_units({.units = 1'000'000}, roomy), 65536u) << "NLB";
  EXPECT_EQ(first_command_units({.units = 65537}, roomy), 65536u);
  EXPECT_EQ(first_command_units({.units = 65536}, roomy), 65536u);
  EXPECT_EQ(first_command_units({.units = 1000}, {PageSize{4096}, 131072, 513}), 256u) << "MDTS";
  EXPECT_EQ(first_command_units({.units = 1000}, {PageSize{4096}, spec::unlimited, 3}), 24u) << "pages";
  EXPECT_EQ(first_command_units({.units = 1000, .page_offset = 512}, {PageSize{4096}, spec::unlimited, 3}), 23u);
  EXPECT_EQ(first_command_units({.units = 1000, .page_offset = 4}, {PageSize{4096}, spec::unlimited, 3}), 23u);
  EXPECT_EQ(first_command_units({.units = 1000, .bytes_to_gap = 1024}, roomy), 2u) << "gap";
}

TEST(Splitting, no_command_crosses_the_boundary_that_noiob_names) {
  const TransferLimits roomy{PageSize{4096}, spec::unlimited, spec::unlimited};
  for (std::uint32_t boundary : {1u, 3u, 8u, 100u, 256u}) {
    for (std::uint64_t lba = 0; lba < 2ull * boundary; ++lba) {
      const std::uint64_t units = first_command_units({.lba = Lba{lba}, .units = 1000, .boundary_blocks = boundary}, roomy);
      ASSERT_GE(units, 1u);
      ASSERT_EQ(lba / boundary, (lba + units - 1) / boundary) << lba << " " << boundary;
      ASSERT_TRUE(units == 1000 || (lba + units) % boundary == 0);
    }
  }
}

TEST(Splitting, a_block_larger_than_a_command_may_carry_is_no_command) {
  EXPECT_EQ(first_command_units({.units = 1, .unit_bytes_log2 = 16}, {PageSize{4096}, 8192, 513}), 0u);
}

}  // namespace
}  // namespace phasebit::driver
