#include "hw/hugepages.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_machine.hpp"

namespace phasebit::hw {
namespace {

constexpr std::uint64_t two_mib = 2 << 20;

class Pools : public ::testing::Test {
 protected:
  Pools() {
    machine_.add_pool(std::nullopt, "1048576kB", 2, 1);
    machine_.add_pool(std::nullopt, "2048kB", 64, 60);
    machine_.add_pool(1, "2048kB", 24, 20);
    machine_.add_pool(0, "2048kB", 40, 40);
  }
  std::string total(std::optional<unsigned> node) const {
    return machine_.line_of(FakeMachine::pool(node, "2048kB") + "nr_hugepages").value_or("");
  }
  FakeMachine machine_;
};

TEST_F(Pools, are_read_by_size_and_node) {
  const auto pools = hugepage_pools(machine_);
  ASSERT_EQ(4u, pools.size());
  EXPECT_EQ(two_mib, pools[0].page_bytes);
  EXPECT_EQ(std::nullopt, pools[0].node);
  EXPECT_EQ(64u, pools[0].total);
  EXPECT_EQ(60u, pools[0].free);
  EXPECT_EQ(1u, pools[0].reserved);
  EXPECT_EQ(0u, pools[1].node);
  EXPECT_EQ(1u, pools[2].node);
  EXPECT_EQ(24u, pools[2].total);
  EXPECT_EQ(std::nullopt, pools[2].reserved) << "the kernel does not tell it of a node";
  EXPECT_EQ(std::uint64_t{1} << 30, pools[3].page_bytes);
}

TEST_F(Pools, sizes_are_written_as_users_do) {
  EXPECT_EQ("2M", page_size_text(two_mib));
  EXPECT_EQ("1G", page_size_text(std::uint64_t{1} << 30));
  EXPECT_EQ("64K", page_size_text(64 << 10));
  EXPECT_EQ("16G", page_size_text(std::uint64_t{16} << 30));
}

TEST_F(Pools, a_count_is_set_for_the_machine_or_one_node) {
  ASSERT_TRUE(set_hugepages(machine_, two_mib, std::nullopt, 128).has_value());
  EXPECT_EQ("128", total(std::nullopt));
  ASSERT_TRUE(set_hugepages(machine_, two_mib, 1, 7).has_value());
  EXPECT_EQ("7", total(1));
  EXPECT_EQ("64", total(0));
  EXPECT_EQ("71", total(std::nullopt));
}

TEST_F(Pools, what_the_kernel_cannot_give_is_refused_with_what_it_could) {
  machine_.hugepages_max = 80;
  const auto set = set_hugepages(machine_, two_mib, std::nullopt, 1000);
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(Errc::out_of_memory, set.error().error);
  EXPECT_EQ("of 1000 hugepages of 2M the kernel could give 80: memory is short or in pieces; they are 64 again, as before",
            set.error().why);
  EXPECT_EQ("64", total(std::nullopt));
}

TEST_F(Pools, pages_that_are_in_use_stay_beyond_the_count) {
  machine_.put(FakeMachine::pool(std::nullopt, "2048kB") + "surplus_hugepages", "4");
  EXPECT_EQ(60u, hugepage_pool(machine_, two_mib, std::nullopt)->count());
}

TEST_F(Pools, a_size_or_node_that_is_not_there_is_refused_with_what_is) {
  EXPECT_EQ("no hugepages of 64K: there are 2M, 1G", hugepage_pool(machine_, 64 << 10, std::nullopt).error().why);
  EXPECT_EQ(Errc::not_found, set_hugepages(machine_, two_mib, 9, 1).error().error);
  EXPECT_EQ("no hugepages of 2M: this kernel has none at all", hugepage_pool(FakeMachine(), two_mib, std::nullopt).error().why);
}

}  // namespace
}  // namespace phasebit::hw
