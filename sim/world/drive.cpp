#include "sim/world/drive.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "src/base/little_endian.hpp"
#include "src/base/random.hpp"

namespace phasebit::sim {
namespace {

enum Part : std::uint64_t { part_iommu = 1, part_media = 2, part_controller = 3, part_own_memory = 4 };

constexpr std::uint32_t lost = 1u << 8;

constexpr std::uint64_t all_ones(std::uint32_t bytes) {
  return bytes == 8 ? ~0ull : (1ull << (8 * bytes)) - 1;
}

/// Where firmware puts BAR0: any aligned place that does not look like a host address.
std::uint64_t bar_address(std::uint8_t index, std::uint64_t bar_bytes) {
  return (1 + static_cast<std::uint64_t>(index)) * std::max<std::uint64_t>(bar_bytes, 1ull << 40);
}

}  // namespace

FunctionOptions Drive::function_options(std::uint8_t index, const DriveOptions& options) {
  FunctionOptions function;
  function.address = PciAddress{0, static_cast<std::uint8_t>(index + 1), 0, 0};
  function.vendor_id = options.vendor_id;
  function.device_id = options.device_id;
  function.subsystem_vendor_id = options.subsystem_vendor_id;
  function.subsystem_id = options.subsystem_id;
  const BarRange own = controller_memory_place(options);
  const std::uint64_t own_end = own.offset + own.bytes;
  function.register_bytes = own.bytes != 0 && own.bar == 0 ? own_end : bar_bytes_min(options);
  function.memory_bar = own.bar;
  function.memory_bytes = own.bar == 0 ? 0 : own_end;
  function.interrupt_vectors = options.interrupt_vectors;
  return function;
}

Drive::Drive(std::uint8_t index, const WorldOptions& options, HostMemory& host, FaultPlan& faults, Stream& stream,
             std::pmr::memory_resource* memory)
    : index_(index),
      faults_(faults),
      stream_(stream),
      function_(function_options(index, options.drives[index]), memory),
      iommu_(keyed(options.seed, index, part_iommu), options.dma_mappings_max, host, memory),
      ledger_(memory),
      port_(index, iommu_, ledger_, faults, stream),
      own_memory_(keyed(options.seed, index, part_own_memory), options.drives[index].controller_memory.bytes, memory),
      own_place_(controller_memory_place(options.drives[index])),
      watch_(index, iommu_, host, memory),
      media_({index, keyed(options.seed, index, part_media), options.drives[index].atomic_blocks_power_fail}, stream, memory),
      controller_(wiring(options, memory)),
      posted_(memory) {
  port_.set_watcher(&watch_);
  port_.set_controller_memory(own_memory_.bytes() == 0 ? nullptr : &own_memory_);
  stream_.add_reader(watch_);
  function_.assign_bar(bar_address(index_, function_.bar_bytes()));
}

Wiring Drive::wiring(const WorldOptions& options, std::pmr::memory_resource* memory) {
  const std::uint64_t seed = keyed(options.seed, index_, part_controller);
  return {index_, options.drives[index_], port_, faults_, stream_, media_, *this, seed, memory};
}

void Drive::raise(std::uint16_t vector) {
  if (function_.raise(vector)) {
    send(vector);
  }
}

void Drive::send_unmasked() {
  while (const auto vector = function_.take_unmasked()) {
    send(*vector);
  }
}

void Drive::send(std::uint16_t vector) {
  stream_.append(make_event(EventKind::interrupt_raised, index_, 0, vector));
  has_interrupt_ = true;
}

Result<DmaRegion> Drive::controller_memory(const BarRange& range) {
  if (own_shown_ && own_shown_->first == range) {
    return own_shown_->second;
  }
  if (range.offset % HostMemory::page_bytes != 0 || range.bytes % HostMemory::page_bytes != 0) {
    return fail(Errc::misaligned);
  }
  const bool begins_in = range.bar == own_place_.bar && range.offset >= own_place_.offset;
  const std::uint64_t before = begins_in ? range.offset - own_place_.offset : own_place_.bytes;
  if (range.bytes == 0 || before >= own_place_.bytes || range.bytes > own_place_.bytes - before) {
    return fail(Errc::out_of_range);
  }
  const DmaRegion region{own_memory_.content().data() + before, range.bytes, iommu_.set_aside(range.bytes)};
  own_shown_.emplace(range, region);
  return region;
}

/// Where an access to BAR0 meets the drive's own memory, if it does.
std::optional<std::size_t> Drive::own_memory_at(std::uint32_t offset) const {
  const bool is_there = own_place_.bar == 0 && offset >= own_place_.offset && offset - own_place_.offset < own_place_.bytes;
  return is_there ? std::optional<std::size_t>(offset - own_place_.offset) : std::nullopt;
}

std::uint32_t Drive::enable_interrupts(std::uint32_t wanted) {
  const std::uint32_t enabled = answers() ? function_.enable_msix(wanted) : 0;
  send_unmasked();
  return enabled;
}

std::uint64_t Drive::read(std::uint32_t offset, std::uint32_t bytes) const {
  if (!registers_answer() || offset % bytes != 0 || offset >= function_.bar_bytes()) {
    return all_ones(bytes);
  }
  if (const auto own = own_memory_at(offset)) {
    Le64 value;
    std::memcpy(&value, own_memory_.content().data() + *own, bytes);
    return value;
  }
  if (!function_.holds_msix(offset)) {
    return controller_.register_read(offset, bytes);
  }
  const std::uint64_t low = function_.msix_read32(offset);
  return bytes == 4 ? low : low | static_cast<std::uint64_t>(function_.msix_read32(offset + 4)) << 32;
}

void Drive::post(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes, Duration delay) {
  const PostedWrite write{stream_.now() + delay, offset, bytes, value};
  if (!registers_answer() || offset % bytes != 0 || offset >= function_.bar_bytes()) {
    lose(write);
  } else {
    posted_.post(write);
  }
}

void Drive::lose(const PostedWrite& write) {
  stream_.append(make_event(EventKind::register_write, index_, 0, write.offset, write.value, write.bytes | lost));
}

bool Drive::push_posted() {
  const bool any = !posted_.empty();
  while (const auto write = posted_.take_first()) {
    land(*write);
  }
  return any;
}

void Drive::land_due() {
  while (const auto write = posted_.take_due(stream_.now())) {
    land(*write);
  }
}

void Drive::land(const PostedWrite& write) {
  if (!registers_answer()) {
    lose(write);
    return;
  }
  stream_.append(make_event(EventKind::register_write, index_, 0, write.offset, write.value, write.bytes));
  if (const auto own = own_memory_at(write.offset)) {
    const Le64 value = write.value;
    std::memcpy(own_memory_.content().data() + *own, &value, write.bytes);
    return;
  }
  if (!function_.holds_msix(write.offset)) {
    controller_.register_write(write.offset, write.value, write.bytes);
    return;
  }
  function_.msix_write32(write.offset, static_cast<std::uint32_t>(write.value));
  if (write.bytes == 8) {
    function_.msix_write32(write.offset + 4, static_cast<std::uint32_t>(write.value >> 32));
  }
  send_unmasked();
}

std::uint32_t Drive::config_read32(std::uint32_t offset) const {
  return answers() ? function_.config_read32(offset) : 0xffff'ffff;
}

void Drive::config_write16(std::uint32_t offset, std::uint16_t value) {
  if (!answers()) {
    return;
  }
  if (offset == spec::pci::config::command && faults_.active(index_, Verb::bus_master_stuck) != nullptr) {
    value = spec::pci::Command{value}.with(spec::pci::Command::bus_master, function_.bus_master_enabled()).raw;
  }
  if (function_.config_write16(offset, value).function_level_reset) {
    controller_.reset(ResetKind::function_level);
    function_.reset();
    function_.assign_bar(bar_address(index_, function_.bar_bytes()));
  }
  send_unmasked();
  update_bus_master();
}

void Drive::lose_power(std::uint64_t cut_outcome, std::uint32_t removal) {
  if (removal != 0) {
    stream_.append(make_event(EventKind::function_gone, index_, 0, removal));
  }
  presence_ = Presence::gone;
  removed_ = removal != 0;
  lose_posted();
  controller_.power_cut(cut_outcome);
  ledger_.release_all();
  watch_.forget_all();
  function_.reset();
  update_bus_master();
}

void Drive::regain_power() {
  if (removed_) {
    stream_.append(make_event(EventKind::function_back, index_));
  }
  presence_ = Presence::present;
  removed_ = false;
  ++generation_;
  function_.assign_bar(bar_address(index_, function_.bar_bytes()));
  own_memory_.lose_content();
  controller_.power_on();
}

void Drive::drop_link() {
  stream_.append(make_event(EventKind::function_gone, index_, 0, 1));
  presence_ = Presence::link_down;
  lose_posted();
  controller_.reset(ResetKind::conventional);
  ledger_.release_all();
  update_bus_master();
}

void Drive::restore_link() {
  // What the platform saved of configuration space is put back by it, so that a short flap shows in the registers alone.
  presence_ = Presence::present;
  own_memory_.lose_content();  // a host that had not noticed yet may have stored something that reached nobody
  stream_.append(make_event(EventKind::function_back, index_));
  update_bus_master();
}

void Drive::lose_posted() {
  while (const auto write = posted_.take_first()) {
    lose(*write);
  }
}

void Drive::work() {
  if (presence_ == Presence::present) {
    update_bus_master();
    controller_.step();
  }
}

Instant Drive::next_due() const {
  return std::min(posted_.next_due(), presence_ == Presence::present ? controller_.next_due() : never);
}

void Drive::fingerprint(Hasher& hasher) const {
  hasher.add(presence_);
  hasher.add(has_interrupt_);
  hasher.add(removed_);
  hasher.add(generation_);
  function_.fingerprint(hasher);
  iommu_.fingerprint(hasher);
  ledger_.fingerprint(hasher);
  own_memory_.fingerprint(hasher);
  watch_.fingerprint(hasher);
  media_.fingerprint(hasher);
  controller_.fingerprint(hasher);
  posted_.fingerprint(hasher);
}

}  // namespace phasebit::sim
