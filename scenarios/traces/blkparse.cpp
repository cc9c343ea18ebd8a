#include <fmt/format.h>

#include <algorithm>

#include "scenarios/traces/lines.hpp"
#include "scenarios/traces/trace.hpp"

namespace phasebit::scenarios {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::uint64_t sector_bytes = 512;
constexpr std::uint64_t seconds_max = 1'000'000'000;

/// The words of an event before what belongs to its action.
enum Column : std::size_t {
  device = 0,
  cpu = 1,
  sequence = 2,
  time_stamp = 3,
  process = 4,
  action = 5,
  rwbs = 6,
  sector = 7,
  plus = 8,
  blocks = 9
};

/// "MAJOR,MINOR" opens every event; the summary's lines begin otherwise.
bool is_event(const Words& words) {
  if (words.empty()) {
    return false;
  }
  const std::size_t comma = words[device].find(',');
  return comma != std::string_view::npos && decimal(words[device].substr(0, comma)) && decimal(words[device].substr(comma + 1));
}

/// "SECONDS.NANOSECONDS", nine digits behind the point.
std::optional<Duration> time_of(std::string_view word) {
  const std::size_t point = word.find('.');
  if (point == std::string_view::npos || word.size() - point != 10) {
    return std::nullopt;
  }
  const auto whole = decimal(word.substr(0, point));
  const auto fraction = decimal(word.substr(point + 1));
  return whole && fraction && *whole <= seconds_max ? std::optional(seconds(*whole) + nanoseconds(*fraction)) : std::nullopt;
}

/// What RWBS says: an F before the letter of the direction is a flush first, one behind it is FUA.
struct Direction {
  bool flush_first = false;
  char letter = 'N';
  bool fua = false;
};

Direction direction_of(std::string_view text) {
  Direction direction;
  if (text.starts_with('F')) {
    direction.flush_first = true;
    text.remove_prefix(1);
  }
  direction.letter = text.empty() ? 'N' : text.front();
  direction.fua = text.size() > 1 && text.find('F', 1) != std::string_view::npos;
  return direction;
}

/// Adds the requests of one event; empty, or what is wrong.
std::string add_requests(const Words& words, Trace& trace) {
  const auto at = time_of(words[time_stamp]);
  if (!at) {
    return fmt::format("expected a time stamp \"SECONDS.NANOSECONDS\", not \"{}\"", words[time_stamp]);
  }
  const Direction direction = direction_of(words[rwbs]);
  if (direction.flush_first) {
    trace.push_back({*at, TraceAction::flush, false, 0, 0});
  }
  const bool transfers = direction.letter == 'R' || direction.letter == 'W' || direction.letter == 'D';
  if (!transfers) {
    return {};
  }
  const auto first = words.size() > blocks && words[plus] == "+" ? decimal(words[sector]) : std::nullopt;
  const auto count = first ? decimal(words[blocks]) : std::nullopt;
  if (!count || *first > ~0ull / sector_bytes - *count || *count > ~0u) {
    return direction.flush_first && words.size() <= plus ? std::string() : "expected \"SECTOR + BLOCKS\" behind the RWBS field";
  }
  if (*count != 0) {
    const TraceAction what = direction.letter == 'R' ? TraceAction::read : direction.letter == 'W' ? TraceAction::write : TraceAction::trim;
    trace.push_back({*at, what, direction.fua, *first * sector_bytes, *count * sector_bytes});
    return refusal_of(what, *count * sector_bytes);
  }
  return {};
}

}  // namespace

tl::expected<Trace, TraceError> parse_blkparse(std::string_view text) {
  Trace trace;
  Lines lines(text);
  while (const auto line = lines.next()) {
    const Words words = words_of(*line);
    if (!is_event(words)) {
      if (trace.empty() && !words.empty()) {
        return tl::unexpected(
            TraceError{lines.number(), "expected an event of blkparse, \"MAJOR,MINOR CPU SEQUENCE TIME PID ACTION RWBS ...\""});
      }
      continue;
    }
    if (words.size() <= rwbs) {
      return tl::unexpected(TraceError{lines.number(), "the event ends before its RWBS field"});
    }
    if (words[action] != "D") {
      continue;
    }
    if (std::string wrong = add_requests(words, trace); !wrong.empty()) {
      return tl::unexpected(TraceError{lines.number(), std::move(wrong)});
    }
  }
  return trace;
}

std::string refusal_of(TraceAction action, std::uint64_t bytes) {
  const std::uint64_t most = action == TraceAction::trim ? trace_trim_bytes_max : trace_transfer_bytes_max;
  if (bytes >= 1 && bytes <= most) {
    return {};
  }
  return fmt::format("a request of {} bytes; 1 to {} are done", bytes, most);
}

tl::expected<Trace, TraceError> parse_trace(std::string_view text) {
  auto trace = text.starts_with("fio version") ? parse_fio_iolog(text) : parse_blkparse(text);
  if (trace && trace->empty()) {
    return tl::unexpected(TraceError{0, "the trace holds no request"});
  }
  return trace;
}

}  // namespace phasebit::scenarios
