// What the registers' fields mean in bytes, entries and time. No limit is judged here: an odd register gives an odd number.
#pragma once

#include <cstdint>

#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/spec/registers.hpp"
#include "src/spec/units.hpp"

namespace phasebit::spec {

/// Entries of the largest I/O queue, 1 to 65536 (1 is not a value that a controller may give, but it may lie).
constexpr std::uint32_t queue_entries_max(Cap cap) {
  return count_from_zero_based(cap.get(Cap::mqes));
}

/// The longest that CSTS.RDY may take to follow CC.EN by CAP.TO: 0 to 127.5 s. CRTO counts instead when CAP.CRMS is not 0.
constexpr Duration ready_timeout(Cap cap) {
  return from_500_ms(cap.get(Cap::to));
}

/// CRTO.CRWMT and CRTO.CRIMT as times.
constexpr Duration ready_with_media_timeout(Crto crto) {
  return from_500_ms(crto.get(Crto::crwmt));
}
constexpr Duration ready_independent_of_media_timeout(Crto crto) {
  return from_500_ms(crto.get(Crto::crimt));
}

/// Bytes from one doorbell to the next: 4 to 131072.
constexpr std::uint32_t doorbell_stride_bytes(Cap cap) {
  return 4u << cap.get(Cap::dstrd);
}

enum class DoorbellKind : std::uint8_t { submission_tail = 0, completion_head = 1 };

/// Offset in BAR0 of a queue's doorbell (PCIe Transport 1.0 §3.1.2.1, §3.1.2.2). With a wide stride it exceeds 32 bits.
constexpr std::uint64_t doorbell_offset(Cap cap, Qid qid, DoorbellKind kind) {
  const std::uint64_t index = 2ull * qid.value + static_cast<std::uint64_t>(kind);
  return offset::doorbells + index * doorbell_stride_bytes(cap);
}

/// Bytes of a memory page: 4096 to 2^27.
constexpr std::uint32_t page_bytes_from_mps(std::uint32_t mps) {
  return 1u << (12 + (mps & 0xf));
}
constexpr std::uint32_t page_bytes_min(Cap cap) {
  return page_bytes_from_mps(cap.get(Cap::mpsmin));
}
constexpr std::uint32_t page_bytes_max(Cap cap) {
  return page_bytes_from_mps(cap.get(Cap::mpsmax));
}
constexpr std::uint32_t page_bytes(Cc cc) {
  return page_bytes_from_mps(cc.get(Cc::mps));
}

/// The MPS of a page size; the size is a power of two from 4096 to 2^27.
constexpr std::uint32_t mps_from_page_bytes(std::uint32_t bytes) {
  std::uint32_t mps = 0;
  while (mps < 15 && page_bytes_from_mps(mps) < bytes) {
    ++mps;
  }
  PHASEBIT_ASSERT(page_bytes_from_mps(mps) == bytes);
  return mps;
}

/// Bytes of an I/O queue entry as CC sets them: 1 to 32768.
constexpr std::uint32_t submission_entry_bytes(Cc cc) {
  return 1u << cc.get(Cc::iosqes);
}
constexpr std::uint32_t completion_entry_bytes(Cc cc) {
  return 1u << cc.get(Cc::iocqes);
}

/// Entries of the admin queues, 1 to 4096.
constexpr std::uint32_t admin_submission_entries(Aqa aqa) {
  return count_from_zero_based(aqa.get(Aqa::asqs));
}
constexpr std::uint32_t admin_completion_entries(Aqa aqa) {
  return count_from_zero_based(aqa.get(Aqa::acqs));
}

/// The AQA of two queues of 1 to 4096 entries.
constexpr Aqa admin_queue_attributes(std::uint32_t submission_entries, std::uint32_t completion_entries) {
  return Aqa{}.with(Aqa::asqs, zero_based16(submission_entries)).with(Aqa::acqs, zero_based16(completion_entries));
}

/// Bytes of the unit of CMBSZ.SZ and CMBLOC.OFST: 4 KiB to 64 GiB; 0 when SZU is reserved.
constexpr std::uint64_t cmb_unit_bytes(Cmbsz cmbsz) {
  const std::uint32_t szu = cmbsz.get(Cmbsz::szu);
  return szu <= 6 ? 4096ull << (4 * szu) : 0;
}
constexpr std::uint64_t cmb_bytes(Cmbsz cmbsz) {
  return cmbsz.get(Cmbsz::sz) * cmb_unit_bytes(cmbsz);
}
constexpr std::uint64_t cmb_offset_bytes(Cmbloc cmbloc, Cmbsz cmbsz) {
  return cmbloc.get(Cmbloc::ofst) * cmb_unit_bytes(cmbsz);
}

/// Where the controller finds its buffer among the addresses that the host gives it, and the CMBMSC that says so.
constexpr Iova cmb_base(Cmbmsc cmbmsc) {
  return Iova{cmbmsc.raw & Cmbmsc::cba.mask};
}
constexpr Cmbmsc cmb_at(Iova base) {
  PHASEBIT_ASSERT((base.value & ~Cmbmsc::cba.mask) == 0);
  return Cmbmsc{base.value}.with(Cmbmsc::cre, true).with(Cmbmsc::cmse, true);
}
/// The controller answers at its buffer's addresses by itself.
constexpr bool cmb_is_enabled(Cmbmsc cmbmsc) {
  return cmbmsc.get(Cmbmsc::cre) && cmbmsc.get(Cmbmsc::cmse);
}

}  // namespace phasebit::spec
