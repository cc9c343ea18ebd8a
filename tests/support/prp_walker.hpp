// Reads PRPs as Base 2.0 §4.1.1 tells a controller to; shares nothing with the code that writes them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace phasebit::testing {

/// A piece of memory that a transfer touches; adjoining ones are merged.
struct PrpPiece {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const PrpPiece&, const PrpPiece&) = default;
};

/// The pieces of a transfer of `bytes`. `load(address)` reads a qword of a list, or nothing where there is no memory. Nothing comes back
/// if an entry breaks a rule.
template <class Load>
std::optional<std::vector<PrpPiece>> walk_prps(std::uint64_t prp1, std::uint64_t prp2, std::uint64_t bytes, std::uint64_t page,
                                               Load&& load) {
  std::vector<PrpPiece> pieces;
  const auto take = [&](std::uint64_t address) {
    const std::uint64_t length = std::min(bytes, page - address % page);
    if (!pieces.empty() && pieces.back().address + pieces.back().bytes == address) {
      pieces.back().bytes += length;
    } else {
      pieces.push_back({address, length});
    }
    bytes -= length;
  };
  if (prp1 % 4 != 0) {
    return std::nullopt;
  }
  take(prp1);
  if (bytes > 0 && bytes <= page) {
    take(prp2);
    return prp2 % page == 0 ? std::optional(pieces) : std::nullopt;
  }
  for (std::uint64_t at = prp2; bytes > 0; at += 8) {
    std::optional<std::uint64_t> entry = at % 8 == 0 ? load(at) : std::nullopt;
    if (entry && at % page == page - 8 && bytes > page) {
      at = *entry;
      entry = at % page == 0 ? load(at) : std::nullopt;
    }
    if (!entry || *entry % page != 0) {
      return std::nullopt;
    }
    take(*entry);
  }
  return pieces;
}

}  // namespace phasebit::testing
