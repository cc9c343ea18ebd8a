// The controller's own memory (Base 2.0 §8.5): what a drive offers of it, whether that makes sense, and who has which part.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/backend/dma.hpp"
#include "src/driver/options.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// What CMBLOC and CMBSZ offer.
struct ControllerMemoryOffer {
  BarRange place{};
  bool queues = false;          ///< SQS: submission queues
  bool data_of_reads = false;   ///< RDS
  bool data_of_writes = false;  ///< WDS
};

/// Empty where the offer makes no sense: no bytes or a reserved unit, a BAR that cannot be (§3.1.3.11), a place among registers and
/// doorbells, which end at `registers_end` of BAR0, or beyond 64 bits. What lies behind the BAR only the backend knows.
std::optional<ControllerMemoryOffer> offer_of(spec::Cmbloc location, spec::Cmbsz size, std::uint64_t registers_end);

constexpr bool wants_queues(ControllerMemoryUse use) {
  return use == ControllerMemoryUse::submission_queues || use == ControllerMemoryUse::submission_queues_and_data;
}
constexpr bool wants_data(ControllerMemoryUse use) {
  return use == ControllerMemoryUse::data || use == ControllerMemoryUse::submission_queues_and_data;
}
/// True if an offer has something of what is wanted.
constexpr bool serves(const ControllerMemoryOffer& offer, ControllerMemoryUse use) {
  return (wants_queues(use) && offer.queues) || (wants_data(use) && (offer.data_of_reads || offer.data_of_writes));
}

/// An offer that was taken: where the host finds the memory, and the addresses by which it will be told to the controller.
struct ControllerMemoryFound {
  ControllerMemoryOffer offer{};
  DmaRegion region{};
};

/// What the data plane knows of it.
struct ControllerMemoryShape {
  Iova base{};
  std::uint64_t bytes = 0;   ///< 0: there is none
  std::uint32_t losses = 0;  ///< how often the controller was reset since, and may have lost its content

  bool operator==(const ControllerMemoryShape&) const = default;
  constexpr bool holds(Iova iova) const { return iova >= base && iova - base < bytes; }
};

/// Parts are handed out first come, first served, to queues and to the user. Nothing is where the drive offered nothing.
class ControllerMemory {
 public:
  ControllerMemory(const std::optional<ControllerMemoryFound>& found, ControllerMemoryUse use, std::pmr::memory_resource* memory);

  bool is_there() const { return works_; }
  Iova base() const { return found_.region.iova; }
  bool takes_queues() const { return works_ && wants_queues(use_) && found_.offer.queues; }
  bool takes_data() const { return works_ && wants_data(use_) && (found_.offer.data_of_reads || found_.offer.data_of_writes); }
  ControllerMemoryShape shape() const { return {found_.region.iova, works_ ? found_.region.bytes : 0, losses_}; }

  /// The controller was reset: §8.5 promises nothing of what was there.
  void lose_content() { ++losses_; }
  /// The controller does not answer at its addresses: no part is handed out any more.
  void leave() {
    works_ = false;
    lose_content();
  }

  /// Allocates host memory. The part begins at a multiple of `alignment`, a power of two. Nothing if no gap is large enough.
  std::optional<DmaRegion> take(std::uint64_t bytes, std::uint64_t alignment);
  /// Takes a part of take() back, whole; false if it is none.
  bool give_back(const DmaRegion& part);

 private:
  /// Bytes of the region, from its first.
  struct Part {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };
  std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment) const;

  ControllerMemoryFound found_;
  ControllerMemoryUse use_;
  bool works_;
  std::uint32_t losses_ = 0;
  std::pmr::vector<Part> parts_;  ///< ascending
};

}  // namespace phasebit::driver
