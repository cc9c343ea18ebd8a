// What the data plane knows of the device: the limits of commands, and the namespaces. Published by the control plane, read by the owners.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/driver/controller_memory.hpp"
#include "src/spec/units.hpp"

namespace phasebit::driver {

/// Limits of commands, from Identify Controller and the I/O command set specific Identify (Base 2.0 §5.17, NVM Command Set 1.0 §4.1.5).
struct DeviceLimits {
  std::uint64_t transfer_bytes_max = spec::unlimited;             ///< MDTS
  std::uint64_t write_zeroes_bytes_max = spec::unlimited;         ///< WZSL
  std::uint64_t write_uncorrectable_bytes_max = spec::unlimited;  ///< WUSL
  std::uint64_t verify_bytes_max = spec::unlimited;               ///< VSL
  std::uint32_t dataset_ranges_max = 256;                         ///< DMRL
  std::uint64_t dataset_range_blocks_max = spec::unlimited;       ///< DMRSL
  std::uint64_t dataset_blocks_max = spec::unlimited;             ///< DMSL
  bool has_compare = true;                                        ///< ONCS 0
  bool has_write_uncorrectable = true;                            ///< ONCS 1
  bool has_dataset_management = true;                             ///< ONCS 2
  bool has_write_zeroes = true;                                   ///< ONCS 3
  bool has_verify = true;                                         ///< ONCS 7
  bool flushes_all_namespaces = false;                            ///< VWC 2:1 is 11b: Flush takes FFFFFFFFh
  std::array<Duration, 3> retry_delays{};                         ///< CRDT1 to CRDT3

  bool operator==(const DeviceLimits&) const = default;
};

/// A namespace as far as commands depend on it.
struct NamespaceShape {
  Nsid nsid{};
  std::uint64_t blocks = 0;
  std::uint32_t boundary_blocks = 0;  ///< NOIOB, 0 if none
  std::uint8_t block_bytes_log2 = 9;
  std::uint32_t life = 0;  ///< see Namespace
};

/// One state of the device.
struct DeviceFacts {
  explicit DeviceFacts(std::pmr::memory_resource* memory) : namespaces(memory) {}

  DeviceLimits limits{};
  ControllerMemoryShape controller_memory{};
  std::pmr::vector<NamespaceShape> namespaces;  ///< active ones that the data plane can serve, NSIDs ascending

  /// nullptr if there is none.
  const NamespaceShape* find(Nsid nsid) const {
    if (!namespaces.empty() && namespaces.front().nsid == nsid) [[likely]] {
      return &namespaces.front();  // most drives have no other
    }
    const auto at = std::lower_bound(namespaces.begin(), namespaces.end(), nsid,
                                     [](const NamespaceShape& shape, Nsid wanted) { return shape.nsid < wanted; });
    return at != namespaces.end() && at->nsid == nsid ? &*at : nullptr;
  }
};

/// Two states, of which one is current. The control plane fills in the other while nobody looks at it, and then publishes it: an owner
/// never sees half a change.
class DeviceView {
 public:
  explicit DeviceView(std::pmr::memory_resource* memory) : facts_{DeviceFacts{memory}, DeviceFacts{memory}} {}

  /// Control plane: the state that comes next, a copy of nothing. Only when every reader has seen number().
  DeviceFacts& draft() { return facts_[(number() + 1) % 2]; }
  /// Control plane: the draft becomes current.
  void publish() { number_.store(number() + 1, std::memory_order_release); }

  /// Counts publications: one relaxed load.
  std::uint32_t number() const { return number_.load(std::memory_order_relaxed); }
  /// The same, and the state behind the number is visible afterwards.
  std::uint32_t take_number() const { return number_.load(std::memory_order_acquire); }
  /// The state behind a number that was taken, until its reader says that it has seen a later one.
  const DeviceFacts& read(std::uint32_t number) const { return facts_[number % 2]; }

 private:
  std::array<DeviceFacts, 2> facts_;
  std::atomic<std::uint32_t> number_{0};
};

}  // namespace phasebit::driver
