#include "src/cli/existing_content.hpp"

#include <blkid/blkid.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace phasebit::cli {
namespace {

/// A file in memory that is as long as the namespace and has only its ends.
class Image {
 public:
  Image(std::span<const std::byte> front, std::span<const std::byte> back, std::uint64_t bytes)
      : file_(::memfd_create("namespace", MFD_CLOEXEC)) {
    whole_ = file_ >= 0 && ::ftruncate(file_, static_cast<off_t>(bytes)) == 0 && write(front, 0) && write(back, bytes - back.size());
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() {
    if (file_ >= 0) {
      ::close(file_);
    }
  }
  bool is_whole() const { return whole_; }
  int file() const { return file_; }

 private:
  bool write(std::span<const std::byte> content, std::uint64_t at) const {
    return ::pwrite(file_, content.data(), content.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(content.size());
  }

  int file_;
  bool whole_ = false;
};

std::optional<std::string> value_of(blkid_probe probe, const char* name) {
  const char* value = nullptr;
  return blkid_probe_lookup_value(probe, name, &value, nullptr) == 0 ? std::optional<std::string>(value) : std::nullopt;
}

/// A boot sector says whose it is from its third byte on.
std::optional<std::string> boot_sector_of(std::span<const std::byte> front) {
  constexpr std::size_t name_offset = 3;
  const std::string_view start(reinterpret_cast<const char*>(front.data()), front.size());
  const auto is_of = [&](std::string_view owner) { return start.substr(std::min(name_offset, start.size())).starts_with(owner); };
  return is_of("NTFS    ")   ? std::optional<std::string>("ntfs")
         : is_of("-FVE-FS-") ? std::optional<std::string>("BitLocker")
                             : std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> existing_content(std::span<const std::byte> front, std::span<const std::byte> back, std::uint64_t bytes,
                                                    std::uint32_t block_bytes) {
  const Image image(front, back, bytes);
  const std::unique_ptr<blkid_struct_probe, decltype(&blkid_free_probe)> probe(blkid_new_probe(), &blkid_free_probe);
  if (!image.is_whole() || probe == nullptr ||
      blkid_probe_set_device(probe.get(), image.file(), 0, static_cast<blkid_loff_t>(bytes)) != 0 ||
      blkid_probe_set_sectorsize(probe.get(), block_bytes) != 0) {
    return fail(Errc::environment);
  }
  blkid_probe_enable_superblocks(probe.get(), 1);
  blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE);
  blkid_probe_enable_partitions(probe.get(), 1);
  switch (blkid_do_safeprobe(probe.get())) {
    case 0: {
      const std::optional<std::string> table = value_of(probe.get(), "PTTYPE");
      const std::optional<std::string> type = value_of(probe.get(), "TYPE");
      return std::optional(type ? *type : table ? "a partition table (" + *table + ")" : std::string("something"));
    }
    case 1:
      return boot_sector_of(front);
    case -2:  // signatures that contradict each other: more than one owner
      return std::optional<std::string>("several signatures at once");
    default:
      return fail(Errc::environment);
  }
}

}  // namespace phasebit::cli
