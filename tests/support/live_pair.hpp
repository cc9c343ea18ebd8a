// A live queue pair on a memory backend, and shorthand for what tests do with it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "src/driver/queue_pair.hpp"
#include "src/spec/io_commands.hpp"
#include "tests/support/queue_bench.hpp"

namespace phasebit::testing {

class LivePair : public QueueBench {
 public:
  explicit LivePair(const QueueBenchOptions& options = {}) : QueueBench(options), pair(backend, setup, std::pmr::get_default_resource()) {
    pair.control().go_live();
  }

  /// Pushes and rings; the tag comes back with the completion.
  Cid submit(std::uint64_t tag, std::uint32_t submission = 0) {
    const Result<Cid> cid = pair.push(spec::flush(Nsid{1}), tag, 1, submission);
    EXPECT_TRUE(cid.has_value());
    pair.ring();
    return cid.value_or(Cid{0xffff});
  }
  std::vector<driver::Completion> reap(std::size_t limit = 64) {
    std::vector<driver::Completion> completions(limit);
    completions.resize(pair.reap(completions));
    return completions;
  }
  std::vector<std::uint64_t> reap_tags(std::size_t limit = 64) {
    std::vector<std::uint64_t> tags;
    for (const driver::Completion& completion : reap(limit)) {
      tags.push_back(completion.tag);
    }
    return tags;
  }
  /// One command from push to reap.
  driver::Completion answered(std::uint64_t tag, spec::Status status) {
    const Cid cid = submit(tag);
    EXPECT_TRUE(device.fetch().has_value());
    device.complete(cid, status);
    return reap().at(0);
  }

  driver::QueuePair<MemoryBackend> pair;
};

}  // namespace phasebit::testing
