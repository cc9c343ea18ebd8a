#include "scenarios/oracles/block_history.hpp"

#include <algorithm>

namespace phasebit::scenarios {

BlockHistory::BlockHistory(std::optional<std::uint64_t> initial_digest) {
  writes_.push_back({0, initial_digest, 0, 0, true, true, false});
}

void BlockHistory::begin_write(std::uint64_t tag, std::uint64_t digest, std::uint64_t now) {
  writes_.push_back({tag, digest, now, not_yet, false, false, false});
}

void BlockHistory::end_write(std::uint64_t tag, std::uint64_t now, bool acknowledged, bool durable) {
  for (Write& write : writes_) {
    if (write.tag == tag && write.ended == not_yet) {
      write.ended = now;
      write.acknowledged = acknowledged;
      write.durable = acknowledged && durable;
      return;
    }
  }
}

void BlockHistory::flush(std::uint64_t begun) {
  for (Write& write : writes_) {
    write.durable |= write.acknowledged && write.ended < begun;
  }
}

void BlockHistory::cut_power(std::uint64_t now) {
  const auto overwritten = [&](const Write& write) {
    return std::any_of(writes_.begin(), writes_.end(), [&](const Write& later) { return later.durable && later.begun > write.ended; });
  };
  std::vector<Write> kept;
  std::copy_if(writes_.begin(), writes_.end(), std::back_inserter(kept), [&](const Write& write) { return !overwritten(write); });
  for (Write& write : kept) {
    write.ended = now;
    write.acknowledged = false;
    write.durable = true;
    write.survived_a_cut = true;
  }
  writes_ = std::move(kept);
}

void BlockHistory::discard(std::uint64_t now) {
  for (Write& write : writes_) {
    write.acknowledged = false;
  }
  writes_.push_back({0, 0, now, now, false, true, false});
}

/// It had begun by then, and nothing acknowledged has taken its place before.
bool BlockHistory::may_be_met(const Write& write, std::uint64_t begun, std::uint64_t ended) const {
  const bool overwritten = std::any_of(writes_.begin(), writes_.end(), [&](const Write& later) {
    return later.acknowledged && later.begun > write.ended && later.ended < begun;
  });
  return write.begun < ended && !overwritten;
}

bool BlockHistory::may_hold(std::uint64_t digest, std::uint64_t read_begun, std::uint64_t read_ended) const {
  return std::any_of(writes_.begin(), writes_.end(), [&](const Write& write) {
    return write.digest.value_or(digest) == digest && may_be_met(write, read_begun, read_ended);
  });
}

bool BlockHistory::must_hold(std::uint64_t digest, std::uint64_t begun, std::uint64_t ended) const {
  return std::all_of(writes_.begin(), writes_.end(),
                     [&](const Write& write) { return write.digest == digest || !may_be_met(write, begun, ended); });
}

bool BlockHistory::may_be_readable(std::uint64_t begun, std::uint64_t ended) const {
  return std::any_of(writes_.begin(), writes_.end(),
                     [&](const Write& write) { return write.digest != uncorrectable && may_be_met(write, begun, ended); });
}

void BlockHistory::learn(std::uint64_t digest) {
  if (writes_.size() == 1) {
    writes_[0].digest = writes_[0].digest.value_or(digest);
  }
}

bool BlockHistory::settled_by_power_cut() const {
  const bool rewritten = std::any_of(writes_.begin(), writes_.end(), [](const Write& write) { return write.acknowledged; });
  return !rewritten && std::any_of(writes_.begin(), writes_.end(), [](const Write& write) { return write.survived_a_cut; });
}

void BlockHistory::forget_before(std::uint64_t oldest_reader) {
  const auto forgettable = [&](const Write& write) {
    return std::any_of(writes_.begin(), writes_.end(), [&](const Write& later) {
      return later.acknowledged && later.durable && later.begun > write.ended && later.ended < oldest_reader;
    });
  };
  std::vector<Write> kept;
  std::copy_if(writes_.begin(), writes_.end(), std::back_inserter(kept), [&](const Write& write) { return !forgettable(write); });
  writes_ = std::move(kept);
}

}  // namespace phasebit::scenarios
