// Which dwords of which completion queue slots the device has written and the host has not yet loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "sim/memory/dma_port.hpp"
#include "sim/memory/iommu.hpp"
#include "sim/stream/stream.hpp"

namespace phasebit::sim {

/// One per drive. Learns of queues from queue_made and queue_deleted events and of entries from the device's own writes, so that what is
/// fresh is what changed in memory, torn or not, whatever the controller says of it.
class CompletionWatch final : public DmaWatcher, public StreamReader {
 public:
  CompletionWatch(std::uint8_t drive, const Iommu& iommu, const HostMemory& host, std::pmr::memory_resource* memory)
      : drive_(drive), iommu_(iommu), host_(host), memory_(memory), queues_(memory) {}

  struct Place {
    std::uint16_t queue = 0;
    std::uint32_t slot = 0;
    std::uint32_t dword = 0;
  };
  /// The place of a fresh dword at this host address; it is no longer fresh then. Nothing if the dword is of no queue or was loaded
  /// already.
  std::optional<Place> load(const std::byte* address);

  void on_device_write(std::span<const std::byte> host) override;
  void on_event(std::uint64_t number, const Event& event) override;

  /// After power is lost.
  void forget_all() { queues_.clear(); }
  void fingerprint(Hasher& hasher) const;

 private:
  struct Queue {
    std::uint16_t id = 0;
    std::uint64_t host_offset = 0;
    std::pmr::vector<std::uint8_t> fresh;  ///< by dword
  };

  void make(const Event& event);
  Queue* containing(std::uint64_t host_offset);

  std::uint8_t drive_;
  const Iommu& iommu_;
  const HostMemory& host_;
  std::pmr::memory_resource* memory_;
  std::pmr::vector<Queue> queues_;
};

}  // namespace phasebit::sim
