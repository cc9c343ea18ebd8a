#include "scenarios/engine/blocking_device.hpp"

#include <algorithm>

namespace phasebit::scenarios {
namespace {

using spec::NvmOpcode;

/// Virtual time that one call may take: beyond every deadline and reset of the driver.
constexpr Duration patience = seconds(600);

/// AWUPF speaks of commands, and the driver may make two of a write: at a boundary (NOIOB), which lies anywhere, and beyond what one
/// command carries, which is less by a page if the buffer begins within one.
std::uint32_t whole_blocks_of(const driver::Namespace& space, const Seat& seat) {
  const driver::ControllerInfo& controller = seat.driver()->controller();
  const std::uint64_t carried = std::min(controller.transfer_bytes_max, seat.options().transfer_bytes_max);
  const std::uint64_t surely = carried - std::min<std::uint64_t>(carried, controller.page_bytes);
  const std::uint64_t blocks =
      space.io_boundary_blocks != 0 ? 1 : std::min<std::uint64_t>(space.atomic_write_blocks, surely / space.block_bytes);
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(blocks, 1));
}

}  // namespace

BlockingDevice::BlockingDevice(Host& host, Seat& seat, Nsid nsid, std::uint64_t first_tag)
    : host_(host), seat_(seat), drive_(seat.drive()), stage_(seat.stage()), nsid_(nsid), next_tag_(first_tag) {
  stage_.stream().add_reader(*this);
  if (!seat_.is_ready()) {
    return;
  }
  for (const driver::Namespace& space : seat_.driver()->namespaces()) {
    if (space.nsid == nsid) {
      block_bytes_ = space.block_bytes;
      block_count_ = space.blocks;
      whole_blocks_ = whole_blocks_of(space, seat_);
    }
  }
}

BlockingDevice::~BlockingDevice() {
  stage_.stream().remove_reader(*this);
}

void BlockingDevice::plan_cut(PlannedCut planned, std::function<void()> cut) {
  planned_ = planned;
  cut_ = std::move(cut);
}

Result<void> BlockingDevice::read(Lba first, std::span<std::byte> data) {
  return run(plan_of(NvmOpcode::read, first, data.size()), data);
}

Result<void> BlockingDevice::write(Lba first, std::span<const std::byte> data, bool force_unit_access) {
  TransferPlan plan = plan_of(NvmOpcode::write, first, data.size());
  plan.fua = force_unit_access;
  plan.content = data;
  return run(plan, {});
}

Result<void> BlockingDevice::flush() {
  return run(plan_of(NvmOpcode::flush, Lba{0}, 0), {});
}

TransferPlan BlockingDevice::plan_of(NvmOpcode opcode, Lba first, std::uint64_t bytes) {
  TransferPlan plan;
  plan.tag = next_tag_++;
  plan.opcode = opcode;
  plan.nsid = nsid_;
  plan.lba = first;
  plan.block_bytes = block_bytes_;
  plan.blocks = bytes / block_bytes_;
  return plan;
}

bool BlockingDevice::open_channel() {
  if (!channel_ && seat_.is_ready()) {
    const auto opened = seat_.driver()->create_channel({.operations_max = 8, .commands_max = commands_max}, stage_.now());
    channel_ = opened ? std::optional(*opened) : std::nullopt;
  }
  return channel_.has_value();
}

Result<void> BlockingDevice::run(const TransferPlan& plan, std::span<std::byte> into) {
  if (cut_done_ || stopped_ || stage_.now() >= end_ || !open_channel()) {
    return fail(Errc::device_gone);
  }
  auto begun = Transfer::begin(seat_, plan);
  if (!begun) {
    return fail(begun.error());
  }
  transfer_ = std::move(*begun);
  accepted_ = false;
  result_.reset();
  executed_ = false;
  watching_ = is_cut_point(plan.opcode);
  const Instant deadline = stage_.now() + patience;
  (void)host_.run_until([&] { return result_.has_value() || (watching_ && cut_is_due()); }, deadline);
  if (!result_ && watching_) {
    cut_now();
  }
  return finish(into);
}

/// At `submitted` the command is on its way as soon as it was accepted; at `executed` the drive has a result that nobody has seen.
bool BlockingDevice::cut_is_due() const {
  return planned_->moment == CutMoment::submitted ? accepted_ : executed_;
}

void BlockingDevice::cut_now() {
  watching_ = false;
  cut_done_ = true;
  cut_();
  (void)host_.run_until([&] { return result_.has_value(); }, stage_.now() + patience);
}

Result<void> BlockingDevice::finish(std::span<std::byte> into) {
  if (!result_) {
    stopped_ = true;  // its buffers are still lent
    return fail(Errc::timed_out);
  }
  ++ended_;
  slowest_ = std::max(slowest_, stage_.now() - transfer_->begun());
  const bool ok = result_->outcome == driver::Outcome::ok && !cut_done_;
  if (ok && !into.empty()) {
    transfer_->copy_to(into);
  }
  transfer_->end(seat_, *result_);
  transfer_.reset();
  return ok ? Result<void>{} : fail(Errc::device_gone);
}

bool BlockingDevice::is_cut_point(NvmOpcode opcode) {
  const bool counts = opcode == NvmOpcode::write || opcode == NvmOpcode::flush;
  const bool here = counts && planned_ && planned_->operation == operations_;
  operations_ += counts ? 1 : 0;
  return here;
}

Instant BlockingDevice::pump(Instant now) {
  busy_ = false;
  if (!channel_ || !transfer_ || seat_.driver() == nullptr) {
    return never;
  }
  driver::AnyDriver& driver = *seat_.driver();
  if (!accepted_) {
    const driver::Operation operation = transfer_->operation();
    const AllocationGuard guard;
    accepted_ = driver.submit(*channel_, {&operation, 1}, now).accepted == 1;
    seat_.add_allocations(guard.count());
    busy_ = accepted_;
  }
  if (reap(driver, now)) {
    ++outcomes_[std::string(name(result_->outcome))];
    busy_ = true;
  }
  return driver.next_wake(*channel_);
}

bool BlockingDevice::reap(driver::AnyDriver& driver, Instant now) {
  driver::OperationResult result;
  const AllocationGuard guard;
  const bool has_ended = driver.reap(*channel_, now, {&result, 1}) == 1;
  seat_.add_allocations(guard.count());
  result_ = has_ended ? std::optional(result) : result_;
  return has_ended;
}

void BlockingDevice::on_event(std::uint64_t, const Event& event) {
  executed_ |= event.kind == EventKind::command_done && event.queue != 0 && event.drive == drive_;
}

}  // namespace phasebit::scenarios
