#include "hw/iommu_info.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace phasebit::hw {
namespace {

/// An answer of the kernel, written down number by number as linux/vfio.h lays it out.
class IommuAnswer {
 public:
  IommuAnswer& u16(std::uint16_t value) { return put(value); }
  IommuAnswer& u32(std::uint32_t value) { return put(value); }
  IommuAnswer& u64(std::uint64_t value) { return put(value); }
  /// argsz (which nobody reads), flags, page sizes, offset of the first capability, padding: 24 bytes.
  IommuAnswer& head(std::uint32_t flags, std::uint64_t page_sizes, std::uint32_t first) {
    return u32(0).u32(flags).u64(page_sizes).u32(first).u32(0);
  }
  IommuAnswer& capability(std::uint16_t id, std::uint16_t version, std::uint32_t next) { return u16(id).u16(version).u32(next); }

  Result<IommuInfo> parsed() const { return parse_iommu_info(bytes_); }
  Result<IommuInfo> parsed(std::size_t bytes) const {
    const std::vector<std::byte> cut(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(bytes));  // a sanitizer watches its end
    return parse_iommu_info(cut);
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  template <class T>
  IommuAnswer& put(T value) {
    bytes_.resize(bytes_.size() + sizeof value);
    std::memcpy(bytes_.data() + bytes_.size() - sizeof value, &value, sizeof value);
    return *this;
  }

  std::vector<std::byte> bytes_;
};

constexpr std::uint32_t with_pages = 1;
constexpr std::uint32_t with_capabilities = 2;

/// As an IOMMU of 39 bits with one hole: migration (2), ranges (1), mappings left (3), one behind the other.
IommuAnswer everything() {
  IommuAnswer answer;
  answer.head(with_pages | with_capabilities, 0x4020'1000, 24);
  answer.capability(2, 1, 56).u32(0).u32(0).u64(0x1000).u64(0x1000'0000);
  answer.capability(1, 1, 104).u32(2).u32(0).u64(0).u64(0xfedf'ffff).u64(0xfef0'0000).u64(0x7f'ffff'ffff);
  answer.capability(3, 1, 0).u32(65535);
  return answer;
}

TEST(IommuInfo, tells_page_sizes_ranges_and_how_many_mappings_are_left) {
  const auto info = everything().parsed();
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(0x4020'1000u, info->page_sizes);
  ASSERT_EQ(2u, info->ranges.size());
  EXPECT_EQ((IovaRange{Iova{0}, Iova{0xfedf'ffff}}), info->ranges[0]);
  EXPECT_EQ((IovaRange{Iova{0xfef0'0000}, Iova{0x7f'ffff'ffff}}), info->ranges[1]);
  EXPECT_EQ(65535u, info->mappings_left);
}

TEST(IommuInfo, of_an_old_kernel_is_empty) {
  const auto info = IommuAnswer().head(0, 0x1000, 24).parsed(16);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(0u, info->page_sizes) << "the flag says that it means nothing";
  EXPECT_TRUE(info->ranges.empty());
  EXPECT_FALSE(info->mappings_left.has_value());
  const auto without_chain = IommuAnswer().head(with_pages | with_capabilities, 0x1000, 0).parsed();
  ASSERT_TRUE(without_chain.has_value());
  EXPECT_TRUE(without_chain->ranges.empty());
}

TEST(IommuInfo, passes_over_what_it_does_not_know) {
  auto answer = IommuAnswer().head(with_capabilities, 0, 24);
  answer.capability(77, 1, 32).capability(1, 2, 40).capability(3, 1, 0).u32(5);
  const auto info = answer.parsed();
  ASSERT_TRUE(info.has_value());
  EXPECT_TRUE(info->ranges.empty()) << "of a version that is not known";
  EXPECT_EQ(5u, info->mappings_left);
}

TEST(IommuInfo, is_refused_wherever_it_is_cut) {
  const auto answer = everything();
  for (std::size_t bytes = 0; bytes < answer.size(); ++bytes) {
    EXPECT_FALSE(answer.parsed(bytes).has_value()) << bytes;
  }
}

TEST(IommuInfo, is_refused_if_the_chain_leaves_it_or_turns_back) {
  for (std::uint32_t next : {1u, 16u, 19u, 29u, 37u, 1000u, ~0u}) {  // into the head, out of the answer
    EXPECT_EQ(Errc::environment, IommuAnswer().head(with_capabilities, 0, next).capability(77, 1, 0).u32(0).parsed().error()) << next;
  }
  for (std::uint32_t next : {8u, 24u, 31u, 33u, ~0u - 7}) {  // back, to itself, into itself, out
    EXPECT_EQ(Errc::environment, IommuAnswer().head(with_capabilities, 0, 24).capability(77, 1, next).u64(0).parsed().error()) << next;
  }
}

TEST(IommuInfo, is_refused_if_its_ranges_make_no_sense) {
  struct Case {
    const char* what;
    std::uint32_t count;
    IovaRange first;
    IovaRange second;
  };
  for (const auto& [what, count, first, second] :
       {Case{"no range", 0, {}, {}}, Case{"more than there are", 3, {Iova{0}, Iova{1}}, {Iova{2}, Iova{3}}},
        Case{"more than bytes can count", ~0u, {Iova{0}, Iova{1}}, {Iova{2}, Iova{3}}},
        Case{"ends before it begins", 1, {Iova{2}, Iova{1}}, {}}, Case{"overlap", 2, {Iova{0}, Iova{4095}}, {Iova{4095}, Iova{8191}}},
        Case{"descend", 2, {Iova{8192}, Iova{12287}}, {Iova{0}, Iova{4095}}}}) {
    auto answer = IommuAnswer().head(with_capabilities, 0, 24).capability(1, 1, 0).u32(count).u32(0);
    answer.u64(first.first.value).u64(first.last.value).u64(second.first.value).u64(second.last.value);
    EXPECT_EQ(Errc::environment, answer.parsed().error()) << what;
  }
}

TEST(IommuInfo, says_whether_pages_are_small_enough) {
  EXPECT_TRUE(IommuInfo{}.maps_pages_of(4096)) << "not told";
  EXPECT_TRUE((IommuInfo{.page_sizes = 0x1000}.maps_pages_of(4096)));
  EXPECT_TRUE((IommuInfo{.page_sizes = 0x20'0800}.maps_pages_of(4096)));
  EXPECT_FALSE((IommuInfo{.page_sizes = 0x2001'0000}.maps_pages_of(4096)));
}

}  // namespace
}  // namespace phasebit::hw
