// Where a workload's operations come from: drawn from the seed in fio's words, or taken from a recorded trace.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "scenarios/engine/transfer.hpp"
#include "scenarios/engine/workload_options.hpp"
#include "src/base/time.hpp"
#include "src/driver/types.hpp"

namespace phasebit::scenarios {

class OperationSource {
 public:
  virtual ~OperationSource() = default;
  /// The next operation of a job, if one is due; `since_start` is how long the workload has run.
  virtual std::optional<TransferPlan> next(std::uint32_t job, Duration since_start) = 0;
  /// When the next operation is due if it is not yet: `never` if there is none or it is due already.
  virtual Duration next_due() const = 0;
  /// No operation will come any more.
  virtual bool is_empty() const = 0;
};

/// What both kinds of source need to know.
struct SourceContext {
  std::uint64_t seed = 0;
  std::uint32_t workload = 0;  ///< its index in the scenario; tags are workload << 32 | number of the operation
  WorkloadOptions options;
  driver::Namespace space;
};

/// Draws each operation from the seed and its own number, and some comparisons from the write before them, so that none depends on what
/// became of another.
std::unique_ptr<OperationSource> make_random_source(const SourceContext& context);

/// Gives the requests of `options.trace_entries` at their times, moved into the range that is used and cut to whole blocks. The trace was
/// read when the scenario was loaded.
std::unique_ptr<OperationSource> make_trace_source(const SourceContext& context);

/// The plan that is common to all operations of the source.
TransferPlan plan_of(const SourceContext& context, std::uint64_t number);

/// First block and number of blocks that the workload uses; the namespace may be smaller than it was: then less.
struct UsedBlocks {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};
UsedBlocks used_blocks(const SourceContext& context);

}  // namespace phasebit::scenarios
