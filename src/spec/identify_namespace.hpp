// Identify Namespace for the NVM command set, CNS 00h (NVM Command Set 1.0 §4.1.5.1), and the structures beside it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/little_endian.hpp"
#include "src/spec/wide.hpp"

namespace phasebit::spec {

/// LBA Format, 4 bytes.
struct LbaFormat {
  Le16 ms;                 ///< metadata bytes per block
  std::uint8_t lbads = 0;  ///< 2^LBADS data bytes; 0: this format is not available
  std::uint8_t rp = 0;     ///< bits 1:0, 0 is best
};
static_assert(sizeof(LbaFormat) == 4 && offsetof(LbaFormat, lbads) == 2 && offsetof(LbaFormat, rp) == 3);

inline constexpr std::uint32_t lba_formats_max = 64;

/// 4096 bytes. All zeroes is the answer for a namespace that is not active.
struct IdentifyNamespace {
  Le64 nsze;
  Le64 ncap;
  Le64 nuse;
  std::uint8_t nsfeat = 0;
  std::uint8_t nlbaf = 0;  ///< zero-based
  std::uint8_t flbas = 0;
  std::uint8_t mc = 0;
  std::uint8_t dpc = 0;
  std::uint8_t dps = 0;
  std::uint8_t nmic = 0;
  std::uint8_t rescap = 0;
  std::uint8_t fpi = 0;
  std::uint8_t dlfeat = 0;
  Le16 nawun;
  Le16 nawupf;
  Le16 nacwu;
  Le16 nabsn;
  Le16 nabo;
  Le16 nabspf;
  Le16 noiob;  ///< blocks; 0: no boundary
  Le128 nvmcap;
  Le16 npwg;
  Le16 npwa;
  Le16 npdg;
  Le16 npda;
  Le16 nows;
  Le16 mssrl;
  Le32 mcl;
  std::uint8_t msrc = 0;
  std::array<std::uint8_t, 11> reserved_81{};
  Le32 anagrpid;
  std::array<std::uint8_t, 3> reserved_96{};
  std::uint8_t nsattr = 0;
  Le16 nvmsetid;
  Le16 endgid;
  std::array<std::uint8_t, 16> nguid{};  ///< big endian
  std::array<std::uint8_t, 8> eui64{};   ///< big endian
  std::array<LbaFormat, lba_formats_max> lbaf{};
  std::array<std::uint8_t, 3712> vendor_specific{};
};
static_assert(sizeof(IdentifyNamespace) == 4096);
static_assert(offsetof(IdentifyNamespace, ncap) == 8 && offsetof(IdentifyNamespace, nuse) == 16);
static_assert(offsetof(IdentifyNamespace, nsfeat) == 24 && offsetof(IdentifyNamespace, nlbaf) == 25);
static_assert(offsetof(IdentifyNamespace, flbas) == 26 && offsetof(IdentifyNamespace, mc) == 27);
static_assert(offsetof(IdentifyNamespace, dpc) == 28 && offsetof(IdentifyNamespace, dps) == 29);
static_assert(offsetof(IdentifyNamespace, nmic) == 30 && offsetof(IdentifyNamespace, dlfeat) == 33);
static_assert(offsetof(IdentifyNamespace, nawun) == 34 && offsetof(IdentifyNamespace, nawupf) == 36);
static_assert(offsetof(IdentifyNamespace, nacwu) == 38 && offsetof(IdentifyNamespace, nabsn) == 40);
static_assert(offsetof(IdentifyNamespace, nabo) == 42 && offsetof(IdentifyNamespace, nabspf) == 44);
static_assert(offsetof(IdentifyNamespace, noiob) == 46 && offsetof(IdentifyNamespace, nvmcap) == 48);
static_assert(offsetof(IdentifyNamespace, npwg) == 64 && offsetof(IdentifyNamespace, nows) == 72);
static_assert(offsetof(IdentifyNamespace, mssrl) == 74 && offsetof(IdentifyNamespace, mcl) == 76);
static_assert(offsetof(IdentifyNamespace, msrc) == 80 && offsetof(IdentifyNamespace, anagrpid) == 92);
static_assert(offsetof(IdentifyNamespace, nsattr) == 99 && offsetof(IdentifyNamespace, nvmsetid) == 100);
static_assert(offsetof(IdentifyNamespace, endgid) == 102 && offsetof(IdentifyNamespace, nguid) == 104);
static_assert(offsetof(IdentifyNamespace, eui64) == 120 && offsetof(IdentifyNamespace, lbaf) == 128);
static_assert(offsetof(IdentifyNamespace, vendor_specific) == 384);

/// I/O Command Set Independent Identify Namespace, CNS 08h (Base 2.0 Figure 280).
struct IdentifyNamespaceIndependent {
  std::uint8_t nsfeat = 0;
  std::uint8_t nmic = 0;
  std::uint8_t rescap = 0;
  std::uint8_t fpi = 0;
  Le32 anagrpid;
  std::uint8_t nsattr = 0;
  std::uint8_t reserved_9 = 0;
  Le16 nvmsetid;
  Le16 endgid;
  std::uint8_t nstat = 0;  ///< bit 0: ready
  std::array<std::uint8_t, 4081> reserved_15{};
};
static_assert(sizeof(IdentifyNamespaceIndependent) == 4096);
static_assert(offsetof(IdentifyNamespaceIndependent, anagrpid) == 4 && offsetof(IdentifyNamespaceIndependent, nsattr) == 8);
static_assert(offsetof(IdentifyNamespaceIndependent, nvmsetid) == 10 && offsetof(IdentifyNamespaceIndependent, nstat) == 14);

/// NVM Command Set specific Identify Namespace, CNS 05h with CSI 00h (NVM Command Set 1.0 §4.1.5.3).
struct IdentifyNamespaceNvm {
  Le64 lbstm;
  std::uint8_t pic = 0;
  std::array<std::uint8_t, 3> reserved_9{};
  std::array<Le32, lba_formats_max> elbaf{};
  std::array<std::uint8_t, 3828> reserved_268{};
};
static_assert(sizeof(IdentifyNamespaceNvm) == 4096);
static_assert(offsetof(IdentifyNamespaceNvm, pic) == 8 && offsetof(IdentifyNamespaceNvm, elbaf) == 12);

/// NVM Command Set specific Identify Controller, CNS 06h with CSI 00h (NVM Command Set 1.0 §4.1.5.4). Sizes as MDTS, 0 for no limit.
struct IdentifyControllerNvm {
  std::uint8_t vsl = 0;
  std::uint8_t wzsl = 0;
  std::uint8_t wusl = 0;
  std::uint8_t dmrl = 0;  ///< ranges
  Le32 dmrsl;             ///< blocks per range
  Le64 dmsl;              ///< blocks per command
  std::array<std::uint8_t, 4080> reserved_16{};
};
static_assert(sizeof(IdentifyControllerNvm) == 4096);
static_assert(offsetof(IdentifyControllerNvm, dmrl) == 3 && offsetof(IdentifyControllerNvm, dmrsl) == 4);
static_assert(offsetof(IdentifyControllerNvm, dmsl) == 8);

}  // namespace phasebit::spec
