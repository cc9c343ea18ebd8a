// The controller's registers (Base 2.0 §3.1.3, PCIe Transport 1.0 §3.1): where they are and which fields they hold, in host order.
#pragma once

#include <compare>
#include <cstdint>

#include "src/spec/bits.hpp"

namespace phasebit::spec {

/// Byte offsets from the start of BAR0 (Base 2.0 Figure 35).
namespace offset {
inline constexpr std::uint32_t cap = 0x00;
inline constexpr std::uint32_t vs = 0x08;
inline constexpr std::uint32_t intms = 0x0c;
inline constexpr std::uint32_t intmc = 0x10;
inline constexpr std::uint32_t cc = 0x14;
inline constexpr std::uint32_t csts = 0x1c;
inline constexpr std::uint32_t nssr = 0x20;
inline constexpr std::uint32_t aqa = 0x24;
inline constexpr std::uint32_t asq = 0x28;
inline constexpr std::uint32_t acq = 0x30;
inline constexpr std::uint32_t cmbloc = 0x38;
inline constexpr std::uint32_t cmbsz = 0x3c;
inline constexpr std::uint32_t bpinfo = 0x40;
inline constexpr std::uint32_t bprsel = 0x44;
inline constexpr std::uint32_t bpmbl = 0x48;
inline constexpr std::uint32_t cmbmsc = 0x50;
inline constexpr std::uint32_t cmbsts = 0x58;
inline constexpr std::uint32_t cmbebs = 0x5c;
inline constexpr std::uint32_t cmbswtp = 0x60;
inline constexpr std::uint32_t nssd = 0x64;
inline constexpr std::uint32_t crto = 0x68;
inline constexpr std::uint32_t pmrcap = 0xe00;
inline constexpr std::uint32_t pmrctl = 0xe04;
inline constexpr std::uint32_t pmrsts = 0xe08;
inline constexpr std::uint32_t pmrebs = 0xe0c;
inline constexpr std::uint32_t pmrswtp = 0xe10;
inline constexpr std::uint32_t pmrmscl = 0xe14;
inline constexpr std::uint32_t pmrmscu = 0xe18;
inline constexpr std::uint32_t doorbells = 0x1000;
}  // namespace offset

/// What a register reads as once the function no longer answers.
inline constexpr std::uint32_t all_ones32 = 0xffff'ffff;
inline constexpr std::uint64_t all_ones64 = ~0ull;

/// "NVMe" in ASCII: the value that NSSR takes to reset the NVM subsystem (§3.1.3.7).
inline constexpr std::uint32_t nssr_reset = 0x4e56'4d65;

/// ASQ and ACQ hold 4 KiB aligned addresses; bits 11:00 are reserved (§3.1.3.9, §3.1.3.10).
inline constexpr std::uint64_t admin_queue_base_mask = ~0xfffull;

/// CAP.CPS: how far a controller's power reaches.
enum class Cps : std::uint8_t { not_reported = 0, controller = 1, domain = 2, subsystem = 3 };

/// CAP, Controller Capabilities (§3.1.3.1). AMS, CSS and CRMS are sets; each member that has a meaning is a field of its own too.
struct Cap : Bits<Cap, std::uint64_t> {
  using Bits::Bits;
  static constexpr Field<Cap, 0, 16> mqes{};  ///< zero-based
  static constexpr Field<Cap, 16, 1> cqr{};   ///< I/O queues have to be contiguous
  static constexpr Field<Cap, 17, 2> ams{};   ///< beyond round robin
  static constexpr Field<Cap, 17, 1> ams_weighted_round_robin{};
  static constexpr Field<Cap, 18, 1> ams_vendor_specific{};
  static constexpr Field<Cap, 24, 8> to{};     ///< steps of 500 ms
  static constexpr Field<Cap, 32, 4> dstrd{};  ///< 2^(2 + DSTRD) bytes
  static constexpr Field<Cap, 36, 1> nssrs{};
  static constexpr Field<Cap, 37, 8> css{};
  static constexpr Field<Cap, 37, 1> css_nvm{};
  static constexpr Field<Cap, 43, 1> css_command_sets{};  ///< one or more I/O command sets, listed by Identify CNS 1Ch
  static constexpr Field<Cap, 44, 1> css_admin_only{};
  static constexpr Field<Cap, 45, 1> bps{};
  static constexpr Field<Cap, 46, 2, Cps> cps{};
  static constexpr Field<Cap, 48, 4> mpsmin{};  ///< 2^(12 + MPSMIN) bytes
  static constexpr Field<Cap, 52, 4> mpsmax{};  ///< 2^(12 + MPSMAX) bytes
  static constexpr Field<Cap, 56, 1> pmrs{};
  static constexpr Field<Cap, 57, 1> cmbs{};
  static constexpr Field<Cap, 58, 1> nsss{};
  static constexpr Field<Cap, 59, 2> crms{};
  static constexpr Field<Cap, 59, 1> crms_with_media{};
  static constexpr Field<Cap, 60, 1> crms_independent_of_media{};
};

/// VS, Version (§3.1.3.2). Later versions compare greater.
struct Vs : Bits<Vs, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Vs, 0, 8> ter{};
  static constexpr Field<Vs, 8, 8> mnr{};
  static constexpr Field<Vs, 16, 16> mjr{};
  friend constexpr auto operator<=>(Vs a, Vs b) { return a.raw <=> b.raw; }
};

/// The VS of a published specification, e.g. `version(1, 4)`.
constexpr Vs version(std::uint32_t major, std::uint32_t minor, std::uint32_t tertiary = 0) {
  return Vs{}.with(Vs::mjr, major).with(Vs::mnr, minor).with(Vs::ter, tertiary);
}

/// CC.CSS: which I/O command sets the host enables.
enum class Css : std::uint8_t { nvm = 0, all_supported = 6, admin_only = 7 };

/// CC.AMS: how submission queues take turns.
enum class Ams : std::uint8_t { round_robin = 0, weighted_round_robin = 1, vendor_specific = 7 };

/// CC.SHN: the shutdown that the host asks for.
enum class Shn : std::uint8_t { none = 0, normal = 1, abrupt = 2, reserved = 3 };

/// CC, Controller Configuration (§3.1.3.5).
struct Cc : Bits<Cc, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Cc, 0, 1> en{};
  static constexpr Field<Cc, 4, 3, Css> css{};
  static constexpr Field<Cc, 7, 4> mps{};  ///< 2^(12 + MPS) bytes
  static constexpr Field<Cc, 11, 3, Ams> ams{};
  static constexpr Field<Cc, 14, 2, Shn> shn{};
  static constexpr Field<Cc, 16, 4> iosqes{};  ///< 2^IOSQES bytes
  static constexpr Field<Cc, 20, 4> iocqes{};  ///< 2^IOCQES bytes
  static constexpr Field<Cc, 24, 1> crime{};
};

/// CSTS.SHST: how far a shutdown is.
enum class Shst : std::uint8_t { normal_operation = 0, occurring = 1, complete = 2, reserved = 3 };

/// CSTS, Controller Status (§3.1.3.6).
struct Csts : Bits<Csts, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Csts, 0, 1> rdy{};
  static constexpr Field<Csts, 1, 1> cfs{};
  static constexpr Field<Csts, 2, 2, Shst> shst{};
  static constexpr Field<Csts, 4, 1> nssro{};  ///< write one to clear
  static constexpr Field<Csts, 5, 1> pp{};
  static constexpr Field<Csts, 6, 1> st{};  ///< SHST speaks of the subsystem, not of this controller
};

/// AQA, Admin Queue Attributes (§3.1.3.8). Both sizes are zero-based.
struct Aqa : Bits<Aqa, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Aqa, 0, 12> asqs{};
  static constexpr Field<Aqa, 16, 12> acqs{};
};

/// CMBLOC, Controller Memory Buffer Location (§3.1.3.11).
struct Cmbloc : Bits<Cmbloc, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Cmbloc, 0, 3> bir{};
  static constexpr Field<Cmbloc, 3, 1> cqmms{};
  static constexpr Field<Cmbloc, 4, 1> cqpds{};
  static constexpr Field<Cmbloc, 5, 1> cdpmls{};
  static constexpr Field<Cmbloc, 6, 1> cdpcils{};
  static constexpr Field<Cmbloc, 7, 1> cdmmms{};
  static constexpr Field<Cmbloc, 8, 1> cqda{};
  static constexpr Field<Cmbloc, 12, 20> ofst{};  ///< in units of CMBSZ.SZU
};

/// CMBSZ, Controller Memory Buffer Size (§3.1.3.12).
struct Cmbsz : Bits<Cmbsz, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Cmbsz, 0, 1> sqs{};
  static constexpr Field<Cmbsz, 1, 1> cqs{};
  static constexpr Field<Cmbsz, 2, 1> lists{};
  static constexpr Field<Cmbsz, 3, 1> rds{};
  static constexpr Field<Cmbsz, 4, 1> wds{};
  static constexpr Field<Cmbsz, 8, 4> szu{};  ///< 4 KiB times 16^SZU; above 6 is reserved
  static constexpr Field<Cmbsz, 12, 20> sz{};
};

/// CMBMSC, Controller Memory Buffer Memory Space Control (§3.1.3.14).
struct Cmbmsc : Bits<Cmbmsc, std::uint64_t> {
  using Bits::Bits;
  static constexpr Field<Cmbmsc, 0, 1> cre{};
  static constexpr Field<Cmbmsc, 1, 1> cmse{};
  static constexpr Field<Cmbmsc, 12, 52> cba{};  ///< bits 63:12 of the address
};

/// CMBSTS, Controller Memory Buffer Status (§3.1.3.15).
struct Cmbsts : Bits<Cmbsts, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Cmbsts, 0, 1> cbai{};
};

/// CRTO, Controller Ready Timeouts (§3.1.3.21), in steps of 500 ms.
struct Crto : Bits<Crto, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Crto, 0, 16> crwmt{};
  static constexpr Field<Crto, 16, 16> crimt{};
};

/// What is written to a doorbell (PCIe Transport 1.0 §3.1.2): the new tail or head; bits 31:16 are reserved.
struct Doorbell : Bits<Doorbell, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Doorbell, 0, 16> value{};
};

}  // namespace phasebit::spec
