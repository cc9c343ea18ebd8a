// Memory of a drive's own that its host can address (Base 2.0 §8.5): the host through a BAR, the controller at addresses that the host
// chose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "sim/stream/digest.hpp"
#include "src/base/strong.hpp"

namespace phasebit::sim {

/// One per drive, of no bytes where the drive has none. What it holds at first, and after each loss, is drawn from the seed.
class ControllerMemory {
 public:
  ControllerMemory(std::uint64_t seed, std::uint64_t bytes, std::pmr::memory_resource* memory);

  /// As the host finds it.
  std::span<std::byte> content() { return content_; }
  std::span<const std::byte> content() const { return content_; }
  std::uint64_t bytes() const { return content_.size(); }

  /// From now on these addresses of commands and queues mean this memory; the last byte's has to exist.
  void place(Iova base);
  /// From now on no address does.
  void hide() { placed_ = false; }

  /// What lies at an address and behind it; nothing where the address does not mean this memory.
  std::span<std::byte> at(Iova iova);
  bool holds(Iova iova) const { return placed_ && iova >= base_ && iova - base_ < bytes(); }

  /// How much of a stretch lies here.
  enum class Share : std::uint8_t { none, part, whole };
  Share share_of(Iova iova, std::uint64_t bytes) const;

  /// What it held is gone.
  void lose_content();

  void fingerprint(Hasher& hasher) const;

 private:
  std::uint64_t seed_;
  std::pmr::vector<std::byte> content_;
  std::uint64_t losses_ = 0;
  Iova base_;
  bool placed_ = false;
};

}  // namespace phasebit::sim
