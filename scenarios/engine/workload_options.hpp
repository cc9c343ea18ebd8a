// What a workload does, in fio's words.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "scenarios/engine/units.hpp"
#include "scenarios/traces/trace.hpp"
#include "src/base/time.hpp"
#include "src/spec/queue_commands.hpp"

namespace phasebit::scenarios {

/// How blocks are chosen and what is done with them.
enum class Pattern : std::uint8_t { read, write, rw, randread, randwrite, randrw };

constexpr bool is_random(Pattern pattern) {
  return pattern >= Pattern::randread;
}

/// One job on one namespace. Random choices depend on the seed and the number of the operation alone.
struct WorkloadOptions {
  std::uint8_t drive = 0;  ///< index in the scenario's drives
  std::uint32_t nsid = 1;
  Pattern rw = Pattern::randrw;
  NumberRange bsrange{4096, 4096};                             ///< bytes of one operation, a multiple of the block drawn from it
  std::uint32_t iodepth = 8;                                   ///< operations outstanding per channel
  std::uint32_t numjobs = 1;                                   ///< channels, each with its own queue
  std::uint32_t submission_queues = 1;                         ///< of each channel, taken in turn
  spec::QueuePriority priority = spec::QueuePriority::urgent;  ///< of those; counts under weighted round robin only
  std::uint32_t rwmixread = 50;                                ///< per cent of reads where both are done
  std::uint32_t rare = 0;          ///< per cent of compare, verify, write zeroes, deallocate and write uncorrectable
  std::uint64_t offset = 0;        ///< bytes before the first block that is used
  std::uint64_t size = 0;          ///< bytes that are used; 0: to the end of the namespace
  std::uint64_t number_ios = 200;  ///< operations of all channels together
  Duration runtime{};              ///< ends earlier; 0: not by time
  std::uint32_t fsync = 0;         ///< a flush after so many writes; 0: none
  std::uint32_t fua = 0;           ///< per cent of writes with Force Unit Access
  std::uint32_t regions = 1;       ///< pieces of memory that a buffer is made of, at most
  bool verify = true;              ///< what is read is judged
  bool read_back = true;           ///< at the end every block that was written is read once more
  std::string trace;               ///< a recorded block trace that gives the operations instead (fio iolog v2 or v3, blkparse text)
  /// Its requests, read when the scenario's file was.
  std::shared_ptr<const Trace> trace_entries;
};

}  // namespace phasebit::scenarios
