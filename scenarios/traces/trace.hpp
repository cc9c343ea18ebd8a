// A recorded block trace: what an application asked of a drive, and when.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "src/base/time.hpp"

namespace phasebit::scenarios {

enum class TraceAction : std::uint8_t { read, write, flush, trim };

/// One request.
struct TraceEntry {
  Duration at;  ///< since the start of the trace; entries are in the order of the file
  TraceAction action = TraceAction::read;
  bool fua = false;
  std::uint64_t offset = 0;  ///< bytes from the start of the device
  std::uint64_t bytes = 0;   ///< 0 for a flush

  bool operator==(const TraceEntry&) const = default;
};

/// Of a read or write, as of a workload's `bs`.
inline constexpr std::uint64_t trace_transfer_bytes_max = 16ull << 20;
/// Of a trim, every block of which is judged.
inline constexpr std::uint64_t trace_trim_bytes_max = 4ull << 30;

/// Empty, or why a request of so many bytes cannot be done again as one command's work.
std::string refusal_of(TraceAction action, std::uint64_t bytes);

/// Why a trace cannot be read: the line (from 1) and what is wrong with it, and what would be right.
struct TraceError {
  std::uint32_t line = 0;
  std::string message;
};

using Trace = std::vector<TraceEntry>;

/// Reads fio's iolog, version 2 or 3 (known by its first line), or else the text that blkparse prints by default.
/// A trace without any request is an error, and so is a request of more than trace_transfer_bytes_max or trace_trim_bytes_max.
tl::expected<Trace, TraceError> parse_trace(std::string_view text);

/// fio's `write_iolog`: "FILE ACTION [OFFSET LENGTH]", in version 3 with a time stamp in microseconds before it. `sync` and `datasync`
/// become flushes, `wait` (version 2) moves the time on by its microseconds; only one file may be named.
tl::expected<Trace, TraceError> parse_fio_iolog(std::string_view text);

/// blkparse's default format: "MAJ,MIN CPU SEQUENCE SECONDS.NANOSECONDS PID ACTION RWBS [SECTOR + BLOCKS] [PROCESS]". Requests issued to
/// the driver (action D) are taken; sectors are 512 bytes. The summary behind the events is passed over.
tl::expected<Trace, TraceError> parse_blkparse(std::string_view text);

}  // namespace phasebit::scenarios
