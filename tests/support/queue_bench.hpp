// A queue pair on a memory backend, with a test at the device's end.
#pragma once

#include <array>
#include <memory_resource>
#include <vector>

#include "src/driver/queue_pair.hpp"
#include "tests/support/memory_backend.hpp"
#include "tests/support/queue_player.hpp"

namespace phasebit::testing {

struct QueueBenchOptions {
  std::uint32_t completion_entries = 8;
  std::vector<std::uint32_t> submission_entries{8};  ///< one submission queue each; QIDs count from 1
  std::uint32_t commands_max = 4096;
  bool generations = true;
};

/// Doorbells are checked as they are written: out of range, unchanged or beyond what there is fails `doorbells_valid`.
class QueueBench {
 public:
  explicit QueueBench(const QueueBenchOptions& options = {})
      : completion_memory(*backend.allocate_dma(std::uint64_t{options.completion_entries} * spec::cqe_bytes)),
        device(completion_memory, options.completion_entries) {
    for (std::uint32_t i = 0; i < options.submission_entries.size(); ++i) {
      const std::uint32_t entries = options.submission_entries[i];
      const DmaRegion memory = *backend.allocate_dma(std::uint64_t{entries} * spec::sqe_bytes);
      const auto qid = static_cast<std::uint16_t>(i + 1);
      submissions.push_back({Qid{qid}, entries, memory, 0x1000u + 8 * qid});
      device.add_submission(Qid{qid}, memory, entries);
    }
    setup.completion_qid = Qid{1};
    setup.completion_entries = options.completion_entries;
    setup.completion_memory = completion_memory;
    setup.completion_doorbell_offset = completion_doorbell;
    setup.submissions = submissions;
    setup.commands_max = options.commands_max;
    setup.generations = options.generations;
    backend.on_write = [this](std::uint32_t offset, std::uint64_t value) {
      const bool head = offset == completion_doorbell;
      doorbells_valid &= head ? device.head_doorbell(value) : device.tail_doorbell((offset - 0x1008) / 8, value);
    };
  }
  QueueBench(const QueueBench&) = delete;
  QueueBench& operator=(const QueueBench&) = delete;

  std::uint64_t tail_doorbell_writes(std::uint32_t submission = 0) const { return writes_at(0x1008 + 8 * submission); }
  std::uint64_t head_doorbell_writes() const { return writes_at(completion_doorbell); }
  std::uint64_t events_of(EventKind kind) const {
    std::uint64_t count = 0;
    for (const Event& event : backend.events) {
      count += event.kind == kind;
    }
    return count;
  }

  static constexpr std::uint32_t completion_doorbell = 0x100c;

  MemoryBackend backend;
  DmaRegion completion_memory;
  QueuePlayer device;
  std::vector<driver::SubmissionSetup> submissions;
  driver::QueueSetup setup;
  bool doorbells_valid = true;

 private:
  std::uint64_t writes_at(std::uint32_t offset) const {
    std::uint64_t count = 0;
    for (const RegisterWrite& write : backend.writes) {
      count += write.offset == offset;
    }
    return count;
  }
};

}  // namespace phasebit::testing
