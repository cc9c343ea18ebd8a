// Random operations on a random channel before a device that fails, repeats itself, invents, dawdles and is reset: every operation comes
// back exactly once, no earlier than the device has let go of it, and what is said to be done is done.
#include <map>
#include <set>
#include <vector>

#include "src/base/random.hpp"
#include "tests/support/channel_bench.hpp"
#include "tests/support/property.hpp"
#include "tests/support/ram_disk.hpp"
#include "tests/support/slow_build.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;
using testing::ChannelBench;
using testing::ChannelBenchOptions;
using testing::RamDisk;
using tests::is_slow_build;

constexpr std::uint64_t readable_blocks = 128;  // filled beforehand, never written
constexpr std::uint64_t disk_blocks = 8192;
constexpr std::uint64_t margin = 64;  // guard bytes on both sides of each buffer
constexpr std::byte guard{0xee};

std::byte content(std::uint64_t seed, std::uint64_t at) {
  return static_cast<std::byte>(keyed(seed, at));
}

/// What all worlds together came across; a property that never met a fault says little.
struct Reached {
  Statistics statistics{};
  std::map<Outcome, std::uint64_t> outcomes;
};

/// An operation that has been accepted and what it is about.
struct Pending {
  NvmOpcode opcode{};
  std::uint64_t lba = 0;
  std::uint64_t blocks = 0;
  std::vector<DmaRegion> regions;
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), t_(options()), disk_(disk_blocks) {
    for (std::uint64_t lba = 0; lba < readable_blocks; ++lba) {
      for (std::uint64_t i = 0; i < RamDisk::block_bytes; ++i) {
        disk_.block(lba)[i] = content(lba, i);
      }
    }
  }

  void step(std::uint32_t choice) {
    random_ = Random(mix(choice) ^ random_.next());
    switch (choice % 16) {
      case 0:
        break;
      case 1:
        return reset();
      case 2:
        return advance(microseconds(random_.below(300)));
      case 3:
        return advance(milliseconds(random_.below(600)));
      case 4:
        (void)t_.channel->abort(random_.below(next_tag_ + 1), t_.now);
        break;
      case 5:
        return lie();
      case 6:
      case 7:
      case 8:
        return answer(random_.below(4) != 0 ? 4 : 1);
      case 9:
      case 10:
      case 11:
        return reap(random_.below(6));
      default:
        return submit();
    }
  }

  /// The device comes to its senses: everything has to end.
  void drain(Reached& reached) {
    for (int i = 0; i < 4000 && t_.channel->operations() > 0; ++i) {
      fails_ = false;
      answer(64);
      reap(16);
      advance(milliseconds(50));
    }
    RC_ASSERT(t_.channel->operations() == 0u);
    RC_ASSERT(pending_.empty());
    RC_ASSERT(t_.channel->queue().slots().live_count() == 0u);
    RC_ASSERT(t_.doorbells_valid);
    RC_ASSERT(t_.backend.reads == 0u);
    RC_ASSERT(count(EventKind::command_pushed) == count(EventKind::command_finished));
    check_guards();
    reached.statistics += t_.channel->statistics();
    for (const auto& [outcome, times] : outcomes_) {
      reached.outcomes[outcome] += times;
    }
  }

 private:
  ChannelBenchOptions options() {
    ChannelBenchOptions options;
    options.queue_entries = static_cast<std::uint32_t>(random_.between(2, 12));
    options.operations_max = static_cast<std::uint32_t>(random_.between(1, 20));
    options.regions_max = 6;
    options.commands_max = static_cast<std::uint32_t>(random_.between(1, 16));
    options.generations = random_.below(4) != 0;
    options.transfer_bytes_max = 512ull << random_.below(8);
    options.limits.transfer_bytes_max = 512ull << random_.below(8);
    options.retries_max = static_cast<std::uint8_t>(random_.below(4));
    options.namespaces = {{Nsid{1}, disk_blocks, static_cast<std::uint32_t>(random_.below(3) == 0 ? random_.between(1, 40) : 0), 9}};
    return options;
  }

  // The user.

  void submit() {
    Pending operation;
    const std::uint64_t kind = random_.below(8);
    operation.opcode = kind < 4 ? NvmOpcode::read : kind < 6 ? NvmOpcode::write : kind < 7 ? NvmOpcode::write_zeroes : NvmOpcode::flush;
    const bool flushes = operation.opcode == NvmOpcode::flush;
    operation.blocks = flushes ? 0 : random_.between(1, 24);
    operation.lba = flushes ? 0 : operation.opcode == NvmOpcode::read ? random_.below(readable_blocks - 24) : next_write_lba_;
    if (operation.opcode == NvmOpcode::read || operation.opcode == NvmOpcode::write) {
      operation.regions = regions(operation.blocks);
    }
    if (operation.opcode == NvmOpcode::write) {
      fill(operation.regions, operation.lba);
    }
    const SubmitResult result = t_.submit({{.tag = next_tag_,
                                            .opcode = operation.opcode,
                                            .lba = Lba{operation.lba},
                                            .blocks = operation.blocks,
                                            .fua = operation.opcode == NvmOpcode::write && random_.below(2) == 0,
                                            .buffers = operation.regions,
                                            .timeout = milliseconds(random_.below(4) * 400)}});
    if (result.accepted == 1) {
      pending_.emplace(next_tag_++, operation);
      next_write_lba_ += operation.opcode == NvmOpcode::read ? 0 : operation.blocks;
    } else {
      RC_ASSERT(result.refusal == Errc::queue_full);
    }
  }

  /// One region at any dword, or several that are cut at blocks or joined at pages.
  std::vector<DmaRegion> regions(std::uint64_t blocks) {
    const std::uint64_t bytes = blocks * RamDisk::block_bytes;
    const std::uint64_t kind = random_.below(3);
    if (kind == 0) {
      return {buffer(bytes, 4 * random_.below(1024))};
    }
    std::vector<DmaRegion> regions;
    std::uint64_t left = bytes;
    while (left > 0) {
      std::uint64_t piece = left;
      if (regions.size() < 5) {
        piece = kind == 1 ? 512 * random_.between(1, left / 512) : std::min<std::uint64_t>(left, 4096 * random_.between(1, 2));
      }
      regions.push_back(buffer(piece, kind == 1 ? 4 * random_.below(1024) : 0));
      left -= piece;
    }
    return regions;
  }
  DmaRegion buffer(std::uint64_t bytes, std::uint64_t offset) {
    const DmaRegion whole = *t_.backend.allocate_dma(4096 + offset + bytes + margin);
    std::memset(whole.data, static_cast<int>(guard), whole.bytes);
    guarded_.push_back(whole.slice(4096 + offset, bytes));
    return guarded_.back();
  }
  void check_guards() {
    for (const DmaRegion& region : guarded_) {
      for (std::uint64_t i = 1; i <= margin; ++i) {
        RC_ASSERT(region.data[-static_cast<std::int64_t>(i)] == guard);
        RC_ASSERT(region.data[region.bytes - 1 + i] == guard);
      }
    }
  }
  static void fill(const std::vector<DmaRegion>& regions, std::uint64_t lba) {
    std::uint64_t at = 0;
    for (const DmaRegion& region : regions) {
      for (std::uint64_t i = 0; i < region.bytes; ++i, ++at) {
        region.data[i] = content(lba + at / 512, at % 512);
      }
    }
  }

  void reap(std::uint64_t places) {
    for (const OperationResult& result : t_.reap(places)) {
      const auto found = pending_.find(result.tag);
      RC_ASSERT(found != pending_.end());
      RC_ASSERT(result.outcome != Outcome::rejected);
      for (const auto& [cid, command] : at_device_) {
        RC_ASSERT(tags_.at(cid) != result.tag);
      }
      ++outcomes_[result.outcome];
      if (result.outcome == Outcome::ok) {
        check_done(found->second);
      }
      pending_.erase(found);
    }
    obey();
  }
  void check_done(const Pending& operation) {
    std::uint64_t at = 0;
    for (const DmaRegion& region : operation.regions) {
      for (std::uint64_t i = 0; i < region.bytes; ++i, ++at) {
        const std::uint64_t lba = operation.lba + at / 512;
        RC_ASSERT(region.data[i] == content(lba, at % 512));
        RC_ASSERT(disk_.block(lba)[at % 512] == region.data[i]);
      }
    }
  }

  // The control plane.

  void advance(Duration by) {
    t_.now = t_.now + by;
    reap(8);
  }
  void obey() {
    while (const std::optional<QueueMessage> message = t_.channel->control().next_message()) {
      const auto found = at_device_.find(message->cid.value);
      if (message->kind == QueueMessage::Kind::abort_wanted && found != at_device_.end() && random_.below(3) != 0) {
        complete(found->first, spec::make_status(spec::GenericStatus::abort_requested));
      }
    }
    if (t_.channel->control().take_reset_wish() != ResetReason::none) {
      reset();
    }
  }
  void reset() {
    t_.channel->control().silence();
    answer(2);  // the device may go on until RDY falls
    at_device_.clear();
    t_.channel->control().stop(Outcome::reset, false);
    while (!t_.channel->control().obeyed()) {
      reap(3);
    }
    t_.device->reset();
    t_.channel->control().go_live();
    reap(3);
  }

  // The device.

  void fetch() {
    while (const std::optional<spec::Sqe> command = t_.device->fetch()) {
      RC_ASSERT(at_device_.emplace(command->cid, *command).second);  // no CID twice
    }
    for (; events_read_ < t_.backend.events.size(); ++events_read_) {
      const Event& event = t_.backend.events[events_read_];
      if (event.kind == EventKind::command_pushed) {
        tags_[static_cast<std::uint16_t>(event.a & 0xffff)] = event.b;
      }
    }
  }
  void answer(std::uint64_t commands) {
    fetch();
    for (; commands > 0 && !at_device_.empty(); --commands) {
      auto at = at_device_.begin();
      std::advance(at, random_.below(at_device_.size()));
      const std::uint64_t fate = fails_ ? random_.below(8) : 7;
      if (fate == 0) {
        complete(at->first, spec::make_status(spec::GenericStatus::internal_error));
      } else if (fate == 1) {
        complete(at->first, spec::make_status(spec::MediaStatus::write_fault).with(spec::Status::dnr, true));
      } else {
        complete(at->first, {});
      }
    }
  }
  void complete(std::uint16_t cid, spec::Status status) {
    if (!t_.device->has_room()) {
      return;
    }
    const spec::Sqe command = at_device_.at(cid);
    if (spec::is_success(status)) {
      RC_ASSERT(disk_.execute(command, t_.backend));
    }
    at_device_.erase(cid);
    t_.device->complete(Cid{cid}, status);
    last_cid_ = cid;
  }
  /// Something that no command waits for: an answer given before, a CID of no command, another queue's.
  void lie() {
    fetch();
    if (!t_.device->has_room() || t_.device->posted() == 0 || !t_.channel->queue().slots().has_generations()) {
      return;
    }
    spec::Cqe entry = t_.device->entry(Cid{last_cid_});
    const std::uint64_t kind = random_.below(3);
    if (kind == 1) {
      entry.cid = 0xffff;
    } else if (kind == 2) {
      entry.sqid = 9;
    }
    if (kind != 0 || at_device_.count(last_cid_) == 0) {
      t_.device->post(entry);
      reap(2);
    }
  }

  std::uint64_t count(EventKind kind) const {
    std::uint64_t events = 0;
    for (const Event& event : t_.backend.events) {
      events += event.kind == kind;
    }
    return events;
  }

  Random random_;
  ChannelBench t_;
  RamDisk disk_;
  std::map<std::uint64_t, Pending> pending_;      ///< by tag
  std::map<std::uint16_t, spec::Sqe> at_device_;  ///< fetched and not answered, by CID
  std::map<std::uint16_t, std::uint64_t> tags_;   ///< whose CID it was last
  std::map<Outcome, std::uint64_t> outcomes_;
  std::vector<DmaRegion> guarded_;
  std::size_t events_read_ = 0;
  std::uint64_t next_tag_ = 1;
  std::uint64_t next_write_lba_ = readable_blocks;
  std::uint16_t last_cid_ = 0;
  bool fails_ = true;
};

TEST(IoProperty, every_operation_comes_back_once_and_what_is_done_is_done) {
  Reached reached;
  testing::check_property(is_slow_build ? 100 : 300, [&reached] {
    const auto seed = *rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
    const auto words = rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint32_t>());
    const auto steps = *rc::gen::container<std::vector<std::uint32_t>>(200, words);
    World world(seed);
    for (const std::uint32_t step : steps) {
      world.step(step);
    }
    world.drain(reached);
  });
  const std::uint64_t often = is_slow_build ? 30 : 100;
  for (const Outcome outcome : {Outcome::ok, Outcome::failed, Outcome::aborted, Outcome::timed_out, Outcome::reset}) {
    EXPECT_GE(reached.outcomes[outcome], often) << name(outcome);
  }
  EXPECT_GE(reached.statistics.retries, often);
  EXPECT_GE(reached.statistics.timeouts, often);
  EXPECT_GE(reached.statistics.completions_bogus, often);
  EXPECT_GE(reached.statistics.commands_pushed, 2 * reached.statistics.operations_ended) << "most operations are split";
}

}  // namespace
}  // namespace phasebit::driver
