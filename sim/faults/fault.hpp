// One fault of the explicit list: when it strikes, what goes wrong, how often and for how long.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/faults/verb.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

/// 64 bytes to compare and which of their bits count.
struct SqeMatch {
  std::array<std::byte, 64> value{};
  std::array<std::byte, 64> mask{};
};

/// A row of one of the driver's state machines, as driver_state events number them.
struct StateMatch {
  std::uint16_t machine = 0;  ///< 0 bring-up, 1 recovery, 2 shutdown
  std::uint16_t row = 0;
  std::optional<std::uint16_t> visit{};  ///< from 1; absent: every visit
};

struct LbaRange {
  Lba first;
  Lba last;  ///< included
};

/// All parts that are given must match. Parts about a command match nothing where there is no command.
struct Trigger {
  Site site = Site::by_verb;
  std::optional<std::uint8_t> drive{};
  std::optional<std::uint32_t> register_offset{};
  std::optional<std::uint64_t> operation{};  ///< the tag of the workload operation that the command carries
  std::optional<std::uint16_t> attempt{};    ///< of that operation, from 1
  std::optional<std::uint16_t> queue{};
  std::optional<bool> admin{};
  std::optional<std::uint8_t> opcode{};
  std::optional<Nsid> nsid{};
  std::optional<LbaRange> lbas{};  ///< the command's first block to last block shares one with it
  std::optional<SqeMatch> sqe{};
  std::optional<StateMatch> state{};  ///< the driver is in this row
  Instant not_before{};
  Instant not_after = never;
  std::uint64_t nth = 0;  ///< of the places that match all else the nth, counted from 1; 0: every one (as many as `times` allows)
};

struct Fault {
  Trigger when{};
  Verb what = Verb::status;
  std::uint64_t value = 0;
  std::uint64_t value2 = 0;
  Duration delay{};
  std::uint32_t times = 1;  ///< strikes at most; 0: no limit (an episode of length `lasts`, or everywhere until heal)
  Duration lasts{};         ///< an episode: strikes from the first one on for so long; 0: no limit in time
};

/// The site where a fault strikes: the trigger's, or its verb's own.
Site site_of(const Fault& fault);

/// How long the state or episode of a fault lasts once it has struck; `never.ns` for a state without an end.
Duration lasting_of(const Fault& fault);

/// Its value is the number of a namespace.
bool needs_namespace(Verb verb);

/// Empty if the fault has a meaning, else what is wrong with it and what would be right.
std::string validate(const Fault& fault);

}  // namespace phasebit::sim
