// The one totally ordered stream of events. Whatever judges, records or reports reads it; nobody calls a judge.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "sim/stream/hash_chain.hpp"
#include "src/backend/event.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

/// Somebody who is told of every event, in order. A reader never appends while it is being told.
struct StreamReader {
  virtual ~StreamReader() = default;
  /// `number` counts from 0 without gaps.
  virtual void on_event(std::uint64_t number, const Event& event) = 0;
};

/// Stamps, numbers, hashes and hands on events. Lives in the world's region; readers that shall be part of a snapshot do too.
class Stream {
 public:
  explicit Stream(std::pmr::memory_resource* memory) : readers_(memory) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Virtual time; it never goes back.
  void set_now(Instant now);
  Instant now() const { return now_; }

  /// Adds one event at the present time; its `time` is overwritten, everything else is kept.
  void append(Event event);

  /// Events so far, which is also the next event's number.
  std::uint64_t count() const { return chain_.count(); }
  /// The hash of everything so far.
  std::uint64_t hash() const { return chain_.value(); }

  /// The reader is told of every later event; it outlives the stream or is removed.
  void add_reader(StreamReader& reader);
  void remove_reader(StreamReader& reader);

 private:
  HashChain chain_;
  Instant now_;
  bool telling_ = false;
  std::pmr::vector<StreamReader*> readers_;
};

/// An event without its time: what and where first, then the fields as src/backend/event.hpp names them for the kind.
inline Event make_event(EventKind kind, std::uint8_t drive, std::uint16_t queue = 0, std::uint32_t a = 0, std::uint64_t b = 0,
                        std::uint64_t c = 0) {
  return Event{Le64{}, kind, drive, queue, a, b, c};
}

}  // namespace phasebit::sim
