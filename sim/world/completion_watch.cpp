#include "sim/world/completion_watch.hpp"

#include <algorithm>

#include "src/spec/completion.hpp"

namespace phasebit::sim {
namespace {

constexpr std::uint32_t dword_bytes = 4;
constexpr std::uint32_t is_completion = 1u << 31;

}  // namespace

std::optional<CompletionWatch::Place> CompletionWatch::load(const std::byte* address) {
  if (!host_.contains({address, dword_bytes})) {
    return std::nullopt;
  }
  const std::uint64_t host_offset = host_.offset_of(address);
  Queue* queue = containing(host_offset);
  if (queue == nullptr) {
    return std::nullopt;
  }
  const auto index = static_cast<std::uint32_t>((host_offset - queue->host_offset) / dword_bytes);
  if (queue->fresh[index] == 0) {
    return std::nullopt;
  }
  queue->fresh[index] = 0;
  return Place{queue->id, index / spec::cqe_dwords, index % spec::cqe_dwords};
}

void CompletionWatch::on_device_write(std::span<const std::byte> host) {
  const std::uint64_t first = host_.offset_of(host.data());
  for (std::uint64_t offset = first; offset < first + host.size(); offset += dword_bytes) {
    Queue* queue = containing(offset);
    if (queue == nullptr) {
      return;  // Data: a write of the device lies in a queue as a whole or not at all, as far as this is concerned.
    }
    queue->fresh[(offset - queue->host_offset) / dword_bytes] = 1;
  }
}

void CompletionWatch::on_event(std::uint64_t, const Event& event) {
  if (event.drive != drive_ || (event.a & is_completion) == 0) {
    return;
  }
  if (event.kind == EventKind::queue_made) {
    make(event);
  } else if (event.kind == EventKind::queue_deleted) {
    std::erase_if(queues_, [&](const Queue& queue) { return queue.id == event.queue; });
  }
}

void CompletionWatch::make(const Event& event) {
  const std::uint64_t entries = event.a & ~is_completion;
  const auto translation = iommu_.translate(Iova{event.b}, DmaDirection::to_host);
  std::erase_if(queues_, [&](const Queue& queue) { return queue.id == event.queue; });
  if (translation.fault == DmaFault::none) {
    Queue queue{event.queue, host_.offset_of(translation.host), std::pmr::vector<std::uint8_t>(memory_)};
    queue.fresh.resize(entries * spec::cqe_dwords);
    queues_.push_back(std::move(queue));
  }
}

CompletionWatch::Queue* CompletionWatch::containing(std::uint64_t host_offset) {
  const auto found = std::find_if(queues_.begin(), queues_.end(), [&](const Queue& queue) {
    return queue.host_offset <= host_offset && host_offset - queue.host_offset < queue.fresh.size() * dword_bytes;
  });
  return found == queues_.end() ? nullptr : &*found;
}

void CompletionWatch::fingerprint(Hasher& hasher) const {
  hasher.add(queues_.size());
  for (const Queue& queue : queues_) {
    hasher.add(queue.id);
    hasher.add(queue.host_offset);
    hasher.add_bytes(std::as_bytes(std::span(queue.fresh)));
  }
}

}  // namespace phasebit::sim
