// Where in the machine's memory a range of the process lies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "src/base/error.hpp"
#include "src/base/strong.hpp"

namespace phasebit::hw {

/// Memory that stays where it is: the physical address of a byte, and how many bytes from there on follow one another on both sides.
struct PhysicalPiece {
  Iova first;
  std::uint64_t bytes = 0;  ///< never 0
};

/// The physical address of a range that is in one piece. `piece_at(const std::byte*)` gives an optional PhysicalPiece, which may end before
/// the next begins: hugepages that follow one another in the process lie anywhere in the machine. Errors: invalid_argument for nothing;
/// unsupported if a byte lies in no such memory, or the pieces do not adjoin.
template <class PieceAt>
Result<Iova> physical_address(std::span<const std::byte> memory, PieceAt piece_at) {
  if (memory.empty()) {
    return fail(Errc::invalid_argument);
  }
  std::optional<Iova> first;
  for (std::uint64_t known = 0; known < memory.size();) {
    const std::optional<PhysicalPiece> piece = piece_at(memory.data() + known);
    if (!piece || (first && piece->first != *first + known)) {
      return fail(Errc::unsupported);
    }
    first = first.value_or(piece->first);
    known += piece->bytes;
  }
  return *first;
}

}  // namespace phasebit::hw
