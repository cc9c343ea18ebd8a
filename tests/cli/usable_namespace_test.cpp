#include "src/cli/usable_namespace.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace phasebit::cli {
namespace {

TEST(UsableNamespace, is_the_first_with_blocks_and_without_metadata) {
  std::vector<driver::Namespace> spaces{{.nsid = Nsid{1}, .blocks = 8, .metadata_bytes = 8}, {.nsid = Nsid{2}}};
  EXPECT_FALSE(first_usable_namespace({}).has_value());
  EXPECT_FALSE(first_usable_namespace(spaces).has_value());
  spaces.push_back({.nsid = Nsid{3}, .blocks = 8});
  spaces.push_back({.nsid = Nsid{4}, .blocks = 8});
  EXPECT_EQ(first_usable_namespace(spaces)->nsid, Nsid{3});
}

}  // namespace
}  // namespace phasebit::cli
