#include "scenarios/interpose/register_view.hpp"

namespace phasebit::scenarios {
namespace {

namespace offset = spec::offset;

/// `value` with the part that an access of `bytes` bytes at `register_offset + distance` covers replaced.
std::uint64_t merged(std::uint64_t value, std::uint32_t distance, std::uint32_t bytes, std::uint64_t part) {
  if (bytes == 8) {
    return part;
  }
  const std::uint64_t low = part & 0xffff'ffff;
  return distance == 0 ? (value & ~0xffff'ffffull) | low : (value & 0xffff'ffffull) | low << 32;
}

bool is_within(std::uint32_t at, std::uint32_t register_offset) {
  return at == register_offset || at == register_offset + 4;
}

}  // namespace

void RegisterView::on_read(std::uint32_t at, std::uint32_t bytes, std::uint64_t value) {
  if (is_within(at, offset::cap) && (bytes == 4 || at == offset::cap)) {
    cap_.raw = merged(cap_.raw, at - offset::cap, bytes, value);
    halves_read_ |= bytes == 8 ? 3 : 1u << (at - offset::cap) / 4;
    announce();
  } else if (at == offset::vs && bytes == 4) {
    vs_.raw = static_cast<std::uint32_t>(value);
    announce();
  }
}

void RegisterView::announce() {
  const bool changed = !announced_ || announced_cap_ != cap_.raw || announced_vs_ != vs_.raw;
  if (halves_read_ != 3 || !changed) {
    return;
  }
  announced_ = true;
  announced_cap_ = cap_.raw;
  announced_vs_ = vs_.raw;
  recorder_.append(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::capabilities), cap_.raw, vs_.raw);
}

void RegisterView::on_write(std::uint32_t at, std::uint32_t bytes, std::uint64_t value) {
  if (at == offset::cc) {
    cc_.raw = static_cast<std::uint32_t>(value);
  } else if (at == offset::aqa) {
    aqa_.raw = static_cast<std::uint32_t>(value);
  } else if (is_within(at, offset::asq)) {
    asq_ = merged(asq_, at - offset::asq, bytes, value) & spec::admin_queue_base_mask;
  } else if (is_within(at, offset::acq)) {
    acq_ = merged(acq_, at - offset::acq, bytes, value) & spec::admin_queue_base_mask;
  }
}

void RegisterView::forget_writes() {
  cc_ = {};
  aqa_ = {};
  asq_ = acq_ = 0;
}

std::optional<DoorbellName> RegisterView::doorbell(std::uint32_t at) const {
  const std::uint32_t stride = spec::doorbell_stride_bytes(cap_);
  if (at < offset::doorbells || (at - offset::doorbells) % stride != 0) {
    return std::nullopt;
  }
  const std::uint32_t index = (at - offset::doorbells) / stride;
  if (index / 2 > 0xffff) {
    return std::nullopt;
  }
  return DoorbellName{Qid{static_cast<std::uint16_t>(index / 2)}, static_cast<spec::DoorbellKind>(index % 2)};
}

}  // namespace phasebit::scenarios
