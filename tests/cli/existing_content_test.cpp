// Images made by the tools that people use.
#include "src/cli/existing_content.hpp"

#include <cstdlib>

#include "tests/cli/program.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint64_t image_bytes = 16 << 20;

std::vector<std::byte> bytes_of(std::ifstream& image, std::uint64_t from) {
  std::vector<std::byte> bytes(inspected_bytes);
  image.seekg(static_cast<std::streamoff>(from));
  image.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

/// What is found on an image of zeroes after a tool was let loose on it; `{}` stands for its path.
std::string found_after(const std::string& tool, std::uint32_t block_bytes = 512) {
  const Folder folder;
  const std::string path = folder.write("image", "");
  std::filesystem::resize_file(path, image_bytes);
  std::string command = tool;
  if (const std::size_t at = command.find("{}"); at != std::string::npos) {
    command.replace(at, 2, path);
  }
  if (std::system(("PATH=$PATH:/usr/sbin:/sbin; " + command + " >/dev/null 2>&1").c_str()) != 0) {  // NOLINT(cert-env33-c)
    return "the tool failed";
  }
  std::ifstream image(path, std::ios::binary);
  const auto found = existing_content(bytes_of(image, 0), bytes_of(image, image_bytes - inspected_bytes), image_bytes, block_bytes);
  return !found ? "error" : found->value_or("nothing");
}

TEST(ExistingContent, is_nothing_on_a_drive_of_zeroes_or_noise) {
  EXPECT_EQ(found_after("true"), "nothing");
  EXPECT_EQ(found_after("yes Phasebit | head -c 16777216 > {}"), "nothing");
}

TEST(ExistingContent, is_named_as_libblkid_names_it) {
  EXPECT_EQ(found_after("mke2fs -q -F -t ext4 {}"), "ext4");
  EXPECT_EQ(found_after("mkswap {}"), "swap");
  EXPECT_EQ(found_after("echo , | sfdisk --label dos {}"), "a partition table (dos)");
  EXPECT_EQ(found_after("echo , | sfdisk --label gpt {}"), "a partition table (gpt)");
}

TEST(ExistingContent, is_found_behind_blocks_of_4096_bytes) {
  EXPECT_EQ(found_after("/usr/bin/python3 " PHASEBIT_SOURCES "/tests/cli/make_gpt.py {} 4096", 4096), "a partition table (gpt)");
}

TEST(ExistingContent, is_found_beyond_the_first_mebibyte) {
  EXPECT_EQ(found_after("printf '\\015\\320\\001\\300' | dd of={} bs=1 seek=1048576 conv=notrunc"), "VMFS_volume_member");
}

TEST(ExistingContent, is_seen_by_its_boot_sector_where_libblkid_needs_its_middle) {
  EXPECT_EQ(found_after("printf 'NTFS    ' | dd of={} bs=1 seek=3 conv=notrunc"), "ntfs");
  EXPECT_EQ(found_after("printf -- '-FVE-FS-' | dd of={} bs=1 seek=3 conv=notrunc"), "BitLocker");
}

TEST(ExistingContent, is_found_at_the_end_alone) {
  // Intel's firmware RAID keeps its metadata in the last but one sector.
  EXPECT_EQ(found_after("printf 'Intel Raid ISM Cfg Sig. 1.3.00' | dd of={} bs=1 seek=16776192 conv=notrunc"), "isw_raid_member");
}

}  // namespace
}  // namespace phasebit::cli
