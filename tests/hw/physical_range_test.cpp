#include "hw/physical_range.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <span>

namespace phasebit::hw {
namespace {

constexpr std::uint64_t huge = 64;  // of a machine that is small enough to be looked at whole

/// Hugepages of the process, each somewhere in the machine. Between two of them nothing is.
class InHugepages : public ::testing::Test {
 protected:
  auto piece_at() const {
    return [this](const std::byte* address) -> std::optional<PhysicalPiece> {
      const auto offset = static_cast<std::uint64_t>(address - memory_.data());
      const auto frame = frames_.find(offset / huge);
      return frame == frames_.end() ? std::nullopt : std::optional(PhysicalPiece{frame->second + offset % huge, huge - offset % huge});
    };
  }
  Result<Iova> address(std::size_t offset, std::size_t bytes) const {
    return physical_address(std::span(memory_).subspan(offset, bytes), piece_at());
  }

  std::array<std::byte, 8 * huge> memory_{};
  // The first two adjoin, the third lies below them, the fourth behind the second; the fifth is missing.
  std::map<std::uint64_t, Iova> frames_{
      {0, Iova{0x1000}}, {1, Iova{0x1000 + huge}}, {2, Iova{0x800}}, {3, Iova{0x1000 + 2 * huge}}, {5, Iova{0x4000}}};
};

TEST_F(InHugepages, a_range_has_an_address_if_it_is_in_one_piece_and_else_none) {
  for (std::size_t offset = 0; offset < memory_.size(); ++offset) {
    for (std::size_t bytes = 1; offset + bytes <= memory_.size(); ++bytes) {
      const std::size_t first = offset / huge;
      const std::size_t last = (offset + bytes - 1) / huge;
      const bool is_one_piece = frames_.contains(first) && (first == last || (first == 0 && last == 1));
      const auto found = address(offset, bytes);
      ASSERT_EQ(is_one_piece, found.has_value()) << offset << ", " << bytes;
      if (is_one_piece) {
        ASSERT_EQ(frames_.at(first) + offset % huge, *found) << offset << ", " << bytes;
      } else {
        ASSERT_EQ(Errc::unsupported, found.error());
      }
    }
  }
}

TEST_F(InHugepages, nothing_has_no_address) {
  EXPECT_EQ(Errc::invalid_argument, address(0, 0).error());
}

}  // namespace
}  // namespace phasebit::hw
