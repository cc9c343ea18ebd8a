// A host that reads one block after another, and faults of the completions that it gets.
#pragma once

#include <vector>

#include "tests/scenarios/interpose/bench.hpp"

namespace phasebit::scenarios {

/// Of the `nth` I/O command: as a completion unless `site` says otherwise.
inline sim::Fault of_io(sim::Verb verb, std::uint64_t nth, sim::Site site = sim::Site::completion) {
  sim::Fault made;
  made.what = verb;
  made.when.site = site;
  made.when.queue = 1;
  made.when.nth = nth;
  return made;
}

inline sim::Fault delayed(sim::Fault made, Duration delay) {
  made.delay = delay;
  return made;
}

class ReadingHost : public Bench {
 public:
  explicit ReadingHost(const std::vector<sim::Fault>& faults, std::uint32_t entries = 8) : Bench(faults) {
    host.enable();
    identify(host);
    host.ask_for_queues(4);
    host.io = host.make_io_queue(1, entries);
    buffer = host.memory(4096);
  }
  /// Reads of blocks 0 to `count` - 1 in one batch.
  void submit(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      host.place(host.io, read_block(next_block++, buffer));
    }
    host.ring(host.io);
    drive.work();
  }
  /// The blocks whose answers the host sees now; each is acknowledged by itself.
  std::vector<std::uint32_t> reap(bool acknowledge = true) {
    std::vector<std::uint32_t> blocks;
    spec::Cqe cqe;
    // Behind an entry that is withheld the next one shows at the next look.
    for (int look = 0; look < 20; ++look) {
      if (host.take(host.io, cqe)) {
        blocks.push_back(cqe.dw0);
        last = cqe;
        if (acknowledge) {
          host.ring_head(1, host.io.head.slot);
        }
      }
    }
    return blocks;
  }
  using Blocks = std::vector<std::uint32_t>;

  DmaRegion buffer;
  std::uint32_t next_block = 0;
  spec::Cqe last;
};

}  // namespace phasebit::scenarios
