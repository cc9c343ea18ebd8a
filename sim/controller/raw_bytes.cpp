#include "sim/controller/raw_bytes.hpp"

#include <algorithm>

#include "src/base/assert.hpp"

namespace phasebit::sim {
namespace {

/// Stretches with fewer equal bytes between them are written as one.
constexpr std::size_t equal_bytes_min = 8;

std::uint8_t value_of(std::byte byte) {
  return static_cast<std::uint8_t>(byte);
}

/// Which bits of each byte may be changed.
std::vector<std::uint8_t> free_bits(std::size_t bytes, std::span<const OwnField> own) {
  std::vector<std::uint8_t> free(bytes, 0xff);
  for (const OwnField& field : own) {
    for (std::uint32_t i = 0; i < field.bytes; ++i) {
      free[field.offset + i] &= static_cast<std::uint8_t>(~field.mask);
    }
  }
  return free;
}

/// A structure as it is and as it shall become.
struct Change {
  std::span<const std::byte> answer;
  std::vector<std::uint8_t> free;    ///< bits, by byte
  std::vector<std::uint8_t> result;  ///< bytes

  bool at(std::size_t i) const { return value_of(answer[i]) != result[i]; }
  /// Where a stretch that begins at `first` ends: it goes on over a few equal bytes that are free.
  std::size_t end_of_stretch(std::size_t first) const {
    const std::size_t limit = std::min(result.size(), first + raw_stretch_bytes_max);
    std::size_t end = first;
    for (std::size_t i = first; i < limit && i < end + equal_bytes_min && (at(i) || free[i] == 0xff); ++i) {
      end = at(i) ? i + 1 : end;
    }
    return end;
  }
};

std::uint8_t mixed(std::uint8_t mask, std::uint8_t where_set, std::byte elsewhere) {
  return static_cast<std::uint8_t>((where_set & mask) | (value_of(elsewhere) & ~mask));
}

}  // namespace

void lay_over(std::span<const RawBytes> raw, std::span<const OwnField> own, std::span<std::byte> structure) {
  if (raw.empty()) {
    return;
  }
  const std::vector<std::uint8_t> free = free_bits(structure.size(), own);
  for (const RawBytes& stretch : raw) {
    PHASEBIT_ASSERT(stretch.offset <= structure.size() && stretch.bytes.size() <= structure.size() - stretch.offset);
    for (std::size_t i = 0; i < stretch.bytes.size(); ++i) {
      std::byte& byte = structure[stretch.offset + i];
      byte = std::byte{mixed(free[stretch.offset + i], stretch.bytes[i], byte)};
    }
  }
}

bool differs(const OwnField& field, std::span<const std::byte> one, std::span<const std::byte> other) {
  for (std::uint32_t i = field.offset; i < field.offset + field.bytes; ++i) {
    if (((value_of(one[i]) ^ value_of(other[i])) & field.mask) != 0) {
      return true;
    }
  }
  return false;
}

std::vector<RawBytes> difference(std::span<const std::byte> answer, std::span<const std::byte> wanted, std::span<const OwnField> own) {
  PHASEBIT_ASSERT(answer.size() == wanted.size());
  Change change{answer, free_bits(answer.size(), own), {}};
  for (std::size_t i = 0; i < answer.size(); ++i) {
    change.result.push_back(mixed(change.free[i], value_of(wanted[i]), answer[i]));
  }
  std::vector<RawBytes> stretches;
  for (std::size_t first = 0; first < answer.size(); ++first) {
    if (change.at(first)) {
      const std::size_t end = change.end_of_stretch(first);
      const auto bytes = std::span(change.result).subspan(first, end - first);
      stretches.push_back({static_cast<std::uint32_t>(first), {bytes.begin(), bytes.end()}});
      first = end - 1;
    }
  }
  return stretches;
}

}  // namespace phasebit::sim
