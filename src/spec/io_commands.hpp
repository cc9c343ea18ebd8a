// Commands of the NVM command set (NVM Command Set 1.0 §3.2; Flush: Base 2.0 §7.1) as values. Block counts are counts; the wire is
// zero-based.
#pragma once

#include <cstdint>

#include "src/base/strong.hpp"
#include "src/spec/bits.hpp"
#include "src/spec/command.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/units.hpp"

namespace phasebit::spec {

constexpr Sqe io_sqe(NvmOpcode opcode, Nsid nsid) {
  Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.nsid = nsid.value;
  return sqe;
}

/// Flush. `nsid_all` is allowed where VWC says so.
constexpr Sqe flush(Nsid nsid) {
  return io_sqe(NvmOpcode::flush, nsid);
}

/// What a command on a range of blocks asks for beside the range.
struct BlockOptions {
  bool fua = false;            ///< Force Unit Access
  bool limited_retry = false;  ///< LR
  bool deallocate = false;     ///< DEAC, of Write Zeroes only
  std::uint8_t prinfo = 0;     ///< PRACT and PRCHK, 4 bits
};

/// Read, Write, Compare, Verify, Write Zeroes and Write Uncorrectable: they share SLBA (dwords 10 and 11) and dword 12.
struct BlockCommand {
  NvmOpcode opcode = NvmOpcode::read;
  Nsid nsid{};
  Lba slba{};
  std::uint32_t blocks = 1;  ///< 1 to 65536
  BlockOptions options{};

  struct Cdw12 : Bits<Cdw12, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw12, 0, 16> nlb{};  ///< zero-based
    static constexpr Field<Cdw12, 20, 4> dtype{};
    static constexpr Field<Cdw12, 24, 1> stc{};
    static constexpr Field<Cdw12, 25, 1> deac{};
    static constexpr Field<Cdw12, 26, 4> prinfo{};
    static constexpr Field<Cdw12, 30, 1> fua{};
    static constexpr Field<Cdw12, 31, 1> lr{};
  };

  constexpr Sqe sqe() const {
    Sqe sqe = io_sqe(opcode, nsid);
    sqe.cdw10 = static_cast<std::uint32_t>(slba.value);
    sqe.cdw11 = static_cast<std::uint32_t>(slba.value >> 32);
    const Cdw12 range = Cdw12{}.with(Cdw12::nlb, zero_based16(blocks)).with(Cdw12::deac, options.deallocate);
    sqe.cdw12 = range.with(Cdw12::prinfo, options.prinfo).with(Cdw12::fua, options.fua).with(Cdw12::lr, options.limited_retry).raw;
    return sqe;
  }
  static constexpr BlockCommand from(const Sqe& sqe) {
    const Cdw12 cdw12{sqe.cdw12};
    return {static_cast<NvmOpcode>(sqe.opcode),
            nsid_of(sqe),
            Lba{static_cast<std::uint64_t>(sqe.cdw11.get()) << 32 | sqe.cdw10.get()},
            count_from_zero_based(cdw12.get(Cdw12::nlb)),
            {cdw12.get(Cdw12::fua), cdw12.get(Cdw12::lr), cdw12.get(Cdw12::deac), static_cast<std::uint8_t>(cdw12.get(Cdw12::prinfo))}};
  }
};

constexpr Sqe read(Nsid nsid, Lba slba, std::uint32_t blocks, BlockOptions options = {}) {
  return BlockCommand{NvmOpcode::read, nsid, slba, blocks, options}.sqe();
}
constexpr Sqe write(Nsid nsid, Lba slba, std::uint32_t blocks, BlockOptions options = {}) {
  return BlockCommand{NvmOpcode::write, nsid, slba, blocks, options}.sqe();
}
constexpr Sqe compare(Nsid nsid, Lba slba, std::uint32_t blocks, BlockOptions options = {}) {
  return BlockCommand{NvmOpcode::compare, nsid, slba, blocks, options}.sqe();
}
constexpr Sqe verify(Nsid nsid, Lba slba, std::uint32_t blocks, BlockOptions options = {}) {
  return BlockCommand{NvmOpcode::verify, nsid, slba, blocks, options}.sqe();
}
constexpr Sqe write_zeroes(Nsid nsid, Lba slba, std::uint32_t blocks, BlockOptions options = {}) {
  return BlockCommand{NvmOpcode::write_zeroes, nsid, slba, blocks, options}.sqe();
}
constexpr Sqe write_uncorrectable(Nsid nsid, Lba slba, std::uint32_t blocks) {
  return BlockCommand{NvmOpcode::write_uncorrectable, nsid, slba, blocks, {}}.sqe();
}

}  // namespace phasebit::spec
