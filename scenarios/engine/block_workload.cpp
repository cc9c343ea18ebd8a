#include "scenarios/engine/block_workload.hpp"

#include <algorithm>
#include <array>

#include "src/base/assert.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::uint64_t read_back_bit = 1ull << 30;

/// Of each change, counted from its first block. Nothing that is written is longer; only a trim may be.
constexpr std::uint64_t read_back_blocks_max = 1u << 15;

constexpr Duration useless_after = seconds(1);

bool changes_blocks(spec::NvmOpcode opcode) {
  return opcode == spec::NvmOpcode::write || opcode == spec::NvmOpcode::write_zeroes || opcode == spec::NvmOpcode::dataset_management;
}

/// Nobody carried it out, or nobody knows.
bool is_lost(driver::Outcome outcome) {
  return outcome == driver::Outcome::rejected || outcome == driver::Outcome::aborted || outcome == driver::Outcome::gone;
}

}  // namespace

BlockWorkload::BlockWorkload(Seat& seat, const WorkloadOptions& options, std::uint64_t seed, std::uint32_t index)
    : seat_(seat), options_(options), seed_(seed), index_(index), jobs_(options.numjobs) {}

Instant BlockWorkload::pump(Instant now) {
  busy_ = false;
  if (seat_.driver() == nullptr) {
    return never;
  }
  see_closed_off(now);
  if (seat_.is_ready()) {
    start(now);
    open_channels(now);
  }
  for (std::uint32_t i = 0; i < jobs_.size(); ++i) {
    Job& job = jobs_[i];
    if (!job.open || job.attachment != seat_.attachment()) {
      continue;
    }
    reap(job, now);
    if (seat_.is_ready()) {
      begin_more(job, i, now);
      submit(job, now);
      close_if_useless(job, now);
    }
  }
  if (seat_.has_ended()) {
    for (Job& job : jobs_) {
      give_up_waiting(job, driver::Outcome::gone);
    }
  }
  return next_wake(now);
}

void BlockWorkload::start(Instant now) {
  if (source_ != nullptr) {
    return;
  }
  const std::span<const driver::Namespace> spaces = seat_.driver()->namespaces();
  const auto space = std::find_if(spaces.begin(), spaces.end(), [&](const auto& each) { return each.nsid.value == options_.nsid; });
  if (space == spaces.end()) {
    return;
  }
  context_ = {seed_, index_, options_, *space};
  if (options_.offset >= space->blocks * space->block_bytes) {
    return;  // until the namespace has grown so far
  }
  source_ = options_.trace.empty() ? make_random_source(context_) : make_trace_source(context_);
  started_ = now;
}

void BlockWorkload::open_channels(Instant now) {
  for (Job& job : jobs_) {
    if (source_ == nullptr || (job.open && job.attachment == seat_.attachment())) {
      continue;
    }
    driver::ChannelOptions channel;
    channel.operations_max = options_.iodepth;
    channel.submission_queues = options_.submission_queues;
    channel.priorities.fill(options_.priority);
    const Result<driver::ChannelId> made = seat_.driver()->create_channel(channel, now);
    job.open = made.has_value();
    job.channel = made.value_or(driver::ChannelId{});
    job.attachment = seat_.attachment();
    job.accepted = 0;
    job.taken_at = now;
  }
}

/// A channel whose queues could not be made takes nothing: a user closes it and asks for another, and may not get one.
void BlockWorkload::close_if_useless(Job& job, Instant now) {
  if (job.waiting.empty() || job.accepted > 0) {
    job.taken_at = now;
  } else if (now - job.taken_at >= useless_after) {
    (void)seat_.driver()->destroy_channel(job.channel, now);
    give_up_waiting(job, driver::Outcome::rejected);
    closed_.push_back(job.channel);
    closed_attachment_ = job.attachment;
    job.open = false;
    busy_ = true;
  }
}

/// A closed channel has nothing of ours any more, but its owner has still to obey its end.
void BlockWorkload::see_closed_off(Instant now) {
  if (closed_attachment_ != seat_.attachment()) {
    closed_.clear();
  }
  for (const driver::ChannelId channel : closed_) {
    PHASEBIT_ASSERT(seat_.driver()->reap(channel, now, {}) == 0);
  }
  std::erase_if(closed_, [this](driver::ChannelId channel) { return !seat_.driver()->has_channel(channel); });
}

void BlockWorkload::reap(Job& job, Instant now) {
  std::array<driver::OperationResult, 32> results;
  for (std::uint32_t count = static_cast<std::uint32_t>(results.size()); count == results.size();) {
    {
      const AllocationGuard guard;
      count = seat_.driver()->reap(job.channel, now, results);
      seat_.add_allocations(guard.count());
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      PHASEBIT_ASSERT(job.accepted > 0);
      --job.accepted;
      end(results[i].tag, results[i]);
    }
  }
}

void BlockWorkload::begin_more(Job& job, std::uint32_t index, Instant now) {
  while (job.accepted + job.waiting.size() < options_.iodepth) {
    const std::optional<TransferPlan> plan = next_plan(index, now);
    if (!plan) {
      return;
    }
    Result<Transfer> transfer = Transfer::begin(seat_, *plan);
    if (!transfer) {
      postponed_ = plan;
      return;
    }
    busy_ = true;
    in_flight_.emplace(plan->tag, std::move(*transfer));
    job.waiting.push_back(plan->tag);
    for (std::uint64_t block = 0; changes_blocks(plan->opcode) && block < std::min(plan->blocks, read_back_blocks_max); ++block) {
      written_.insert(plan->lba.value + block);
    }
  }
}

std::optional<TransferPlan> BlockWorkload::next_plan(std::uint32_t job, Instant now) {
  if (postponed_) {
    const std::optional<TransferPlan> plan = postponed_;
    postponed_.reset();
    return plan;
  }
  if (reading_back_) {
    return next_read_back();
  }
  return stopped_ ? std::nullopt : source_->next(job, now - started_);
}

/// As many neighbours at once as an operation of the workload may have.
std::optional<TransferPlan> BlockWorkload::next_read_back() {
  if (written_.empty()) {
    return std::nullopt;
  }
  const std::uint64_t blocks_max = std::max<std::uint64_t>(1, options_.bsrange.last / context_.space.block_bytes);
  const std::uint64_t first = *written_.begin();
  std::uint64_t blocks = 0;
  while (blocks < blocks_max && !written_.empty() && *written_.begin() == first + blocks) {
    written_.erase(written_.begin());
    ++blocks;
  }
  TransferPlan plan = plan_of(context_, read_back_bit | read_back_number_++);
  plan.opcode = spec::NvmOpcode::read;
  plan.lba = Lba{first};
  plan.blocks = blocks;
  return plan;
}

void BlockWorkload::submit(Job& job, Instant now) {
  std::vector<driver::Operation> operations;
  for (const std::uint64_t tag : job.waiting) {
    operations.push_back(in_flight_.at(tag).operation());
  }
  if (operations.empty()) {
    return;
  }
  driver::SubmitResult result;
  {
    const AllocationGuard guard;
    result = seat_.driver()->submit(job.channel, operations, now);
    seat_.add_allocations(guard.count());
  }
  busy_ = busy_ || result.accepted > 0;
  job.taken_at = result.accepted > 0 ? now : job.taken_at;
  job.accepted += result.accepted;
  job.waiting.erase(job.waiting.begin(), job.waiting.begin() + result.accepted);
  const bool later = result.refusal == Errc::queue_full || result.refusal == Errc::not_ready;
  if (result.accepted < operations.size() && !later) {
    end_unsent(job.waiting.front(), driver::Outcome::rejected);
    job.waiting.pop_front();
  }
}

void BlockWorkload::end(std::uint64_t tag, const driver::OperationResult& result) {
  const auto found = in_flight_.find(tag);
  PHASEBIT_ASSERT(found != in_flight_.end());
  busy_ = true;
  ++outcomes_[std::string(name(result.outcome))];
  count_comparison(found->second.plan(), result);
  if ((tag & read_back_bit) == 0) {
    ++(is_lost(result.outcome) ? lost_ : ended_);
    slowest_ = std::max(slowest_, seat_.stage().now() - found->second.begun());
  }
  found->second.end(seat_, result);
  in_flight_.erase(found);
}

void BlockWorkload::count_comparison(const TransferPlan& plan, const driver::OperationResult& result) {
  if (plan.opcode == spec::NvmOpcode::compare && result.outcome == driver::Outcome::ok) {
    ++outcomes_["compared_equal"];
  } else if (plan.opcode == spec::NvmOpcode::compare && spec::is(result.status, spec::MediaStatus::compare_failure)) {
    ++outcomes_["compared_unequal"];
  }
}

void BlockWorkload::end_unsent(std::uint64_t tag, driver::Outcome outcome) {
  driver::OperationResult result;
  result.tag = tag;
  result.outcome = outcome;
  end(tag, result);
}

void BlockWorkload::give_up_waiting(Job& job, driver::Outcome outcome) {
  for (const std::uint64_t tag : job.waiting) {
    end_unsent(tag, outcome);
  }
  job.waiting.clear();
}

void BlockWorkload::read_back() {
  stopped_ = true;
  reading_back_ = options_.read_back && source_ != nullptr && seat_.is_ready();
}

bool BlockWorkload::is_done() const {
  if (!in_flight_.empty()) {
    return false;
  }
  if (reading_back_) {
    return written_.empty() || !seat_.is_ready();
  }
  return stopped_ || (source_ != nullptr && source_->is_empty());
}

Progress BlockWorkload::progress() const {
  const bool is_complete = source_ != nullptr && source_->is_empty() && in_flight_.empty() && lost_ == 0 && ended_ > 0;
  return {is_complete, ended_, slowest_};
}

Instant BlockWorkload::next_wake(Instant now) const {
  Instant wake = never;
  for (const Job& job : jobs_) {
    if (job.open && job.attachment == seat_.attachment()) {
      const bool looks_useless = !job.waiting.empty() && job.accepted == 0;
      wake = std::min({wake, seat_.driver()->next_wake(job.channel), looks_useless ? job.taken_at + useless_after : never});
    }
  }
  // What is due already has been taken, or waits for a place that a completion will make.
  if (source_ != nullptr && !stopped_ && source_->next_due().ns != never.ns && started_ + source_->next_due() > now) {
    wake = std::min(wake, started_ + source_->next_due());
  }
  return std::max(wake, now);
}

}  // namespace phasebit::scenarios
