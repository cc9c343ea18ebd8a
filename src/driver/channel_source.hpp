// What queue pairs are made from, here or for another process: how large they are, and where their parts lie.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "src/driver/command_slots.hpp"
#include "src/driver/controller_info.hpp"
#include "src/driver/controller_memory.hpp"
#include "src/driver/device_view.hpp"
#include "src/driver/options.hpp"
#include "src/driver/queue_memory.hpp"
#include "src/driver/queue_registry.hpp"
#include "src/driver/settings.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::driver {

/// False for options that no channel can have.
inline bool have_a_meaning(const ChannelOptions& options) {
  return options.operations_max != 0 && options.regions_max != 0 && options.regions_max <= 255 && options.commands_max != 0 &&
         options.submission_queues != 0 && options.submission_queues <= channel_submission_queues_max;
}

/// Parts of the controller's memory for a channel's submission queues; of no bytes where a queue has none.
using FarRings = std::array<DmaRegion, channel_submission_queues_max>;

/// All that it refers to outlives whoever has it.
struct ChannelSource {
  const Options& options;
  const ControllerSettings& settings;
  const ControllerInfo& info;
  const DeviceView& view;
  QueueRegistry& queues;
  ControllerMemory& controller_memory;

  std::uint64_t transfer_bytes_max() const { return std::min(options.transfer_bytes_max, info.transfer_bytes_max); }

  /// `single`: rings for one command at a time.
  QueueMemoryPlan plan_of(const ChannelOptions& channel, bool single) const {
    const std::uint32_t entries = single ? 2 : settings.io_queue_entries;
    const std::uint32_t wanted = std::min(channel.commands_max, CommandSlots::slots_max) + 1;
    QueueMemoryPlan plan;
    plan.page = PageSize{settings.page_bytes};
    plan.submission_count = channel.submission_queues;
    plan.submission_entries.fill(entries);
    const std::uint32_t together = (entries - 1) * channel.submission_queues + 1;
    plan.completion_entries = std::clamp(std::min(wanted, together), 2u, single ? 2u : info.queue_entries_max);
    plan.lists = std::min(plan.completion_entries - 1, channel.commands_max);
    plan.list_bytes = prp_list_bytes(transfer_bytes_max(), plan.page);
    return plan;
  }

  /// A queue that finds no room there lies in the host's memory alone.
  FarRings take_far_rings(const QueueMemoryPlan& plan) const {
    FarRings rings{};
    for (std::uint32_t i = 0; i < plan.submission_count && controller_memory.takes_queues(); ++i) {
      const std::uint64_t bytes = std::uint64_t{plan.submission_entries[i]} * spec::sqe_bytes;
      rings[i] = controller_memory.take(bytes, plan.page.bytes).value_or(DmaRegion{});
    }
    return rings;
  }

  ChannelQueues queues_of(const ChannelOptions& channel, const QueueMemoryPlan& plan, const QueueMemoryPlan::Parts& parts,
                          const FarRings& far_rings) const {
    ChannelQueues made;
    made.completion = {parts.completion.iova, plan.completion_entries};
    made.submission_count = channel.submission_queues;
    made.priorities = channel.priorities;
    for (std::uint32_t i = 0; i < channel.submission_queues; ++i) {
      const bool is_far = far_rings[i].bytes != 0;
      made.submissions[i] = {parts.submissions[i].iova, plan.submission_entries[i],
                             is_far ? std::optional(far_rings[i].iova) : std::nullopt};
    }
    return made;
  }

  std::uint32_t doorbell(Qid qid, spec::DoorbellKind kind) const {
    return static_cast<std::uint32_t>(spec::doorbell_offset(info.capabilities, qid, kind));
  }
};

}  // namespace phasebit::driver
