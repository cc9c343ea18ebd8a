// What the data plane has to know of a device, told to another process: written by the primary, copied by whoever reads.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "src/driver/device_view.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

/// One state of the device, whole. Lies in shared memory; nobody waits: a reader that meets the writer looks again later.
class SharedFacts {
 public:
  static constexpr std::uint32_t namespaces_max = 64;

  struct Image {
    DeviceLimits limits{};
    std::uint32_t namespace_count = 0;  ///< at most namespaces_max: those with the lowest NSIDs
    std::array<Namespace, namespaces_max> namespaces{};

    std::span<const Namespace> all() const { return {namespaces.data(), std::min(namespace_count, namespaces_max)}; }
  };
  static_assert(std::is_trivially_copyable_v<Image>);

  /// The primary's.
  void publish(const Image& image) {
    const std::uint32_t now = number_.load(std::memory_order_relaxed);
    number_.store(now + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    Words words{};
    std::memcpy(words.data(), &image, sizeof image);
    for (std::size_t i = 0; i < words.size(); ++i) {
      words_[i].store(words[i], std::memory_order_relaxed);
    }
    number_.store(now + 2, std::memory_order_release);
  }

  /// Changes with each publication.
  std::uint32_t number() const { return number_.load(std::memory_order_relaxed); }

  /// Copies the newest state and its number; false if it is being written.
  bool read(Image& image, std::uint32_t& number) const {
    const std::uint32_t before = number_.load(std::memory_order_acquire);
    Words words{};
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = words_[i].load(std::memory_order_relaxed);
    }
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 != 0 || before != number_.load(std::memory_order_relaxed)) {
      return false;
    }
    std::memcpy(static_cast<void*>(&image), words.data(), sizeof image);
    number = before;
    return true;
  }

 private:
  using Words = std::array<std::uint64_t, (sizeof(Image) + 7) / 8>;

  std::atomic<std::uint32_t> number_{0};  ///< odd while it is being written
  std::array<std::atomic<std::uint64_t>, std::tuple_size_v<Words>> words_{};
};

}  // namespace phasebit::driver
