// Dataset Management (NVM Command Set 1.0 §3.2.3): the command, and the ranges in its data buffer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/base/little_endian.hpp"
#include "src/spec/io_commands.hpp"

namespace phasebit::spec {

/// One range, 16 bytes. Its length is a plain count, not zero-based.
struct DatasetRange {
  Le32 context_attributes;
  Le32 blocks;
  Le64 slba;
};
static_assert(sizeof(DatasetRange) == 16 && offsetof(DatasetRange, blocks) == 4 && offsetof(DatasetRange, slba) == 8);

inline constexpr std::uint32_t dataset_ranges_max = 256;

/// The buffer holds `ranges` entries; every command transfers them all, whatever a controller then does.
struct DatasetManagement {
  Nsid nsid{};
  std::uint32_t ranges = 1;  ///< 1 to 256
  bool deallocate = false;
  bool integral_read = false;
  bool integral_write = false;

  struct Cdw11 : Bits<Cdw11, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw11, 0, 1> idr{};
    static constexpr Field<Cdw11, 1, 1> idw{};
    static constexpr Field<Cdw11, 2, 1> ad{};
  };
  struct Cdw10 : Bits<Cdw10, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw10, 0, 8> nr{};  ///< zero-based
  };

  constexpr Sqe sqe() const {
    Sqe sqe = io_sqe(NvmOpcode::dataset_management, nsid);
    sqe.cdw10 = Cdw10{}.with(Cdw10::nr, zero_based16(ranges)).raw;
    sqe.cdw11 = Cdw11{}.with(Cdw11::idr, integral_read).with(Cdw11::idw, integral_write).with(Cdw11::ad, deallocate).raw;
    return sqe;
  }
  static constexpr DatasetManagement from(const Sqe& sqe) {
    const Cdw11 cdw11{sqe.cdw11};
    return {nsid_of(sqe), count_from_zero_based(Cdw10{sqe.cdw10}.get(Cdw10::nr)), cdw11.get(Cdw11::ad), cdw11.get(Cdw11::idr),
            cdw11.get(Cdw11::idw)};
  }
};

}  // namespace phasebit::spec
