#include "tests/guest/listed_command.hpp"

#include <array>
#include <cstring>
#include <span>

#include "src/base/assert.hpp"

namespace phasebit::guest {

spec::Sqe with_field(const spec::Sqe& sqe, const SqeField& field, std::uint64_t value) {
  std::array<Le32, sizeof(spec::Sqe) / 4> dwords;
  std::memcpy(dwords.data(), std::as_bytes(std::span(&sqe, 1)).data(), sizeof sqe);
  const std::uint64_t mask = field.bits == 64 ? ~0ull : (1ull << field.bits) - 1;
  PHASEBIT_ASSERT(field.bits <= 32 || field.low == 0);
  for (std::uint32_t half = 0; half * 32 < field.bits; ++half) {
    const auto part = static_cast<std::uint32_t>(mask >> (32 * half)) << field.low;
    const auto bits = static_cast<std::uint32_t>(value >> (32 * half)) << field.low;
    Le32& dword = dwords[field.dword + half];
    dword = (dword & ~part) | (bits & part);
  }
  spec::Sqe changed;
  std::memcpy(std::as_writable_bytes(std::span(&changed, 1)).data(), dwords.data(), sizeof changed);
  return changed;
}

}  // namespace phasebit::guest
