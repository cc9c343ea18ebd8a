// A host written by hand, a few lines for each step, that drives a world through the seam as a driver would.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "sim/world/world.hpp"
#include "src/base/ring_index.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/features.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {

/// A queue pair, polled.
struct HandQueue {
  std::uint16_t id = 0;
  std::uint32_t entries = 0;
  DmaRegion submission;
  DmaRegion completion;
  std::uint32_t tail = 0;
  PhasedIndex head;
  std::uint16_t next_cid = 0;
};

class HandHost {
 public:
  static constexpr std::uint32_t entries = 4;

  explicit HandHost(World& world, std::uint8_t drive = 0) : world_(world), address_(world.drive(drive).address()) {}

  /// Claims, opens, switches the function on, enables the controller. False if anything takes too long.
  bool attach() {
    if (!world_.bus().claim(address_)) {
      return false;
    }
    backend_ = world_.bus().open(address_).value();
    switch_on();
    return disable() && enable();
  }

  void switch_on() {
    using spec::pci::Command;
    const auto on = Command{}.with(Command::memory_space, true).with(Command::bus_master, true).with(Command::intx_disable, true);
    backend_->config_write16(spec::pci::config::command, on.raw);
  }

  bool disable() {
    const spec::Cc cc{backend_->read32(spec::offset::cc)};
    backend_->write32(spec::offset::cc, cc.with(spec::Cc::en, false).raw);
    return wait_ready(false);
  }

  bool enable() {
    cap_ = spec::Cap{backend_->read64(spec::offset::cap)};
    admin_ = make_queue(0);
    backend_->write32(spec::offset::aqa, spec::admin_queue_attributes(entries, entries).raw);
    backend_->write64(spec::offset::asq, admin_.submission.iova.value);
    backend_->write64(spec::offset::acq, admin_.completion.iova.value);
    const auto cc = spec::Cc{}.with(spec::Cc::en, true).with(spec::Cc::iosqes, 6).with(spec::Cc::iocqes, 4);
    backend_->write32(spec::offset::cc, cc.raw);
    return wait_ready(true);
  }

  bool make_io_queues() {
    const spec::Sqe grant = spec::SetFeatures{spec::Fid::number_of_queues, spec::number_of_queues(1, 1).raw}.sqe();
    io_ = make_queue(1);
    const spec::Sqe cq = spec::CreateIoCompletionQueue{Qid{1}, entries, io_.completion.iova}.sqe();
    const spec::Sqe sq = spec::CreateIoSubmissionQueue{Qid{1}, entries, io_.submission.iova, Qid{1}}.sqe();
    return succeeds(run(admin_, grant)) && succeeds(run(admin_, cq)) && succeeds(run(admin_, sq));
  }

  /// Identify with this CNS into a page of the host's.
  bool identify(spec::Cns cns, Nsid nsid, std::span<std::byte> page) {
    return transfer(admin_, spec::Identify{cns, nsid}.sqe(), page, DmaRights::device_writes);
  }
  bool write(Lba lba, std::span<std::byte> data) {
    return transfer(io_, spec::write(Nsid{1}, lba, blocks_of(data)), data, DmaRights::device_reads);
  }
  bool read(Lba lba, std::span<std::byte> data) {
    return transfer(io_, spec::read(Nsid{1}, lba, blocks_of(data)), data, DmaRights::device_writes);
  }
  bool flush() { return succeeds(run(io_, spec::flush(Nsid{1}))); }

  /// Puts the entry into the ring and rings; gives the CID.
  std::uint16_t submit(HandQueue& queue, spec::Sqe sqe) {
    sqe.cid = queue.next_cid++;
    std::memcpy(queue.submission.data + queue.tail * sizeof sqe, &sqe, sizeof sqe);
    queue.tail = next_slot(queue.tail, queue.entries);
    backend_->write32(doorbell(queue, spec::DoorbellKind::submission_tail), queue.tail);
    return sqe.cid;
  }

  /// The next completion, if there is one now.
  std::optional<spec::Cqe> reap(HandQueue& queue) {
    const auto* dwords = reinterpret_cast<const Le32*>(queue.completion.data + queue.head.slot * sizeof(spec::Cqe));
    const spec::CqeDword3 last{backend_->load_acquire32(dwords[3])};
    if (spec::phase_of(last) != queue.head.phase) {
      return std::nullopt;
    }
    const std::uint32_t first = backend_->load32(dwords[0]);
    const std::uint32_t second = backend_->load32(dwords[1]);
    const std::uint32_t third = backend_->load32(dwords[2]);
    queue.head.advance(queue.entries);
    backend_->write32(doorbell(queue, spec::DoorbellKind::completion_head), queue.head.slot);
    return spec::cqe_from({first, second, third, last.raw});
  }

  /// Submits and waits.
  std::optional<spec::Cqe> run(HandQueue& queue, const spec::Sqe& sqe) {
    submit(queue, sqe);
    std::optional<spec::Cqe> completion;
    wait([&] { return (completion = reap(queue)).has_value(); });
    return completion;
  }

  /// How long it waits for anything.
  void give_up_after(Duration patience) { patience_ = patience; }

  /// Looks, lets the world go on to where something happens, looks again, until its patience ends.
  template <class Condition>
  bool wait(Condition condition) {
    const Instant deadline = world_.now() + patience_;
    while (!condition()) {
      if (world_.now() >= deadline) {
        return false;
      }
      world_.run_until(std::max(world_.now() + world_.options().cycle, std::min(world_.next_due(), deadline)));
    }
    return true;
  }

  bool wait_ready(bool ready) {
    return wait([&] {
      const spec::Csts csts{backend_->read32(spec::offset::csts)};
      return csts.raw != spec::all_ones32 && csts.get(spec::Csts::rdy) == ready;
    });
  }

  EmulatedBackend& backend() { return *backend_; }
  PciAddress address() const { return address_; }
  HandQueue& admin() { return admin_; }
  HandQueue& io() { return io_; }

 private:
  static bool succeeds(const std::optional<spec::Cqe>& completion) { return completion && spec::is_success(completion->status()); }
  static std::uint32_t blocks_of(std::span<std::byte> data) { return static_cast<std::uint32_t>(data.size() / 512); }

  HandQueue make_queue(std::uint16_t id) {
    const DmaRegion submission = backend_->allocate_dma(entries * sizeof(spec::Sqe)).value();
    const DmaRegion completion = backend_->allocate_dma(entries * sizeof(spec::Cqe)).value();
    return {id, entries, submission, completion, 0, {}, 0};
  }

  std::uint32_t doorbell(const HandQueue& queue, spec::DoorbellKind kind) const {
    return static_cast<std::uint32_t>(spec::doorbell_offset(cap_, Qid{queue.id}, kind));
  }

  /// Data within two pages: PRP1, and PRP2 where it crosses.
  bool transfer(HandQueue& queue, spec::Sqe sqe, std::span<std::byte> data, DmaRights rights) {
    const Iova iova = backend_->map(data, rights).value();
    const std::uint64_t first_page_rest = 4096 - iova.value % 4096;
    sqe.prp1 = iova.value;
    sqe.prp2 = data.size() > first_page_rest ? iova.value + first_page_rest : 0;
    const bool done = succeeds(run(queue, sqe));
    return backend_->unmap(data).has_value() && done;
  }

  World& world_;
  PciAddress address_;
  EmulatedBackend* backend_ = nullptr;
  Duration patience_ = seconds(10);
  spec::Cap cap_;
  HandQueue admin_;
  HandQueue io_;
};

}  // namespace phasebit::sim
