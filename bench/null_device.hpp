// The cheapest controller that a driver can bring up: it answers every I/O command with success and touches no data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "src/base/strong.hpp"
#include "src/spec/command.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::bench {

/// Registers, doorbells and queues behind a BAR in plain memory. An IOVA is a host address. It does something in `step()` only, so that a
/// benchmark can tell the driver's time from the device's. One namespace of 2^30 blocks of 512 bytes.
class NullDevice {
 public:
  static constexpr std::uint32_t bar_bytes = 0x2000;
  static constexpr std::uint32_t io_queues_max = 8;
  static constexpr Nsid nsid{1};
  static constexpr std::uint32_t block_bytes = 512;

  NullDevice();

  /// Looks at CC once, then takes every submission queue to its tail, as far as its completion queue has room.
  void step();

  std::span<std::byte> bar() { return bar_; }

 private:
  struct SubmissionQueue {
    const spec::Sqe* entries = nullptr;
    std::uint32_t count = 0;
    std::uint32_t head = 0;
    std::uint32_t cqid = 0;
  };
  struct CompletionQueue {
    spec::Cqe* entries = nullptr;
    std::uint32_t count = 0;
    std::uint32_t tail = 0;
    bool phase = true;
  };
  /// What an admin command comes to; `pending` ones never complete.
  struct Answer {
    spec::Status status;
    std::uint32_t dword0 = 0;
    bool pending = false;
  };

  void follow_cc();
  void enable();
  void reset();
  void run_admin_queue();
  void run_io_queue(std::uint32_t qid);
  bool has_room(std::uint32_t cqid) const;
  void post(std::uint32_t sqid, const SubmissionQueue& sq, std::uint16_t cid, Answer answer);
  Answer execute(const spec::Sqe& sqe);
  Answer create_queue(const spec::Sqe& sqe);
  Answer identify(const spec::Sqe& sqe) const;

  template <class T>
  T load(std::uint32_t offset) const;
  template <class T>
  void store(std::uint32_t offset, T value);

  alignas(4096) std::array<std::byte, bar_bytes> bar_{};
  std::array<SubmissionQueue, 1 + io_queues_max> sqs_{};
  std::array<CompletionQueue, 1 + io_queues_max> cqs_{};
};

}  // namespace phasebit::bench
