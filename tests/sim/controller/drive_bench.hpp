// A controller on a bench: driven by hand, through registers and a little memory, by a host that knows no driver.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <vector>

#include "sim/controller/controller.hpp"
#include "sim/memory/controller_memory.hpp"
#include "sim/memory/host_memory.hpp"
#include "sim/memory/iommu.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/queue_commands.hpp"

namespace phasebit::sim {

/// Keeps every event.
struct EventKeeper : StreamReader {
  std::vector<Event> events;
  void on_event(std::uint64_t, const Event& event) override { events.push_back(event); }

  std::vector<Event> of(EventKind kind) const {
    std::vector<Event> found;
    std::copy_if(events.begin(), events.end(), std::back_inserter(found), [&](const Event& event) { return event.kind == kind; });
    return found;
  }
};

/// Memory of the host that the drive can reach.
struct HostPages {
  std::span<std::byte> bytes;
  Iova iova;
};

/// Both rings of a queue pair, as a host keeps them.
struct HostQueue {
  Qid qid;
  std::uint32_t sq_entries = 0;
  std::uint32_t cq_entries = 0;
  HostPages sq;
  HostPages cq;
  std::uint32_t tail = 0;
  std::uint32_t head = 0;
  bool phase = true;
  std::uint16_t next_cid = 0;
};

/// Latencies that are short and always the same, so that tests can count on the order.
inline DriveOptions plain_options() {
  DriveOptions options;
  options.times.admin = options.times.read = options.times.write = options.times.flush = options.times.other =
      LatencyTable::fixed(microseconds(8));
  return options;
}

class DriveBench {
 public:
  static constexpr Duration cycle = nanoseconds(4);

  explicit DriveBench(const DriveOptions& drive_options = plain_options(), std::vector<Fault> faults = {}, std::uint64_t seed = 1)
      : options(drive_options),
        plan(faults, stream, region.resource()),
        own_memory(seed, drive_options.controller_memory.bytes, region.resource()),
        media({0, seed, drive_options.atomic_blocks_power_fail}, stream, region.resource()) {
    EXPECT_EQ(validate(options), "");
    stream.add_reader(keeper);
    stream.add_reader(plan);
    port.set_bus_master(true);
    port.set_controller_memory(own_memory.bytes() == 0 ? nullptr : &own_memory);
    controller.emplace(Wiring{0, options, port, plan, stream, media, interrupts, seed, region.resource()});
  }

  // Registers.
  std::uint32_t read32(std::uint32_t offset) { return static_cast<std::uint32_t>(controller->register_read(offset, 4)); }
  std::uint64_t read64(std::uint32_t offset) { return controller->register_read(offset, 8); }
  void write32(std::uint32_t offset, std::uint32_t value) { controller->register_write(offset, value, 4); }
  void write64(std::uint32_t offset, std::uint64_t value) { controller->register_write(offset, value, 8); }
  spec::Csts csts() { return spec::Csts{read32(spec::offset::csts)}; }
  std::uint32_t doorbell(Qid qid, spec::DoorbellKind kind) {
    return static_cast<std::uint32_t>(spec::doorbell_offset(spec::Cap{read64(0)}, qid, kind));
  }

  // Time: steps only when something is due, or every cycle.
  bool skipping = true;
  Instant now() const { return stream.now(); }
  void step_to(Instant instant) {
    stream.set_now(instant);
    plan.lift_expired();
    for (TimedFault struck = plan.next_timed(); struck.fault != nullptr; struck = plan.next_timed()) {
      controller->strike(*struck.fault);
    }
    controller->step();
  }
  Instant next_due() const { return std::min(controller->next_due(), plan.next_due()); }
  static Instant tick(Instant instant) { return instant == never ? never : Instant{(instant.ns + cycle.ns - 1) / cycle.ns * cycle.ns}; }
  void advance(Instant end) {
    const Instant next = now() + cycle;
    step_to(skipping ? std::max(next, std::min(tick(next_due()), end)) : next);
  }
  void run_until(Instant instant) {
    const Instant end = tick(instant);
    while (now() < end) {
      advance(end);
    }
  }
  void run(Duration time) { run_until(now() + time); }
  /// True if the condition came true within `limit`.
  template <class Condition>
  bool run_while_not(Condition condition, Duration limit = seconds(5)) {
    const Instant end = tick(now() + limit);
    while (!condition() && now() < end) {
      advance(end);
    }
    return condition();
  }

  // Memory.
  HostPages pages(std::uint64_t bytes) {
    const auto memory = host.allocate_pages(bytes).value();
    return {memory, iommu.map(memory, DmaRights::device_reads_and_writes).value()};
  }
  static void fill(std::span<std::byte> bytes, char letter) { std::fill(bytes.begin(), bytes.end(), static_cast<std::byte>(letter)); }

  // Queues.
  HostQueue make_rings(Qid qid, std::uint32_t sq_entries, std::uint32_t cq_entries) {
    return {qid, sq_entries, cq_entries, pages(std::uint64_t{sq_entries} * 64), pages(std::uint64_t{cq_entries} * 16)};
  }
  void enable(std::uint32_t sq_entries = 16, std::uint32_t cq_entries = 16, spec::Cc cc = spec::Cc{}) {
    admin = make_rings(admin_qid, sq_entries, cq_entries);
    write32(spec::offset::aqa, spec::admin_queue_attributes(sq_entries, cq_entries).raw);
    write64(spec::offset::asq, admin.sq.iova.value);
    write64(spec::offset::acq, admin.cq.iova.value);
    write32(spec::offset::cc, cc.with(spec::Cc::iosqes, 6).with(spec::Cc::iocqes, 4).with(spec::Cc::en, true).raw);
    EXPECT_TRUE(run_while_not([&] { return csts().get(spec::Csts::rdy) || csts().get(spec::Csts::cfs); }));
  }
  /// Gives the command a CID of its own and puts it into the ring.
  Cid push(HostQueue& queue, spec::Sqe sqe) {
    sqe.cid = queue.next_cid++;
    std::memcpy(queue.sq.bytes.data() + std::size_t{queue.tail} * 64, &sqe, sizeof(sqe));
    queue.tail = (queue.tail + 1) % queue.sq_entries;
    return spec::cid_of(sqe);
  }
  void ring(HostQueue& queue) { write32(doorbell(queue.qid, spec::DoorbellKind::submission_tail), queue.tail); }
  /// The next completion that is there, if any; the head doorbell is rung unless `acknowledge` is false.
  std::optional<spec::Cqe> reap(HostQueue& queue, bool acknowledge = true) {
    spec::Cqe cqe;
    std::memcpy(&cqe, queue.cq.bytes.data() + std::size_t{queue.head} * 16, sizeof(cqe));
    if (cqe.phase() != queue.phase) {
      return std::nullopt;
    }
    queue.head = (queue.head + 1) % queue.cq_entries;
    queue.phase = queue.head == 0 ? !queue.phase : queue.phase;
    if (acknowledge) {
      write32(doorbell(queue.qid, spec::DoorbellKind::completion_head), queue.head);
    }
    return cqe;
  }
  std::optional<spec::Cqe> wait(HostQueue& queue, Duration limit = seconds(1)) {
    std::optional<spec::Cqe> cqe;
    run_while_not([&] { return cqe || (cqe = reap(queue)); }, limit);
    return cqe;
  }
  /// One command, start to end.
  spec::Cqe perform(HostQueue& queue, const spec::Sqe& sqe) {
    const Cid cid = push(queue, sqe);
    ring(queue);
    const auto cqe = wait(queue);
    EXPECT_TRUE(cqe.has_value());
    EXPECT_EQ(cqe.value_or(spec::Cqe{}).cid.get(), cid.value);
    return cqe.value_or(spec::Cqe{});
  }
  spec::Cqe admin_command(const spec::Sqe& sqe) { return perform(admin, sqe); }
  spec::Status admin_status(const spec::Sqe& sqe) { return spec::verdict_of(admin_command(sqe).status()); }

  HostQueue create_queue_pair(std::uint16_t qid, std::uint32_t entries = 16, spec::QueuePriority priority = spec::QueuePriority::urgent) {
    HostQueue queue = make_rings(Qid{qid}, entries, entries);
    EXPECT_EQ(admin_status(spec::CreateIoCompletionQueue{Qid{qid}, entries, queue.cq.iova, true, true, qid}.sqe()), spec::Status{});
    EXPECT_EQ(admin_status(spec::CreateIoSubmissionQueue{Qid{qid}, entries, queue.sq.iova, Qid{qid}, true, priority}.sqe()),
              spec::Status{});
    return queue;
  }
  static spec::Sqe with_data(spec::Sqe sqe, const HostPages& data) {
    sqe.prp1 = data.iova.value;
    sqe.prp2 = data.bytes.size() > 4096 ? data.iova.value + 4096 : 0;
    return sqe;
  }
  std::uint64_t fingerprint() const {
    Hasher hasher;
    controller->fingerprint(hasher);
    media.fingerprint(hasher);
    return hasher.value();
  }

  struct Interrupts : InterruptSink {
    std::vector<std::uint16_t> raised;
    void raise(std::uint16_t vector) override { raised.push_back(vector); }
  };

  DriveOptions options;
  Region region = Region::create(64 << 20).value();
  Stream stream{region.resource()};
  EventKeeper keeper;
  HostMemory host{7, 24 << 20, region};
  Iommu iommu{7, 65536, host, region.resource()};
  DmaLedger ledger{region.resource()};
  FaultPlan plan;
  DmaPort port{0, iommu, ledger, plan, stream};
  ControllerMemory own_memory;
  Media media;
  Interrupts interrupts;
  std::optional<Controller> controller;
  HostQueue admin;
};

}  // namespace phasebit::sim
