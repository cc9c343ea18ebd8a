// Admin commands as values: fill one in and call sqe(); from(sqe) reads the same fields back, whatever a host wrote.
// Data pointers are left to the caller, except where a command's PRP1 is no data pointer.
#pragma once

#include <cstdint>

#include "src/base/strong.hpp"
#include "src/spec/bits.hpp"
#include "src/spec/cns.hpp"
#include "src/spec/command.hpp"
#include "src/spec/features.hpp"
#include "src/spec/log_page_id.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::spec {

constexpr Sqe admin_sqe(AdminOpcode opcode, Nsid nsid = nsid_none) {
  Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.nsid = nsid.value;
  return sqe;
}

/// Identify (Base 2.0 §5.17). Returns 4096 bytes.
struct Identify {
  /// CNTID of the controller that carries the command out, whichever that is.
  static constexpr std::uint16_t this_controller = 0xffff;

  Cns cns = Cns::controller;
  Nsid nsid{};
  std::uint16_t cntid = 0;
  std::uint16_t cns_specific_identifier = 0;
  Csi csi = Csi::nvm;

  struct Cdw10 : Bits<Cdw10, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw10, 0, 8, Cns> cns{};
    static constexpr Field<Cdw10, 16, 16> cntid{};
  };
  struct Cdw11 : Bits<Cdw11, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw11, 0, 16> cnssid{};
    static constexpr Field<Cdw11, 24, 8, Csi> csi{};
  };

  constexpr Sqe sqe() const {
    Sqe sqe = admin_sqe(AdminOpcode::identify, nsid);
    sqe.cdw10 = Cdw10{}.with(Cdw10::cns, cns).with(Cdw10::cntid, cntid).raw;
    sqe.cdw11 = Cdw11{}.with(Cdw11::cnssid, cns_specific_identifier).with(Cdw11::csi, csi).raw;
    return sqe;
  }
  static constexpr Identify from(const Sqe& sqe) {
    const Cdw10 cdw10{sqe.cdw10};
    const Cdw11 cdw11{sqe.cdw11};
    return {cdw10.get(Cdw10::cns), nsid_of(sqe), static_cast<std::uint16_t>(cdw10.get(Cdw10::cntid)),
            static_cast<std::uint16_t>(cdw11.get(Cdw11::cnssid)), cdw11.get(Cdw11::csi)};
  }
};

/// Get Log Page (Base 2.0 §5.16). `bytes` is a multiple of 4 from 4 to 16 GiB; the command carries dwords, zero-based, in two halves.
/// Before VS 1.3 (or with LPA.2 clear) only the low 12 bits of that number, and no offset, are defined.
struct GetLogPage {
  Lid lid = Lid::error_information;
  Nsid nsid = nsid_all;
  std::uint64_t bytes = 4;
  std::uint64_t offset_bytes = 0;
  bool retain_asynchronous_event = false;
  std::uint8_t log_specific_field = 0;        ///< LSP, 7 bits
  std::uint16_t log_specific_identifier = 0;  ///< LSI
  Csi csi = Csi::nvm;

  struct Cdw10 : Bits<Cdw10, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw10, 0, 8, Lid> lid{};
    static constexpr Field<Cdw10, 8, 7> lsp{};
    static constexpr Field<Cdw10, 15, 1> rae{};
    static constexpr Field<Cdw10, 16, 16> numdl{};
  };
  struct Cdw11 : Bits<Cdw11, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw11, 0, 16> numdu{};
    static constexpr Field<Cdw11, 16, 16> lsi{};
  };
  struct Cdw14 : Bits<Cdw14, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw14, 0, 7> uuid_index{};
    static constexpr Field<Cdw14, 23, 1> ot{};
    static constexpr Field<Cdw14, 24, 8, Csi> csi{};
  };

  constexpr Sqe sqe() const {
    PHASEBIT_ASSERT(bytes >= 4 && bytes % 4 == 0 && bytes <= 4ull << 32);
    const auto numd = static_cast<std::uint32_t>(bytes / 4 - 1);
    Sqe sqe = admin_sqe(AdminOpcode::get_log_page, nsid);
    const Cdw10 cdw10 = Cdw10{}.with(Cdw10::lid, lid).with(Cdw10::lsp, log_specific_field).with(Cdw10::rae, retain_asynchronous_event);
    sqe.cdw10 = cdw10.with(Cdw10::numdl, numd & 0xffff).raw;
    sqe.cdw11 = Cdw11{}.with(Cdw11::numdu, numd >> 16).with(Cdw11::lsi, log_specific_identifier).raw;
    sqe.cdw12 = static_cast<std::uint32_t>(offset_bytes);
    sqe.cdw13 = static_cast<std::uint32_t>(offset_bytes >> 32);
    sqe.cdw14 = Cdw14{}.with(Cdw14::csi, csi).raw;
    return sqe;
  }
  static constexpr GetLogPage from(const Sqe& sqe) {
    const Cdw10 cdw10{sqe.cdw10};
    const Cdw11 cdw11{sqe.cdw11};
    const std::uint64_t numd = static_cast<std::uint64_t>(cdw11.get(Cdw11::numdu)) << 16 | cdw10.get(Cdw10::numdl);
    return {cdw10.get(Cdw10::lid),
            nsid_of(sqe),
            4 * (numd + 1),
            static_cast<std::uint64_t>(sqe.cdw13.get()) << 32 | sqe.cdw12.get(),
            cdw10.get(Cdw10::rae),
            static_cast<std::uint8_t>(cdw10.get(Cdw10::lsp)),
            static_cast<std::uint16_t>(cdw11.get(Cdw11::lsi)),
            Cdw14{sqe.cdw14}.get(Cdw14::csi)};
  }
};

/// Set Features (Base 2.0 §5.27). `value` is dword 11; its layouts are in features.hpp.
struct SetFeatures {
  Fid fid = Fid::number_of_queues;
  std::uint32_t value = 0;
  Nsid nsid{};
  bool save = false;

  struct Cdw10 : Bits<Cdw10, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw10, 0, 8, Fid> fid{};
    static constexpr Field<Cdw10, 31, 1> sv{};
  };

  constexpr Sqe sqe() const {
    Sqe sqe = admin_sqe(AdminOpcode::set_features, nsid);
    sqe.cdw10 = Cdw10{}.with(Cdw10::fid, fid).with(Cdw10::sv, save).raw;
    sqe.cdw11 = value;
    return sqe;
  }
  static constexpr SetFeatures from(const Sqe& sqe) {
    const Cdw10 cdw10{sqe.cdw10};
    return {cdw10.get(Cdw10::fid), sqe.cdw11, nsid_of(sqe), cdw10.get(Cdw10::sv)};
  }
};

/// Which of a feature's values Get Features returns (§5.15).
enum class FeatureSelect : std::uint8_t { current = 0, default_value = 1, saved = 2, supported_capabilities = 3 };

/// Get Features (Base 2.0 §5.15). `value` is dword 11, which only some features read. The answer is dword 0 of the completion.
struct GetFeatures {
  Fid fid = Fid::number_of_queues;
  FeatureSelect select = FeatureSelect::current;
  std::uint32_t value = 0;
  Nsid nsid{};

  struct Cdw10 : Bits<Cdw10, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw10, 0, 8, Fid> fid{};
    static constexpr Field<Cdw10, 8, 3, FeatureSelect> sel{};
  };

  constexpr Sqe sqe() const {
    Sqe sqe = admin_sqe(AdminOpcode::get_features, nsid);
    sqe.cdw10 = Cdw10{}.with(Cdw10::fid, fid).with(Cdw10::sel, select).raw;
    sqe.cdw11 = value;
    return sqe;
  }
  static constexpr GetFeatures from(const Sqe& sqe) {
    const Cdw10 cdw10{sqe.cdw10};
    return {cdw10.get(Cdw10::fid), cdw10.get(Cdw10::sel), sqe.cdw11, nsid_of(sqe)};
  }
};

/// Abort (Base 2.0 §5.1): names the command by submission queue and CID.
struct Abort {
  Qid sqid{};
  Cid cid{};

  struct Cdw10 : Bits<Cdw10, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw10, 0, 16> sqid{};
    static constexpr Field<Cdw10, 16, 16> cid{};
  };

  constexpr Sqe sqe() const {
    Sqe sqe = admin_sqe(AdminOpcode::abort);
    sqe.cdw10 = Cdw10{}.with(Cdw10::sqid, sqid.value).with(Cdw10::cid, cid.value).raw;
    return sqe;
  }
  static constexpr Abort from(const Sqe& sqe) {
    const Cdw10 cdw10{sqe.cdw10};
    return {Qid{static_cast<std::uint16_t>(cdw10.get(Cdw10::sqid))}, Cid{static_cast<std::uint16_t>(cdw10.get(Cdw10::cid))}};
  }
};

/// Dword 0 of Abort's completion: bit 0 set says that the command was not aborted.
constexpr bool was_aborted(std::uint32_t dword0) {
  return (dword0 & 1) == 0;
}

/// Asynchronous Event Request (Base 2.0 §5.2): completes when there is an event, see async_event.hpp.
constexpr Sqe async_event_request() {
  return admin_sqe(AdminOpcode::async_event_request);
}

/// Keep Alive (Base 2.0 §5.18).
constexpr Sqe keep_alive() {
  return admin_sqe(AdminOpcode::keep_alive);
}

/// Doorbell Buffer Config (Base 2.0 §5.8): two pages, laid out as the doorbells are.
struct DoorbellBufferConfig {
  Iova shadow_doorbells{};
  Iova event_indexes{};

  constexpr Sqe sqe() const {
    Sqe sqe = admin_sqe(AdminOpcode::doorbell_buffer_config);
    sqe.prp1 = shadow_doorbells.value;
    sqe.prp2 = event_indexes.value;
    return sqe;
  }
  static constexpr DoorbellBufferConfig from(const Sqe& sqe) { return {Iova{sqe.prp1}, Iova{sqe.prp2}}; }
};

}  // namespace phasebit::spec
