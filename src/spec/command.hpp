// The submission queue entry, as it lies in memory (Base 2.0 §3.3.3.1, Figures 86 to 88).
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/base/little_endian.hpp"
#include "src/base/strong.hpp"
#include "src/spec/bits.hpp"

namespace phasebit::spec {

enum class Fuse : std::uint8_t { none = 0, first = 1, second = 2, reserved = 3 };

/// How the data pointer is to be read. On PCIe admin commands always use PRPs.
enum class Psdt : std::uint8_t { prp = 0, sgl_metadata_buffer = 1, sgl_metadata_sgl = 2, reserved = 3 };

/// Byte 1 of the entry.
struct CommandFlags : Bits<CommandFlags, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<CommandFlags, 0, 2, Fuse> fuse{};
  static constexpr Field<CommandFlags, 6, 2, Psdt> psdt{};
};

/// One submission queue entry: 64 bytes.
struct Sqe {
  std::uint8_t opcode = 0;
  std::uint8_t flags = 0;  ///< see CommandFlags
  Le16 cid;
  Le32 nsid;
  Le32 cdw2;
  Le32 cdw3;
  Le64 mptr;
  Le64 prp1;
  Le64 prp2;
  Le32 cdw10;
  Le32 cdw11;
  Le32 cdw12;
  Le32 cdw13;
  Le32 cdw14;
  Le32 cdw15;
};
static_assert(sizeof(Sqe) == 64 && alignof(Sqe) == 8);
static_assert(offsetof(Sqe, flags) == 1 && offsetof(Sqe, cid) == 2 && offsetof(Sqe, nsid) == 4);
static_assert(offsetof(Sqe, cdw2) == 8 && offsetof(Sqe, cdw3) == 12 && offsetof(Sqe, mptr) == 16);
static_assert(offsetof(Sqe, prp1) == 24 && offsetof(Sqe, prp2) == 32 && offsetof(Sqe, cdw10) == 40);
static_assert(offsetof(Sqe, cdw11) == 44 && offsetof(Sqe, cdw12) == 48 && offsetof(Sqe, cdw13) == 52);
static_assert(offsetof(Sqe, cdw14) == 56 && offsetof(Sqe, cdw15) == 60);

inline constexpr std::uint32_t sqe_bytes = 64;
inline constexpr std::uint32_t sqe_bytes_log2 = 6;

/// Bytes of one entry of a PRP list (§4.1.1).
inline constexpr std::uint32_t prp_entry_bytes = 8;

constexpr Cid cid_of(const Sqe& sqe) {
  return Cid{sqe.cid};
}
constexpr Nsid nsid_of(const Sqe& sqe) {
  return Nsid{sqe.nsid};
}
constexpr Fuse fuse_of(const Sqe& sqe) {
  return CommandFlags{sqe.flags}.get(CommandFlags::fuse);
}
constexpr Psdt psdt_of(const Sqe& sqe) {
  return CommandFlags{sqe.flags}.get(CommandFlags::psdt);
}

}  // namespace phasebit::spec
