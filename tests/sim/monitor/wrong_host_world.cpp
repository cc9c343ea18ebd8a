#include "tests/sim/monitor/wrong_host_world.hpp"

#include "src/spec/pci.hpp"

namespace phasebit::tests {
namespace {

sim::Region make_region() {
  auto region = sim::Region::create(256ull << 20);
  PHASEBIT_ASSERT(region.has_value());
  return std::move(*region);
}

constexpr PciAddress address{0, 1, 0, 0};
constexpr Duration turn = microseconds(2);

bool is_judged(At at, const Event& event) {
  switch (at) {
    case At::write:
      return event.kind == EventKind::register_write;
    case At::fetch:
      return event.kind == EventKind::sqe_part && event.a == 3;
    case At::address:
      return event.kind == EventKind::prp_entry;
    case At::transfer:
      return event.kind == EventKind::dma_access;
    case At::unmapping:
      return event.kind == EventKind::dma_unmapped;
    case At::report:
      return event.kind == EventKind::command_finished;
    case At::new_queue:
      return event.kind == EventKind::queue_made;
    case At::range:
      return event.kind == EventKind::dataset_range;
  }
  return false;
}

}  // namespace

sim::DriveOptions plain_drive() {
  sim::DriveOptions drive;
  drive.contiguous_queues_required = false;
  drive.command_sets = 0x01;
  drive.queue_entries_max = 64;
  drive.io_submission_queues = 8;
  drive.io_completion_queues = 8;
  drive.namespaces = {sim::NamespaceOptions{.nsid = Nsid{1}, .blocks = plain_drive_blocks}};
  return drive;
}

void make_reads_slow(sim::DriveOptions& drive) {
  drive.times.read = sim::LatencyTable::fixed(milliseconds(5));
}

void OffenceWatch::on_event(std::uint64_t number, const Event& event) {
  if (offence_ || !to_skip_ || !is_judged(at_, event)) {
    return;
  }
  if (*to_skip_ == 0) {
    offence_ = number;
  } else {
    --*to_skip_;
  }
}

WrongHostWorld::WrongHostWorld(const sim::DriveOptions& drive, std::vector<sim::Fault> faults, const Seam& seam, At at)
    : region_(make_region()),
      watch(at),
      world(sim::make_world({.seed = 1, .drives = {drive}, .faults = std::move(faults), .interleave = false}, region_)),
      backend(open(seam)),
      host(backend, [this] { pass_time(); }) {}

AnyBackend WrongHostWorld::open(const Seam& seam) {
  world->stream().add_reader(monitor);
  world->stream().add_reader(watch);
  PHASEBIT_ASSERT(world->bus().claim(address).has_value());
  auto opened = world->bus().open(address);
  PHASEBIT_ASSERT(opened.has_value());
  (*opened)->config_write16(spec::pci::config::command, 0x0006);
  return seam ? seam(*world, **opened) : AnyBackend(**opened);
}

void WrongHostWorld::pass_time() {
  world->run_until(world->now() + turn);
}

std::span<std::byte> WrongHostWorld::user_memory(std::uint64_t bytes) {
  auto buffer = world->allocate_buffer(bytes);
  PHASEBIT_ASSERT(buffer.has_value());
  return *buffer;
}

}  // namespace phasebit::tests
