// Identify Controller, CNS 01h (Base 2.0 §5.17.2.1, Figure 275), and its power states (Figure 276).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/little_endian.hpp"
#include "src/spec/wide.hpp"

namespace phasebit::spec {

/// Power State Descriptor, 32 bytes.
struct PowerStateDescriptor {
  Le16 mp;  ///< maximum power, centiwatts unless MXPS
  std::uint8_t reserved_2 = 0;
  std::uint8_t flags = 0;  ///< bit 0 MXPS, bit 1 NOPS
  Le32 enlat;              ///< microseconds
  Le32 exlat;              ///< microseconds
  std::uint8_t rrt = 0;
  std::uint8_t rrl = 0;
  std::uint8_t rwt = 0;
  std::uint8_t rwl = 0;
  Le16 idlp;
  std::uint8_t ips = 0;
  std::uint8_t reserved_19 = 0;
  Le16 actp;
  std::uint8_t apw_aps = 0;
  std::array<std::uint8_t, 9> reserved_23{};
};
static_assert(sizeof(PowerStateDescriptor) == 32);
static_assert(offsetof(PowerStateDescriptor, enlat) == 4 && offsetof(PowerStateDescriptor, exlat) == 8);
static_assert(offsetof(PowerStateDescriptor, idlp) == 16 && offsetof(PowerStateDescriptor, actp) == 20);

/// 4096 bytes. Zero-based counts and exponents stay as they are on the wire: identify_units.hpp converts them.
struct IdentifyController {
  Le16 vid;
  Le16 ssvid;
  PaddedText<20> sn{};
  PaddedText<40> mn{};
  PaddedText<8> fr{};
  std::uint8_t rab = 0;
  std::array<std::uint8_t, 3> ieee{};
  std::uint8_t cmic = 0;
  std::uint8_t mdts = 0;
  Le16 cntlid;
  Le32 ver;
  Le32 rtd3r;
  Le32 rtd3e;
  Le32 oaes;
  Le32 ctratt;
  Le16 rrls;
  std::array<std::uint8_t, 9> reserved_102{};
  std::uint8_t cntrltype = 0;
  std::array<std::uint8_t, 16> fguid{};
  std::array<Le16, 3> crdt{};  ///< CRDT1 to CRDT3
  std::array<std::uint8_t, 119> reserved_134{};
  std::uint8_t nvmsr = 0;
  std::uint8_t vwci = 0;
  std::uint8_t mec = 0;
  Le16 oacs;
  std::uint8_t acl = 0;
  std::uint8_t aerl = 0;
  std::uint8_t frmw = 0;
  std::uint8_t lpa = 0;
  std::uint8_t elpe = 0;
  std::uint8_t npss = 0;
  std::uint8_t avscc = 0;
  std::uint8_t apsta = 0;
  Le16 wctemp;
  Le16 cctemp;
  Le16 mtfa;
  Le32 hmpre;
  Le32 hmmin;
  Le128 tnvmcap;
  Le128 unvmcap;
  Le32 rpmbs;
  Le16 edstt;
  std::uint8_t dsto = 0;
  std::uint8_t fwug = 0;
  Le16 kas;
  Le16 hctma;
  Le16 mntmt;
  Le16 mxtmt;
  Le32 sanicap;
  Le32 hmminds;
  Le16 hmmaxd;
  Le16 nsetidmax;
  Le16 endgidmax;
  std::uint8_t anatt = 0;
  std::uint8_t anacap = 0;
  Le32 anagrpmax;
  Le32 nanagrpid;
  Le32 pels;
  Le16 domainid;
  std::array<std::uint8_t, 10> reserved_358{};
  Le128 megcap;
  std::array<std::uint8_t, 128> reserved_384{};
  std::uint8_t sqes = 0;
  std::uint8_t cqes = 0;
  Le16 maxcmd;
  Le32 nn;
  Le16 oncs;
  Le16 fuses;
  std::uint8_t fna = 0;
  std::uint8_t vwc = 0;
  Le16 awun;
  Le16 awupf;
  std::uint8_t icsvscc = 0;
  std::uint8_t nwpc = 0;
  Le16 acwu;
  Le16 cdfs;
  Le32 sgls;
  Le32 mnan;
  Le128 maxdna;
  Le32 maxcna;
  std::array<std::uint8_t, 204> reserved_564{};
  std::array<char, 256> subnqn{};  ///< NUL-terminated
  std::array<std::uint8_t, 768> reserved_1024{};
  std::array<std::uint8_t, 256> fabrics{};
  std::array<PowerStateDescriptor, 32> psd{};
  std::array<std::uint8_t, 1024> vendor_specific{};
};
static_assert(sizeof(IdentifyController) == 4096);
static_assert(offsetof(IdentifyController, ssvid) == 2 && offsetof(IdentifyController, sn) == 4);
static_assert(offsetof(IdentifyController, mn) == 24 && offsetof(IdentifyController, fr) == 64);
static_assert(offsetof(IdentifyController, rab) == 72 && offsetof(IdentifyController, ieee) == 73);
static_assert(offsetof(IdentifyController, cmic) == 76 && offsetof(IdentifyController, mdts) == 77);
static_assert(offsetof(IdentifyController, cntlid) == 78 && offsetof(IdentifyController, ver) == 80);
static_assert(offsetof(IdentifyController, rtd3r) == 84 && offsetof(IdentifyController, rtd3e) == 88);
static_assert(offsetof(IdentifyController, oaes) == 92 && offsetof(IdentifyController, ctratt) == 96);
static_assert(offsetof(IdentifyController, rrls) == 100 && offsetof(IdentifyController, cntrltype) == 111);
static_assert(offsetof(IdentifyController, fguid) == 112 && offsetof(IdentifyController, crdt) == 128);
static_assert(offsetof(IdentifyController, nvmsr) == 253 && offsetof(IdentifyController, mec) == 255);
static_assert(offsetof(IdentifyController, oacs) == 256 && offsetof(IdentifyController, acl) == 258);
static_assert(offsetof(IdentifyController, aerl) == 259 && offsetof(IdentifyController, frmw) == 260);
static_assert(offsetof(IdentifyController, lpa) == 261 && offsetof(IdentifyController, elpe) == 262);
static_assert(offsetof(IdentifyController, npss) == 263 && offsetof(IdentifyController, wctemp) == 266);
static_assert(offsetof(IdentifyController, hmpre) == 272 && offsetof(IdentifyController, tnvmcap) == 280);
static_assert(offsetof(IdentifyController, unvmcap) == 296 && offsetof(IdentifyController, rpmbs) == 312);
static_assert(offsetof(IdentifyController, kas) == 320 && offsetof(IdentifyController, sanicap) == 328);
static_assert(offsetof(IdentifyController, nsetidmax) == 338 && offsetof(IdentifyController, anagrpmax) == 344);
static_assert(offsetof(IdentifyController, domainid) == 356 && offsetof(IdentifyController, megcap) == 368);
static_assert(offsetof(IdentifyController, sqes) == 512 && offsetof(IdentifyController, cqes) == 513);
static_assert(offsetof(IdentifyController, maxcmd) == 514 && offsetof(IdentifyController, nn) == 516);
static_assert(offsetof(IdentifyController, oncs) == 520 && offsetof(IdentifyController, fuses) == 522);
static_assert(offsetof(IdentifyController, fna) == 524 && offsetof(IdentifyController, vwc) == 525);
static_assert(offsetof(IdentifyController, awun) == 526 && offsetof(IdentifyController, awupf) == 528);
static_assert(offsetof(IdentifyController, icsvscc) == 530 && offsetof(IdentifyController, nwpc) == 531);
static_assert(offsetof(IdentifyController, acwu) == 532 && offsetof(IdentifyController, cdfs) == 534);
static_assert(offsetof(IdentifyController, sgls) == 536 && offsetof(IdentifyController, mnan) == 540);
static_assert(offsetof(IdentifyController, maxdna) == 544 && offsetof(IdentifyController, maxcna) == 560);
static_assert(offsetof(IdentifyController, subnqn) == 768 && offsetof(IdentifyController, fabrics) == 1792);
static_assert(offsetof(IdentifyController, psd) == 2048 && offsetof(IdentifyController, vendor_specific) == 3072);

}  // namespace phasebit::spec
