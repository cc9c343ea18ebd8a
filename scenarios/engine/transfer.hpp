// One operation on its way: its buffers, its content, and what the stream is told of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scenarios/engine/seat.hpp"
#include "src/backend/dma.hpp"
#include "src/driver/types.hpp"

namespace phasebit::scenarios {

/// What is to be done.
struct TransferPlan {
  std::uint64_t tag = 0;
  spec::NvmOpcode opcode = spec::NvmOpcode::read;
  Nsid nsid{1};
  Lba lba{};
  std::uint64_t blocks = 0;  ///< of the extent; for a deallocation the length of its one range
  std::uint32_t block_bytes = 512;
  bool fua = false;
  bool verify = true;                 ///< what is read goes to the stream as digests; what is written always does
  std::uint32_t regions = 1;          ///< pieces of memory, at most one per block
  std::uint8_t submission_queue = 0;  ///< which of the channel's
  std::uint64_t content_seed = 0;
  std::uint64_t content_tag = 0;         ///< whose content it is, of a write or compare: that of the operation with this tag
  std::span<const std::byte> content{};  ///< of a write, to be copied; empty: drawn from content_seed and content_tag
};

/// Owns memory of the world's arena that is mapped for the drive from `begin` until `end`.
class Transfer {
 public:
  /// Takes and maps memory, fills it, and tells the stream that the operation begins. `out_of_memory` or `no_space` leave nothing behind.
  static Result<Transfer> begin(Seat& seat, const TransferPlan& plan);

  /// The operation to submit; valid as long as the transfer stays where it is.
  driver::Operation operation() const;
  /// Tells the stream what came of it and gives the memory back.
  void end(Seat& seat, const driver::OperationResult& result);

  /// What was read, from its first byte on.
  void copy_to(std::span<std::byte> into) const;

  const TransferPlan& plan() const { return plan_; }
  Instant begun() const { return begun_; }

 private:
  Transfer(const TransferPlan& plan, Instant now) : plan_(plan), begun_(now) {}

  std::uint64_t buffer_bytes() const;
  Result<void> take_memory(Seat& seat);
  void give_memory_back(Seat& seat);
  void fill();
  void tell_beginning(Seat& seat) const;
  void tell_digests(Seat& seat) const;
  void copy_block(std::uint64_t block, std::vector<std::byte>& to) const;

  TransferPlan plan_;
  Instant begun_;
  std::vector<DmaRegion> regions_;
};

}  // namespace phasebit::scenarios
