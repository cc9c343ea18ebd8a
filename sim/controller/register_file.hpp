// The controller's registers: what each one holds, who may change which bits, and when. What a change causes is decided elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/controller/drive_options.hpp"
#include "sim/stream/digest.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::sim {

/// One row: a register, its reset value and how a write acts on each of its bits (Base 2.0 §3.1.3). Bits in no mask are read-only.
struct RegisterRow {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 4;
  std::uint64_t writable = 0;
  std::uint64_t write_one_to_clear = 0;
  std::uint64_t write_one_to_set = 0;
  bool only_while_disabled = false;  ///< a write while CC.EN is 1 has no defined result
};

/// Every register but the doorbells, ascending by offset. INTMS and INTMC are two views of one mask, which INTMS holds.
std::span<const RegisterRow> register_rows();

/// What a write did to one register.
struct RegisterChange {
  std::uint32_t offset = 0;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  std::uint64_t written = 0;  ///< the bits as the host gave them, in their place
};

/// Everything that one access did. An access of 8 bytes may reach two registers.
struct WriteEffect {
  std::array<RegisterChange, 2> changes{};
  std::size_t count = 0;
  bool undefined = false;  ///< it touched read-only bits, a hole, a register at the wrong time, or was misaligned

  std::span<const RegisterChange> all() const { return {changes.data(), count}; }
};

class RegisterFile {
 public:
  explicit RegisterFile(const DriveOptions& options);

  /// A load of 4 or 8 bytes. Holes and misaligned loads read as zeroes.
  std::uint64_t read(std::uint32_t offset, std::uint32_t bytes) const;
  /// A store of 4 or 8 bytes below the doorbells. What the masks do not let through stays as it was.
  WriteEffect write(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes);

  // The controller's own hand: no masks.
  spec::Cc cc() const { return spec::Cc{cc_}; }
  spec::Csts csts() const { return spec::Csts{csts_}; }
  spec::Aqa aqa() const { return spec::Aqa{aqa_}; }
  spec::Cap cap() const { return spec::Cap{cap_}; }
  std::uint64_t asq() const { return asq_; }
  std::uint64_t acq() const { return acq_; }
  std::uint32_t interrupt_mask() const { return interrupt_mask_; }
  spec::Cmbmsc cmbmsc() const { return spec::Cmbmsc{cmbmsc_}; }
  void set_cmbsts(spec::Cmbsts value) { cmbsts_ = value.raw; }
  void set_cc(spec::Cc value) { cc_ = value.raw; }
  void set_csts(spec::Csts value) { csts_ = value.raw; }
  void set_admin_queues(spec::Aqa aqa, std::uint64_t asq, std::uint64_t acq);

  /// A Controller Reset keeps AQA, ASQ, ACQ, CMBMSC and the host's CC; any other reset keeps nothing (§3.7.2).
  void reset_by_controller() { interrupt_mask_ = 0; }
  void reset_all();

  void fingerprint(Hasher& hasher) const;

 private:
  std::uint64_t get(const RegisterRow& row) const;
  void put(const RegisterRow& row, std::uint64_t value);
  std::uint32_t read_dword(std::uint32_t offset) const;
  bool write_register(const RegisterRow& row, std::uint64_t value, std::uint64_t lanes, WriteEffect& effect);

  std::uint64_t cap_;
  std::uint32_t vs_;
  std::uint32_t crto_;
  std::uint32_t cmbloc_;
  std::uint32_t cmbsz_;
  std::uint32_t cc_ = 0;
  std::uint32_t csts_ = 0;
  std::uint32_t aqa_ = 0;
  std::uint64_t asq_ = 0;
  std::uint64_t acq_ = 0;
  std::uint32_t interrupt_mask_ = 0;
  std::uint64_t cmbmsc_ = 0;
  std::uint32_t cmbsts_ = 0;
};

}  // namespace phasebit::sim
