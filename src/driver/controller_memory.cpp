#include "src/driver/controller_memory.hpp"

#include <algorithm>

#include "src/spec/pci.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::driver {

std::optional<ControllerMemoryOffer> offer_of(spec::Cmbloc location, spec::Cmbsz size, std::uint64_t registers_end) {
  const BarRange place{location.get(spec::Cmbloc::bir), spec::cmb_offset_bytes(location, size), spec::cmb_bytes(size)};
  const bool bar_can_be = place.bar != 1 && place.bar < spec::pci::bars;
  const bool clear_of_registers = place.bar != 0 || place.offset >= registers_end;
  if (place.bytes == 0 || place.bytes > ~place.offset || !bar_can_be || !clear_of_registers) {
    return std::nullopt;
  }
  return ControllerMemoryOffer{place, size.get(spec::Cmbsz::sqs), size.get(spec::Cmbsz::rds), size.get(spec::Cmbsz::wds)};
}

ControllerMemory::ControllerMemory(const std::optional<ControllerMemoryFound>& found, ControllerMemoryUse use,
                                   std::pmr::memory_resource* memory)
    : found_(found.value_or(ControllerMemoryFound{})), use_(use), works_(found.has_value()), parts_(memory) {}

/// Addresses are aligned as the controller sees them.
std::uint64_t ControllerMemory::aligned(std::uint64_t offset, std::uint64_t alignment) const {
  const std::uint64_t rest = (base().value + offset) & (alignment - 1);
  return rest == 0 ? offset : offset + alignment - rest;
}

std::optional<DmaRegion> ControllerMemory::take(std::uint64_t bytes, std::uint64_t alignment) {
  std::uint64_t begin = aligned(0, alignment);
  auto behind = parts_.begin();
  while (behind != parts_.end() && (behind->offset < begin || behind->offset - begin < bytes)) {
    begin = aligned(behind->offset + behind->bytes, alignment);
    ++behind;
  }
  const std::uint64_t end = found_.region.bytes;
  if (!works_ || bytes == 0 || begin > end || bytes > end - begin) {
    return std::nullopt;
  }
  parts_.insert(behind, {begin, bytes});
  return found_.region.slice(begin, bytes);
}

bool ControllerMemory::give_back(const DmaRegion& part) {
  return std::erase_if(parts_, [&](const Part& taken) { return base() + taken.offset == part.iova && taken.bytes == part.bytes; }) != 0;
}

}  // namespace phasebit::driver
