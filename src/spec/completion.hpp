// The completion queue entry (Base 2.0 §3.3.3.2, Figures 89 to 91), as it lies in memory and dword by dword.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/little_endian.hpp"
#include "src/base/strong.hpp"
#include "src/spec/bits.hpp"
#include "src/spec/status.hpp"

namespace phasebit::spec {

/// Dword 2: where the submission queue's head is, and which queue.
struct CqeDword2 : Bits<CqeDword2, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<CqeDword2, 0, 16> sqhd{};
  static constexpr Field<CqeDword2, 16, 16> sqid{};
};

/// Dword 3: whose completion it is, whether it is new, and the verdict. A host loads this one first, with acquire.
struct CqeDword3 : Bits<CqeDword3, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<CqeDword3, 0, 16> cid{};
  static constexpr Field<CqeDword3, 16, 1> phase{};
  static constexpr Field<CqeDword3, 17, 15> status{};
};

constexpr std::uint16_t sqhd_of(CqeDword2 dword2) {
  return static_cast<std::uint16_t>(dword2.get(CqeDword2::sqhd));
}
constexpr Qid sqid_of(CqeDword2 dword2) {
  return Qid{static_cast<std::uint16_t>(dword2.get(CqeDword2::sqid))};
}
constexpr Cid cid_of(CqeDword3 dword3) {
  return Cid{static_cast<std::uint16_t>(dword3.get(CqeDword3::cid))};
}
constexpr bool phase_of(CqeDword3 dword3) {
  return dword3.get(CqeDword3::phase);
}
constexpr Status status_of(CqeDword3 dword3) {
  return Status{static_cast<std::uint16_t>(dword3.get(CqeDword3::status))};
}

/// One completion queue entry: 16 bytes.
struct Cqe {
  Le32 dw0;
  Le32 dw1;
  Le16 sqhd;
  Le16 sqid;
  Le16 cid;
  Le16 status_phase;  ///< bit 0 is the phase tag, bits 15:1 the status

  constexpr Status status() const { return Status{static_cast<std::uint16_t>(status_phase >> 1)}; }
  constexpr bool phase() const { return (status_phase & 1) != 0; }
  constexpr void set_status(Status status, bool phase) { status_phase = static_cast<std::uint16_t>(status.raw << 1 | (phase ? 1 : 0)); }
};
static_assert(sizeof(Cqe) == 16 && alignof(Cqe) == 4);
static_assert(offsetof(Cqe, dw1) == 4 && offsetof(Cqe, sqhd) == 8 && offsetof(Cqe, sqid) == 10);
static_assert(offsetof(Cqe, cid) == 12 && offsetof(Cqe, status_phase) == 14);

inline constexpr std::uint32_t cqe_bytes = 16;
inline constexpr std::uint32_t cqe_bytes_log2 = 4;
inline constexpr std::uint32_t cqe_dwords = 4;

/// The entry as four dwords in host order, in the order of memory.
using CqeDwords = std::array<std::uint32_t, cqe_dwords>;

constexpr CqeDwords dwords_of(const Cqe& cqe) {
  return {cqe.dw0, cqe.dw1, CqeDword2{}.with(CqeDword2::sqhd, cqe.sqhd).with(CqeDword2::sqid, cqe.sqid).raw,
          CqeDword3{}.with(CqeDword3::cid, cqe.cid).with(CqeDword3::phase, cqe.phase()).with(CqeDword3::status, cqe.status().raw).raw};
}

constexpr Cqe cqe_from(const CqeDwords& dwords) {
  const CqeDword2 dword2{dwords[2]};
  const CqeDword3 dword3{dwords[3]};
  Cqe cqe{dwords[0], dwords[1], sqhd_of(dword2), sqid_of(dword2).value, cid_of(dword3).value, {}};
  cqe.set_status(status_of(dword3), phase_of(dword3));
  return cqe;
}

}  // namespace phasebit::spec
