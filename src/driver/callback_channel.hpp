// Callbacks on top of a channel, for those who prefer them to results by value. Any call is safe from inside a callback.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "src/base/assert.hpp"
#include "src/driver/types.hpp"

namespace phasebit::driver {

/// Called once for each accepted operation, from poll() and from nowhere else.
using OperationCallback = void (*)(void* context, const OperationResult& result);

/// A thin adapter over a DriverChannel, an IoChannel, or whatever has their submit, reap and abort; nobody else submits to that channel.
/// From inside a callback one may submit, poll, abort, reset or detach the driver, close(), and destroy the adapter if nothing is
/// outstanding: a callback is called only after its operation has left the books, and poll() no longer looks at an adapter that is gone.
/// Nothing is allocated after construction.
template <class Channel>
class CallbackChannel {
 public:
  /// `operations_max` bounds what is outstanding here; the channel's own limit holds as well.
  CallbackChannel(Channel& channel, std::uint32_t operations_max, std::pmr::memory_resource* memory)
      : channel_(channel), records_(operations_max, memory), buckets_(std::bit_ceil(operations_max), none, memory) {
    PHASEBIT_ASSERT(operations_max > 0 && operations_max < none);
    for (std::uint32_t i = operations_max; i-- > 0;) {
      records_[i].next = free_;
      free_ = i;
    }
  }
  CallbackChannel(const CallbackChannel&) = delete;
  CallbackChannel& operator=(const CallbackChannel&) = delete;
  ~CallbackChannel() {
    PHASEBIT_ASSERT(outstanding_ == 0);
    for (Frame* frame = innermost_; frame != nullptr; frame = frame->outer) {
      frame->is_alive = false;
    }
  }

  /// Errors are the channel's; besides `queue_full` at our own limit and `not_ready` once closing. On an error the callback is not called.
  Result<void> submit(const Operation& operation, OperationCallback callback, void* context, Instant now) {
    if (is_closing_ || free_ == none) {
      return fail(is_closing_ ? Errc::not_ready : Errc::queue_full);
    }
    const SubmitResult result = channel_.submit({&operation, 1}, now);
    if (result.accepted == 0) {
      return fail(result.refusal);
    }
    keep({operation.tag, callback, context, none});
    return {};
  }

  /// Asks for the end of every operation with this tag; their callbacks still come, from poll().
  Result<void> abort(std::uint64_t tag, Instant now) { return channel_.abort(tag, now); }

  /// Calls the callbacks of what has ended; returns how many. A poll inside a callback goes on with later results; the outer one then calls
  /// those that it had taken.
  std::uint32_t poll(Instant now) {
    std::array<OperationResult, batch_max> results;
    std::array<Record, batch_max> records;
    const std::uint32_t count = channel_.reap(now, results);
    for (std::uint32_t i = 0; i < count; ++i) {
      records[i] = forget(results[i].tag);
    }
    // From here on nothing but this frame is looked at, until it is known that the adapter still exists.
    Frame frame;
    enter(frame);
    for (std::uint32_t i = 0; i < count; ++i) {
      records[i].callback(records[i].context, results[i]);
    }
    if (frame.is_alive) {
      innermost_ = frame.outer;
      finish_closing();
    }
    return count;
  }

  /// Nothing more is accepted; once the last callback has returned, `closed(context)` is called from poll() and may destroy the adapter.
  void close(void (*closed)(void* context), void* context) {
    is_closing_ = true;
    closed_ = closed;
    closed_context_ = context;
  }

  std::uint32_t outstanding() const { return outstanding_; }

 private:
  static constexpr std::uint32_t none = ~0u;
  static constexpr std::uint32_t batch_max = 32;

  struct Record {
    std::uint64_t tag = 0;
    OperationCallback callback = nullptr;
    void* context = nullptr;
    std::uint32_t next = none;
  };
  /// A poll that runs.
  struct Frame {
    bool is_alive = true;
    Frame* outer = nullptr;
  };

  /// Not inlined: a compiler that sees into it takes the frame's address to outlive the frame, for it is left here when the adapter dies.
  [[gnu::noinline]] void enter(Frame& frame) {
    frame.outer = innermost_;
    innermost_ = &frame;
  }

  std::uint32_t& bucket_of(std::uint64_t tag) { return buckets_[tag & (buckets_.size() - 1)]; }

  void keep(const Record& record) {
    const std::uint32_t index = free_;
    free_ = records_[index].next;
    records_[index] = record;
    records_[index].next = bucket_of(record.tag);
    bucket_of(record.tag) = index;
    ++outstanding_;
  }

  /// The record of an operation that has ended, taken out of the books.
  Record forget(std::uint64_t tag) {
    std::uint32_t* link = &bucket_of(tag);
    while (*link != none && records_[*link].tag != tag) {
      link = &records_[*link].next;
    }
    PHASEBIT_ASSERT(*link != none);
    const std::uint32_t index = *link;
    *link = records_[index].next;
    records_[index].next = free_;
    free_ = index;
    --outstanding_;
    return records_[index];
  }

  /// The last thing that a poll does.
  void finish_closing() {
    if (is_closing_ && outstanding_ == 0 && innermost_ == nullptr && closed_ != nullptr) {
      const auto closed = closed_;
      closed_ = nullptr;
      closed(closed_context_);
    }
  }

  Channel& channel_;
  std::pmr::vector<Record> records_;
  std::pmr::vector<std::uint32_t> buckets_;  ///< by tag: the first record of a list
  std::uint32_t free_ = none;
  std::uint32_t outstanding_ = 0;
  Frame* innermost_ = nullptr;
  bool is_closing_ = false;
  void (*closed_)(void*) = nullptr;
  void* closed_context_ = nullptr;
};

}  // namespace phasebit::driver
