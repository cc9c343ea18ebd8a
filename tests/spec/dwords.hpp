// The sixteen dwords of a submission queue entry, read from its bytes in memory.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "src/spec/command.hpp"

namespace phasebit::spec {

using SqeDwords = std::array<std::uint32_t, 16>;

inline SqeDwords dwords_in_memory(const Sqe& sqe) {
  std::array<unsigned char, sizeof(Sqe)> bytes{};
  std::memcpy(bytes.data(), &sqe, sizeof(Sqe));
  SqeDwords dwords{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    dwords[i / 4] |= static_cast<std::uint32_t>(bytes[i]) << (8 * (i % 4));
  }
  return dwords;
}

inline Sqe sqe_in_memory(const SqeDwords& dwords) {
  std::array<unsigned char, sizeof(Sqe)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(dwords[i / 4] >> (8 * (i % 4)));
  }
  Sqe sqe;
  std::memcpy(&sqe, bytes.data(), sizeof(Sqe));
  return sqe;
}

}  // namespace phasebit::spec
