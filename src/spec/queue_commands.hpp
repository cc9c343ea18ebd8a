// The admin commands that make and delete I/O queues (Base 2.0 §5.4 to §5.7), as values. `entries` is a count; the wire is zero-based.
#pragma once

#include <cstdint>

#include "src/spec/admin_commands.hpp"
#include "src/spec/units.hpp"

namespace phasebit::spec {

/// Dword 10 of both Create commands; Delete uses its low half.
struct QueueCdw10 : Bits<QueueCdw10, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<QueueCdw10, 0, 16> qid{};
  static constexpr Field<QueueCdw10, 16, 16> qsize{};  ///< zero-based
};

constexpr Qid queue_id_of(const Sqe& sqe) {
  return Qid{static_cast<std::uint16_t>(QueueCdw10{sqe.cdw10}.get(QueueCdw10::qid))};
}
constexpr std::uint32_t queue_entries_of(const Sqe& sqe) {
  return count_from_zero_based(QueueCdw10{sqe.cdw10}.get(QueueCdw10::qsize));
}

/// Create I/O Completion Queue (§5.4). `base` is the queue itself if contiguous, else its PRP list.
struct CreateIoCompletionQueue {
  Qid qid{};
  std::uint32_t entries = 2;  ///< 1 to 65536 on the wire; a controller takes 2 and more
  Iova base{};
  bool contiguous = true;
  bool interrupts = false;
  std::uint16_t vector = 0;

  struct Cdw11 : Bits<Cdw11, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw11, 0, 1> pc{};
    static constexpr Field<Cdw11, 1, 1> ien{};
    static constexpr Field<Cdw11, 16, 16> iv{};
  };

  constexpr Sqe sqe() const {
    Sqe sqe = admin_sqe(AdminOpcode::create_io_cq);
    sqe.prp1 = base.value;
    sqe.cdw10 = QueueCdw10{}.with(QueueCdw10::qid, qid.value).with(QueueCdw10::qsize, zero_based16(entries)).raw;
    sqe.cdw11 = Cdw11{}.with(Cdw11::pc, contiguous).with(Cdw11::ien, interrupts).with(Cdw11::iv, vector).raw;
    return sqe;
  }
  static constexpr CreateIoCompletionQueue from(const Sqe& sqe) {
    const Cdw11 cdw11{sqe.cdw11};
    return {queue_id_of(sqe),     queue_entries_of(sqe), Iova{sqe.prp1},
            cdw11.get(Cdw11::pc), cdw11.get(Cdw11::ien), static_cast<std::uint16_t>(cdw11.get(Cdw11::iv))};
  }
};

/// Priority class of a submission queue; counts under weighted round robin only (§3.4.4.2).
enum class QueuePriority : std::uint8_t { urgent = 0, high = 1, medium = 2, low = 3 };

/// Create I/O Submission Queue (§5.5).
struct CreateIoSubmissionQueue {
  Qid qid{};
  std::uint32_t entries = 2;
  Iova base{};
  Qid cqid{};
  bool contiguous = true;
  QueuePriority priority = QueuePriority::urgent;
  std::uint16_t nvm_set = 0;

  struct Cdw11 : Bits<Cdw11, std::uint32_t> {
    using Bits::Bits;
    static constexpr Field<Cdw11, 0, 1> pc{};
    static constexpr Field<Cdw11, 1, 2, QueuePriority> qprio{};
    static constexpr Field<Cdw11, 16, 16> cqid{};
  };

  constexpr Sqe sqe() const {
    Sqe sqe = admin_sqe(AdminOpcode::create_io_sq);
    sqe.prp1 = base.value;
    sqe.cdw10 = QueueCdw10{}.with(QueueCdw10::qid, qid.value).with(QueueCdw10::qsize, zero_based16(entries)).raw;
    sqe.cdw11 = Cdw11{}.with(Cdw11::pc, contiguous).with(Cdw11::qprio, priority).with(Cdw11::cqid, cqid.value).raw;
    sqe.cdw12 = nvm_set;
    return sqe;
  }
  static constexpr CreateIoSubmissionQueue from(const Sqe& sqe) {
    const Cdw11 cdw11{sqe.cdw11};
    return {queue_id_of(sqe),
            queue_entries_of(sqe),
            Iova{sqe.prp1},
            Qid{static_cast<std::uint16_t>(cdw11.get(Cdw11::cqid))},
            cdw11.get(Cdw11::pc),
            cdw11.get(Cdw11::qprio),
            static_cast<std::uint16_t>(sqe.cdw12 & 0xffff)};
  }
};

/// Delete I/O Completion Queue (§5.6), Delete I/O Submission Queue (§5.7). Read back with queue_id_of.
constexpr Sqe delete_io_completion_queue(Qid qid) {
  Sqe sqe = admin_sqe(AdminOpcode::delete_io_cq);
  sqe.cdw10 = qid.value;
  return sqe;
}
constexpr Sqe delete_io_submission_queue(Qid qid) {
  Sqe sqe = admin_sqe(AdminOpcode::delete_io_sq);
  sqe.cdw10 = qid.value;
  return sqe;
}

}  // namespace phasebit::spec
