#include <algorithm>
#include <array>

#include "scenarios/engine/operation_source.hpp"
#include "src/base/random.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {
namespace {

using spec::NvmOpcode;

class RandomSource : public OperationSource {
 public:
  explicit RandomSource(const SourceContext& context) : context_(context), used_(used_blocks(context)) { sequential_.fill(used_.first); }

  std::optional<TransferPlan> next(std::uint32_t job, Duration since_start) override {
    const Duration runtime = context_.options.runtime;
    over_ = over_ || (runtime.ns != 0 && since_start >= runtime);
    if (is_empty()) {
      return std::nullopt;
    }
    if (flush_due_) {
      flush_due_ = false;
      return flush();
    }
    return draw(job % jobs_max);
  }

  Duration next_due() const override { return Duration{never.ns}; }

  bool is_empty() const override {
    const bool all_done = context_.options.number_ios != 0 && drawn_ >= context_.options.number_ios;
    return (over_ || all_done || used_.count == 0) && !flush_due_;
  }

 private:
  static constexpr std::size_t jobs_max = 64;

  TransferPlan flush() {
    // Flushes come between the operations and have numbers of their own, so that the others keep theirs.
    TransferPlan plan = plan_of(context_, flush_number_bit | drawn_);
    plan.opcode = NvmOpcode::flush;
    return plan;
  }

  TransferPlan draw(std::size_t job) {
    const WorkloadOptions& options = context_.options;
    TransferPlan plan = plan_of(context_, drawn_++);
    Random random(keyed(context_.seed, 0x776f726bull, context_.workload, plan.tag));
    plan.blocks = draw_blocks(random);
    plan.opcode = draw_opcode(random);
    plan.fua = plan.opcode == NvmOpcode::write && random.chance(options.fua, 100);
    plan.regions = static_cast<std::uint32_t>(random.between(1, options.regions));
    plan.lba = Lba{is_random(options.rw) ? used_.first + random.below(used_.count - plan.blocks + 1) : sequential(job, plan.blocks)};
    compare_with_last_write(plan, random);
    writes_ += plan.opcode == NvmOpcode::write ? 1 : 0;
    flush_due_ = options.fsync != 0 && plan.opcode == NvmOpcode::write && writes_ % options.fsync == 0;
    return plan;
  }

  /// Half of the comparisons are with the blocks and the content of the write before them, and succeed if it has landed by then.
  void compare_with_last_write(TransferPlan& plan, Random& random) {
    if (plan.opcode == NvmOpcode::write) {
      last_write_ = plan;
    } else if (plan.opcode == NvmOpcode::compare && last_write_.blocks != 0 && random.chance(1, 2)) {
      plan.lba = last_write_.lba;
      plan.blocks = last_write_.blocks;
      plan.content_tag = last_write_.tag;
    }
  }

  std::uint64_t draw_blocks(Random& random) const {
    const std::uint64_t block_bytes = context_.space.block_bytes;
    const std::uint64_t least = std::max<std::uint64_t>(1, context_.options.bsrange.first / block_bytes);
    const std::uint64_t most = std::max(least, context_.options.bsrange.last / block_bytes);
    return std::min(used_.count, random.between(least, most));
  }

  NvmOpcode draw_opcode(Random& random) const {
    constexpr NvmOpcode rare[] = {NvmOpcode::compare, NvmOpcode::verify, NvmOpcode::write_zeroes, NvmOpcode::dataset_management,
                                  NvmOpcode::write_uncorrectable};
    const WorkloadOptions& options = context_.options;
    if (random.chance(options.rare, 100)) {
      return rare[random.below(std::size(rare))];
    }
    switch (options.rw) {
      case Pattern::read:
      case Pattern::randread:
        return NvmOpcode::read;
      case Pattern::write:
      case Pattern::randwrite:
        return NvmOpcode::write;
      case Pattern::rw:
      case Pattern::randrw:
        break;
    }
    return random.chance(options.rwmixread, 100) ? NvmOpcode::read : NvmOpcode::write;
  }

  /// Each job goes through the range on its own and begins again at its end.
  std::uint64_t sequential(std::size_t job, std::uint64_t blocks) {
    std::uint64_t& next = sequential_[job];
    if (next + blocks > used_.first + used_.count) {
      next = used_.first;
    }
    const std::uint64_t lba = next;
    next += blocks;
    return lba;
  }

  static constexpr std::uint64_t flush_number_bit = 1ull << 31;

  SourceContext context_;
  UsedBlocks used_;
  std::array<std::uint64_t, jobs_max> sequential_{};
  TransferPlan last_write_;  ///< without blocks if there was none
  std::uint64_t drawn_ = 0;
  std::uint64_t writes_ = 0;
  bool flush_due_ = false;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<OperationSource> make_random_source(const SourceContext& context) {
  return std::make_unique<RandomSource>(context);
}

TransferPlan plan_of(const SourceContext& context, std::uint64_t number) {
  TransferPlan plan;
  plan.tag = plan.content_tag = static_cast<std::uint64_t>(context.workload) << 32 | number;
  plan.submission_queue = static_cast<std::uint8_t>(number % context.options.submission_queues);
  plan.nsid = Nsid{context.options.nsid};
  plan.block_bytes = context.space.block_bytes;
  plan.verify = context.options.verify;
  plan.content_seed = context.seed;
  return plan;
}

UsedBlocks used_blocks(const SourceContext& context) {
  const std::uint64_t block_bytes = context.space.block_bytes;
  const std::uint64_t first = std::min(context.options.offset / block_bytes, context.space.blocks);
  const std::uint64_t rest = context.space.blocks - first;
  return {first, context.options.size == 0 ? rest : std::min(rest, context.options.size / block_bytes)};
}

}  // namespace phasebit::scenarios
