#include <algorithm>

#include "scenarios/engine/operation_source.hpp"
#include "src/base/assert.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {
namespace {

using spec::NvmOpcode;

NvmOpcode opcode_of(TraceAction action) {
  switch (action) {
    case TraceAction::read:
      return NvmOpcode::read;
    case TraceAction::write:
      return NvmOpcode::write;
    case TraceAction::flush:
      return NvmOpcode::flush;
    case TraceAction::trim:
      return NvmOpcode::dataset_management;
  }
  return NvmOpcode::flush;
}

class TraceSource : public OperationSource {
 public:
  explicit TraceSource(const SourceContext& context)
      : context_(context), used_(used_blocks(context)), trace_(*context_.options.trace_entries) {}

  std::optional<TransferPlan> next(std::uint32_t, Duration since_start) override {
    if (is_empty() || trace_[taken_].at > since_start) {
      return std::nullopt;
    }
    const TraceEntry& entry = trace_[taken_];
    TransferPlan plan = plan_of(context_, taken_++);
    plan.opcode = opcode_of(entry.action);
    plan.fua = entry.fua && plan.opcode == NvmOpcode::write;
    plan.regions = context_.options.regions;
    if (entry.action != TraceAction::flush) {
      place(entry, plan);
    }
    return plan;
  }

  Duration next_due() const override { return is_empty() ? Duration{never.ns} : trace_[taken_].at; }

  bool is_empty() const override {
    const bool all_done = context_.options.number_ios != 0 && taken_ >= context_.options.number_ios;
    return all_done || taken_ >= trace_.size() || used_.count == 0;
  }

 private:
  /// A trace of a larger device is folded into the blocks that are used.
  void place(const TraceEntry& entry, TransferPlan& plan) const {
    const std::uint64_t block_bytes = context_.space.block_bytes;
    const std::uint64_t first = entry.offset / block_bytes;
    const std::uint64_t last = (entry.offset + std::max<std::uint64_t>(1, entry.bytes) - 1) / block_bytes;
    plan.blocks = std::min(last - first + 1, used_.count);
    plan.lba = Lba{used_.first + first % (used_.count - plan.blocks + 1)};
  }

  SourceContext context_;
  UsedBlocks used_;
  const Trace& trace_;  ///< lives in the context's options
  std::size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<OperationSource> make_trace_source(const SourceContext& context) {
  PHASEBIT_ASSERT(context.options.trace_entries != nullptr);
  return std::make_unique<TraceSource>(context);
}

}  // namespace phasebit::scenarios
