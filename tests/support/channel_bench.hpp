// An I/O channel on a memory backend, with a test at the device's end.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/driver/io_channel.hpp"
#include "src/driver/queue_memory.hpp"
#include "tests/support/counting_resource.hpp"
#include "tests/support/memory_backend.hpp"
#include "tests/support/queue_player.hpp"

namespace phasebit::testing {

/// The smallest operation there is.
constexpr driver::Operation flush_of(std::uint64_t tag) {
  return {.tag = tag, .opcode = spec::NvmOpcode::flush};
}

inline const spec::Status internal_error = spec::make_status(spec::GenericStatus::internal_error);
inline const spec::Status abort_requested = spec::make_status(spec::GenericStatus::abort_requested);

struct ChannelBenchOptions {
  std::uint32_t queue_entries = 32;
  std::uint32_t submission_queues = 1;
  std::uint32_t operations_max = 64;
  std::uint32_t regions_max = 8;
  std::uint32_t commands_max = 4096;
  bool generations = true;
  std::uint64_t transfer_bytes_max = 2ull << 20;  ///< of one command
  driver::DeviceLimits limits{};
  std::vector<driver::NamespaceShape> namespaces{{Nsid{1}, 1 << 20, 0, 9}};
  std::uint8_t retries_max = 2;
};

/// A live channel. Doorbells are checked as they are written; `doorbells_valid` tells.
class ChannelBench {
 public:
  using Channel = driver::IoChannel<MemoryBackend>;

  explicit ChannelBench(const ChannelBenchOptions& options = {}) : view(&memory) {
    publish(options.limits, options.namespaces);
    driver::QueueMemoryPlan plan;
    plan.completion_entries = options.queue_entries;
    plan.submission_count = options.submission_queues;
    plan.submission_entries.fill(options.queue_entries);
    plan.lists = options.queue_entries;
    plan.list_bytes = driver::prp_list_bytes(options.transfer_bytes_max, plan.page);
    const driver::QueueMemoryPlan::Parts parts = plan.place(*backend.allocate_dma(plan.bytes()));
    device.emplace(parts.completion, options.queue_entries);
    std::vector<driver::SubmissionSetup> submissions;
    for (std::uint16_t i = 0; i < options.submission_queues; ++i) {
      const Qid qid{static_cast<std::uint16_t>(i + 1)};
      submissions.push_back({qid, options.queue_entries, parts.submissions[i], 0x1000u + 8 * qid.value});
      device->add_submission(qid, parts.submissions[i], options.queue_entries);
    }
    driver::ChannelSetup setup;
    setup.queue = {Qid{1}, options.queue_entries, parts.completion, 0x100c, submissions, options.commands_max, options.generations};
    setup.lists = parts.lists;
    setup.transfer_bytes_max = options.transfer_bytes_max;
    setup.page = plan.page;
    setup.options.operations_max = options.operations_max;
    setup.options.regions_max = options.regions_max;
    setup.options.submission_queues = options.submission_queues;
    setup.retries_max = options.retries_max;
    setup.retry_delay = microseconds(100);
    setup.command_timeout = seconds(1);
    setup.abort_timeout = milliseconds(100);
    setup.view = &view;
    channel.emplace(backend, setup, &memory);
    backend.on_write = [this](std::uint32_t offset, std::uint64_t value) {
      doorbells_valid &= offset == 0x100c ? device->head_doorbell(value) : device->tail_doorbell((offset - 0x1008) / 8, value);
    };
    channel->control().go_live();
  }
  ChannelBench(const ChannelBench&) = delete;
  ChannelBench& operator=(const ChannelBench&) = delete;

  /// What a rescan would do.
  void publish(const driver::DeviceLimits& limits, const std::vector<driver::NamespaceShape>& namespaces) {
    driver::DeviceFacts& draft = view.draft();
    draft.limits = limits;
    draft.namespaces.assign(namespaces.begin(), namespaces.end());
    view.publish();
  }

  /// Memory for data, `bytes` long, `offset` bytes into a page.
  DmaRegion buffer(std::uint64_t bytes, std::uint64_t offset = 0) { return backend.allocate_dma(bytes + offset)->slice(offset, bytes); }

  driver::SubmitResult submit(const std::vector<driver::Operation>& operations) { return channel->submit(operations, now); }
  /// One operation that has to be accepted.
  void accept(const driver::Operation& operation) {
    const driver::SubmitResult result = submit({operation});
    EXPECT_EQ(result.accepted, 1u) << name(result.refusal);
  }
  /// One operation that has to be refused.
  Errc refusal(const driver::Operation& operation) {
    const driver::SubmitResult result = submit({operation});
    EXPECT_EQ(result.accepted, 0u);
    return result.refusal;
  }

  std::vector<spec::Sqe> fetch_all(std::size_t submission = 0) {
    std::vector<spec::Sqe> entries;
    while (const std::optional<spec::Sqe> entry = device->fetch(submission)) {
      entries.push_back(*entry);
    }
    return entries;
  }
  /// The device's answer to a fetched command.
  void answer(const spec::Sqe& entry, spec::Status status = {}, std::uint32_t dword0 = 0, std::size_t submission = 0) {
    device->complete(spec::cid_of(entry), status, dword0, submission);
  }

  std::vector<driver::OperationResult> reap(std::size_t limit = 64) {
    std::vector<driver::OperationResult> results(limit);
    results.resize(channel->reap(now, results));
    return results;
  }
  /// The one result that has to be there.
  driver::OperationResult only_result() {
    const std::vector<driver::OperationResult> results = reap();
    EXPECT_EQ(results.size(), 1u);
    return results.empty() ? driver::OperationResult{} : results[0];
  }
  std::vector<std::uint64_t> reap_tags(std::size_t limit = 64) {
    std::vector<std::uint64_t> tags;
    for (const driver::OperationResult& result : reap(limit)) {
      tags.push_back(result.tag);
    }
    return tags;
  }

  /// By tag; none may come twice.
  std::map<std::uint64_t, driver::Outcome> outcomes() {
    std::map<std::uint64_t, driver::Outcome> outcomes;
    for (const driver::OperationResult& result : reap()) {
      EXPECT_TRUE(outcomes.emplace(result.tag, result.outcome).second) << "twice: " << result.tag;
    }
    return outcomes;
  }

  MemoryBackend backend;
  CountingResource memory;
  driver::DeviceView view;
  std::optional<QueuePlayer> device;
  std::optional<Channel> channel;
  Instant now{seconds(1).ns};
  bool doorbells_valid = true;
};

}  // namespace phasebit::testing
