// Bytes of a structure as another drive gave them, laid over what the emulated drive would answer by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace phasebit::sim {

/// A stretch of a structure; of several that overlap the last one counts.
struct RawBytes {
  std::uint32_t offset = 0;
  std::vector<std::uint8_t> bytes;
};

/// A field that raw bytes cannot change: the drive itself obeys it, or a host would ask for something because of it.
struct OwnField {
  std::string_view name;     ///< the specification's
  std::uint32_t offset = 0;  ///< in bytes
  std::uint32_t bytes = 1;   ///< 1 to 16
  std::uint8_t mask = 0xff;  ///< of each of its bytes, the bits in question
};

inline constexpr std::size_t raw_stretch_bytes_max = 64;

/// Copies each stretch to its place, but for the bits of own fields. All of them have to lie in the structure.
void lay_over(std::span<const RawBytes> raw, std::span<const OwnField> own, std::span<std::byte> structure);

/// A structure with the stretches in their places.
template <class Structure>
Structure laid_over(Structure structure, std::span<const RawBytes> raw, std::span<const OwnField> own) {
  lay_over(raw, own, std::as_writable_bytes(std::span<Structure, 1>(&structure, 1)));
  return structure;
}

/// True if the field has other bits in one structure than in the other. Both hold the field.
bool differs(const OwnField& field, std::span<const std::byte> one, std::span<const std::byte> other);

/// The stretches, of at most `raw_stretch_bytes_max` bytes, that make `wanted` of `answer` wherever no own field stands against it. They
/// hold bytes of own fields only where other bits of the same byte differ.
std::vector<RawBytes> difference(std::span<const std::byte> answer, std::span<const std::byte> wanted, std::span<const OwnField> own);

}  // namespace phasebit::sim
