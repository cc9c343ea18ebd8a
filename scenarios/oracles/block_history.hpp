// What one logical block may hold, given which writes were begun, acknowledged and made durable, and when.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace phasebit::scenarios {

/// Times are event numbers. A block begins as the value that it had before the run, durable. To be made uncorrectable is to be written with
/// a value of its own, which no read gives.
class BlockHistory {
 public:
  static constexpr std::uint64_t uncorrectable = ~0ull;

  /// Nothing for the digest: it is not known what that value was.
  explicit BlockHistory(std::optional<std::uint64_t> initial_digest = 0);

  /// A write that may take effect from now on. `tag` names it until it ends.
  void begin_write(std::uint64_t tag, std::uint64_t digest, std::uint64_t now);
  /// Acknowledged: the block holds it, or that of a concurrent write. Otherwise it may have taken effect or not, and does not any more.
  void end_write(std::uint64_t tag, std::uint64_t now, bool acknowledged, bool durable);
  /// A Flush begun at `begun` has been acknowledged: what was acknowledged before it is durable.
  void flush(std::uint64_t begun);
  /// Power went: from now on the block holds the last durable value or that of any later write.
  void cut_power(std::uint64_t now);
  /// The namespace no longer reached to the block: whatever it held, it may hold again when it comes back, or be empty.
  void discard(std::uint64_t now);

  /// Whether a read that was begun and ended then may give this digest.
  bool may_hold(std::uint64_t digest, std::uint64_t read_begun, std::uint64_t read_ended) const;
  /// Whether what was begun and ended then cannot have found anything but this digest.
  bool must_hold(std::uint64_t digest, std::uint64_t begun, std::uint64_t ended) const;
  /// Whether what was begun and ended then may have found a block that can be read.
  bool may_be_readable(std::uint64_t begun, std::uint64_t ended) const;
  /// A read found this in a block that nobody has written to: if its value was not known, it is now.
  void learn(std::uint64_t digest);
  /// Whether a power cut has narrowed down nothing but durability since the last acknowledged write.
  bool settled_by_power_cut() const;
  /// Forgets writes that no read begun at or after `oldest_reader` can see, and no power cut bring back.
  void forget_before(std::uint64_t oldest_reader);

 private:
  static constexpr std::uint64_t not_yet = ~0ull;
  struct Write {
    std::uint64_t tag;
    std::optional<std::uint64_t> digest;  ///< nothing: any
    std::uint64_t begun;
    std::uint64_t ended;
    bool acknowledged;
    bool durable;
    bool survived_a_cut;
  };

  bool may_be_met(const Write& write, std::uint64_t begun, std::uint64_t ended) const;

  std::vector<Write> writes_;
};

}  // namespace phasebit::scenarios
