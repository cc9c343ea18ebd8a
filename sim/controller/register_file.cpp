#include "sim/controller/register_file.hpp"

#include <algorithm>

namespace phasebit::sim {
namespace {

namespace at = spec::offset;

// NSSRO is the one write-one-to-clear bit of CSTS. CC's reserved bits 3:1 and 31:25 are read-only zeroes.
constexpr std::uint64_t cc_writable = 0x01ff'fff1;
constexpr std::uint64_t csts_clearable = spec::Csts::nssro.mask;
constexpr std::uint64_t aqa_writable = 0x0fff'0fff;
constexpr std::uint64_t cmbmsc_writable = spec::Cmbmsc::cre.mask | spec::Cmbmsc::cmse.mask | spec::Cmbmsc::cba.mask;

constexpr std::array<RegisterRow, 15> rows{{
    {at::cap, 8, 0, 0, 0, false},
    {at::vs, 4, 0, 0, 0, false},
    {at::intms, 4, 0, 0, 0xffff'ffff, false},
    {at::intmc, 4, 0, 0xffff'ffff, 0, false},
    {at::cc, 4, cc_writable, 0, 0, false},
    {at::csts, 4, 0, csts_clearable, 0, false},
    {at::nssr, 4, 0xffff'ffff, 0, 0, false},
    {at::aqa, 4, aqa_writable, 0, 0, true},
    {at::asq, 8, spec::admin_queue_base_mask, 0, 0, true},
    {at::acq, 8, spec::admin_queue_base_mask, 0, 0, true},
    {at::cmbloc, 4, 0, 0, 0, false},
    {at::cmbsz, 4, 0, 0, 0, false},
    {at::cmbmsc, 8, cmbmsc_writable, 0, 0, false},
    {at::cmbsts, 4, 0, 0, 0, false},
    {at::crto, 4, 0, 0, 0, false},
}};

const RegisterRow* row_at(std::uint32_t offset) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const RegisterRow& row) { return offset >= row.offset && offset < row.offset + row.bytes; });
  return found == rows.end() ? nullptr : &*found;
}

constexpr std::uint64_t low_bits(std::uint32_t bytes) {
  return bytes >= 8 ? ~0ull : (1ull << (8 * bytes)) - 1;
}

}  // namespace

std::span<const RegisterRow> register_rows() {
  return rows;
}

RegisterFile::RegisterFile(const DriveOptions& options)
    : cap_(capabilities(options).raw),
      vs_(options.version.raw),
      crto_(options.version >= spec::version(2, 0)
                ? spec::Crto{}
                      .with(spec::Crto::crwmt, options.ready_with_media_steps)
                      .with(spec::Crto::crimt, (options.ready_modes & 2) != 0 ? options.ready_without_media_steps : 0)
                      .raw
                : 0),
      cmbloc_(controller_memory_location(options).raw),
      cmbsz_(controller_memory_size(options).raw) {}

std::uint64_t RegisterFile::get(const RegisterRow& row) const {
  switch (row.offset) {
    case at::cap:
      return cap_;
    case at::vs:
      return vs_;
    case at::intms:
    case at::intmc:
      return interrupt_mask_;
    case at::cc:
      return cc_;
    case at::csts:
      return csts_;
    case at::aqa:
      return aqa_;
    case at::asq:
      return asq_;
    case at::acq:
      return acq_;
    case at::cmbloc:
      return cmbmsc().get(spec::Cmbmsc::cre) ? cmbloc_ : 0;  // reserved until the host has asked for it (§3.1.3.11)
    case at::cmbsz:
      return cmbmsc().get(spec::Cmbmsc::cre) ? cmbsz_ : 0;
    case at::cmbmsc:
      return cmbmsc_;
    case at::cmbsts:
      return cmbsts_;
    case at::crto:
      return crto_;
    default:
      return 0;
  }
}

void RegisterFile::put(const RegisterRow& row, std::uint64_t value) {
  switch (row.offset) {
    case at::intms:
    case at::intmc:
      interrupt_mask_ = static_cast<std::uint32_t>(value);
      return;
    case at::cc:
      cc_ = static_cast<std::uint32_t>(value);
      return;
    case at::csts:
      csts_ = static_cast<std::uint32_t>(value);
      return;
    case at::aqa:
      aqa_ = static_cast<std::uint32_t>(value);
      return;
    case at::asq:
      asq_ = value;
      return;
    case at::acq:
      acq_ = value;
      return;
    case at::cmbmsc:
      cmbmsc_ = cap().get(spec::Cap::cmbs) ? value : 0;  // reserved without a buffer (§3.1.3.14)
      return;
    default:
      return;
  }
}

std::uint32_t RegisterFile::read_dword(std::uint32_t offset) const {
  const RegisterRow* row = row_at(offset);
  return row == nullptr ? 0 : static_cast<std::uint32_t>(get(*row) >> (8 * (offset - row->offset)));
}

std::uint64_t RegisterFile::read(std::uint32_t offset, std::uint32_t bytes) const {
  if (offset % 4 != 0 || (bytes != 4 && bytes != 8)) {
    return 0;
  }
  const std::uint64_t low = read_dword(offset);
  return bytes == 4 ? low : low | static_cast<std::uint64_t>(read_dword(offset + 4)) << 32;
}

/// `value` and `lanes` are in the register's own place. True if every bit of the write had a defined meaning.
bool RegisterFile::write_register(const RegisterRow& row, std::uint64_t value, std::uint64_t lanes, WriteEffect& effect) {
  const std::uint64_t before = get(row);
  RegisterChange& change = effect.changes[effect.count++];
  change = {row.offset, before, before, value & lanes};
  const std::uint64_t ignored = lanes & ~(row.writable | row.write_one_to_clear | row.write_one_to_set);
  const bool touches_read_only = ((value ^ before) & ignored) != 0 && row.write_one_to_clear == 0;
  if (row.only_while_disabled && cc().get(spec::Cc::en)) {
    return false;
  }
  std::uint64_t after = (before & ~(row.writable & lanes)) | (value & row.writable & lanes);
  after = (after & ~(value & lanes & row.write_one_to_clear)) | (value & lanes & row.write_one_to_set);
  put(row, after);
  change.after = get(row);
  const bool read_only = (row.writable | row.write_one_to_clear | row.write_one_to_set) == 0;
  return !read_only && !touches_read_only;
}

WriteEffect RegisterFile::write(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes) {
  WriteEffect effect;
  if (offset % 4 != 0 || (bytes != 4 && bytes != 8)) {
    effect.undefined = true;
    return effect;
  }
  for (std::uint32_t done = 0; done < bytes;) {
    const RegisterRow* row = row_at(offset + done);
    if (row == nullptr) {
      effect.undefined = true;
      done += 4;
      continue;
    }
    const std::uint32_t skipped = offset + done - row->offset;
    const std::uint32_t length = std::min(row->bytes - skipped, bytes - done);
    const std::uint64_t lanes = low_bits(length) << (8 * skipped);
    effect.undefined |= !write_register(*row, (value >> (8 * done)) << (8 * skipped), lanes, effect);
    done += length;
  }
  return effect;
}

void RegisterFile::set_admin_queues(spec::Aqa aqa, std::uint64_t asq, std::uint64_t acq) {
  aqa_ = aqa.raw;
  asq_ = asq;
  acq_ = acq;
}

void RegisterFile::reset_all() {
  cc_ = 0;
  csts_ = 0;
  interrupt_mask_ = 0;
  cmbmsc_ = 0;
  cmbsts_ = 0;
  set_admin_queues({}, 0, 0);
}

void RegisterFile::fingerprint(Hasher& hasher) const {
  for (const std::uint32_t value : {cc_, csts_, aqa_, interrupt_mask_, cmbsts_}) {
    hasher.add(value);
  }
  hasher.add(cmbmsc_);
  hasher.add(asq_);
  hasher.add(acq_);
}

}  // namespace phasebit::sim
