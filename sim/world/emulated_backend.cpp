#include "sim/world/emulated_backend.hpp"

#include "sim/world/world.hpp"
#include "src/base/random.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::sim {
namespace {

enum BackendDraw : std::uint64_t { draw_posted = 0x101, draw_tear = 0x102 };

constexpr std::uint32_t no_register = ~0u;

}  // namespace

void EmulatedBackend::opened() {
  generation_ = drive_.generation();
  status_known_ = false;
}

std::uint64_t EmulatedBackend::load(std::uint32_t offset, std::uint32_t bytes) {
  const bool is_status = offset == spec::offset::csts && bytes == 4;
  const bool pushed = drive_.push_posted();
  const bool quiet = is_status && !pushed && status_known_ && read_now(offset, bytes) == status_;
  const RegisterPlace place{drive_.index(), offset, bytes, !quiet};
  world_.faults().on_access(place);
  const FiredFaults fired = world_.faults().on_register_read(place);
  world_.carry_out_faults();
  const std::uint64_t value = fired.has(Verb::torn_register_read) ? read_torn(offset) : read_now(offset, bytes);
  if (quiet && value == status_) {
    return value;
  }
  if (is_status) {
    status_known_ = true;
    status_ = static_cast<std::uint32_t>(value);
  }
  append(EventKind::register_read, offset, value, bytes);
  world_.interleave();
  return value;
}

std::uint64_t EmulatedBackend::read_now(std::uint32_t offset, std::uint32_t bytes) const {
  return is_stale() ? (bytes == 8 ? spec::all_ones64 : spec::all_ones32) : drive_.read(offset, bytes);
}

std::uint64_t EmulatedBackend::read_torn(std::uint32_t offset) {
  const std::uint64_t low = read_now(offset, 4);
  world_.step_cycles(1 + keyed(world_.seed(), draw_tear, world_.stream().count()) % 16);
  return low | read_now(offset + 4, 4) << 32;
}

void EmulatedBackend::store(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes) {
  const RegisterPlace place{drive_.index(), offset, bytes, true};
  world_.faults().on_access(place);
  const FiredFaults fired = world_.faults().on_register_write(place);
  world_.carry_out_faults();
  if (is_stale() || fired.has(Verb::lost_doorbell)) {
    drive_.lose({world_.now(), offset, bytes, value});
  } else {
    drive_.post(offset, value, bytes, posting_delay(fired.find(Verb::late_doorbell)));
  }
  world_.interleave();
}

Duration EmulatedBackend::posting_delay(const Fault* late) {
  const std::uint64_t delay_max = world_.options().posted_write_delay_max.ns;
  const std::uint64_t usual = keyed(world_.seed(), draw_posted, drive_.index(), stores_++) % (delay_max + 1);
  return late == nullptr ? nanoseconds(usual) : late->delay.ns != 0 ? late->delay : milliseconds(1);
}

std::uint32_t EmulatedBackend::config_read32(std::uint32_t offset) {
  drive_.push_posted();
  const std::uint32_t value = is_stale() ? spec::all_ones32 : drive_.config_read32(offset);
  append(EventKind::config_read, offset, value, 0);
  world_.interleave();
  return value;
}

void EmulatedBackend::config_write16(std::uint32_t offset, std::uint16_t value) {
  drive_.push_posted();
  append(EventKind::config_write, offset, value, 2);
  if (!is_stale()) {
    drive_.config_write16(offset, value);
  }
  world_.interleave();
}

Result<DmaRegion> EmulatedBackend::allocate_dma(std::uint64_t bytes) {
  const auto memory = world_.host().allocate_pages(bytes);
  if (!memory) {
    return fail(memory.error());
  }
  const auto iova = drive_.iommu().map(*memory, DmaRights::device_reads_and_writes);
  if (!iova) {
    PHASEBIT_ASSERT(world_.host().free(*memory).has_value());
    return fail(iova.error());
  }
  append(EventKind::dma_allocated, 0, iova->value, bytes);
  world_.interleave();
  return DmaRegion{memory->data(), bytes, *iova};
}

void EmulatedBackend::free_dma(const DmaRegion& region) {
  if (drive_.iommu().iova_of(region.span()) != region.iova || refuse_unmapping(region.iova, region.bytes)) {
    return;
  }
  append(EventKind::dma_freed, 0, region.iova.value, region.bytes);
  const bool unmapped = drive_.iommu().unmap(region.span()).has_value();
  PHASEBIT_ASSERT(unmapped && world_.host().free(region.span()).has_value());
  world_.interleave();
}

Result<Iova> EmulatedBackend::map(std::span<std::byte> memory, DmaRights rights) {
  const auto iova = drive_.iommu().map(memory, rights);
  if (iova && drive_.iommu().count_of(memory) == 1) {
    append(EventKind::dma_mapped, static_cast<std::uint32_t>(rights), iova->value, memory.size());
    world_.interleave();
  }
  return iova;
}

Result<void> EmulatedBackend::unmap(std::span<std::byte> memory) {
  const auto iova = drive_.iommu().iova_of(memory);
  if (!iova) {
    return fail(Errc::not_found);
  }
  const bool last = drive_.iommu().count_of(memory) == 1;
  if (last && refuse_unmapping(*iova, memory.size())) {
    return fail(Errc::busy);
  }
  const auto unmapped = drive_.iommu().unmap(memory);
  if (last) {
    append(EventKind::dma_unmapped, 0, iova->value, memory.size());
    world_.interleave();
  }
  return unmapped;
}

bool EmulatedBackend::refuse_unmapping(Iova iova, std::uint64_t bytes) {
  const bool owned = drive_.owns(iova, bytes);
  if (owned) {
    append(EventKind::dma_unmapped, 1, iova.value, bytes);
  }
  return owned;
}

std::uint32_t EmulatedBackend::load_cqe(const Le32& dword, bool acquire) {
  const auto place = drive_.watch().load(reinterpret_cast<const std::byte*>(&dword));
  if (!place) {
    return dword.get();
  }
  world_.faults().on_access({drive_.index(), no_register, 4, true});
  world_.carry_out_faults();
  const std::uint32_t value = dword.get();
  append(EventKind::cqe_loaded, place->slot | place->dword << 16, value, acquire ? 1 : 0, place->queue);
  world_.interleave();
  return value;
}

void EmulatedBackend::record(const Event& event) {
  Event stamped = event;
  stamped.drive = drive_.index();
  world_.stream().append(stamped);
}

void EmulatedBackend::append(EventKind kind, std::uint32_t a, std::uint64_t b, std::uint64_t c, std::uint16_t queue) {
  world_.stream().append(make_event(kind, drive_.index(), queue, a, b, c));
}

void EmulatedBackend::fingerprint(Hasher& hasher) const {
  hasher.add(generation_);
  hasher.add(status_known_);
  hasher.add(status_);
  hasher.add(stores_);
}

}  // namespace phasebit::sim
