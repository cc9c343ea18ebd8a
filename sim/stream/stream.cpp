#include "sim/stream/stream.hpp"

#include <algorithm>

#include "src/base/assert.hpp"

namespace phasebit::sim {

void Stream::set_now(Instant now) {
  PHASEBIT_ASSERT(now_ <= now);
  now_ = now;
}

void Stream::append(Event event) {
  PHASEBIT_ASSERT(!telling_);
  event.time = now_.ns;
  const std::uint64_t number = chain_.count();
  chain_.add(event);
  telling_ = true;
  for (StreamReader* reader : readers_) {
    reader->on_event(number, event);
  }
  telling_ = false;
}

void Stream::add_reader(StreamReader& reader) {
  readers_.push_back(&reader);
}

void Stream::remove_reader(StreamReader& reader) {
  readers_.erase(std::remove(readers_.begin(), readers_.end(), &reader), readers_.end());
}

}  // namespace phasebit::sim
