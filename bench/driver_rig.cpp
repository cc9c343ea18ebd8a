#include "bench/driver_rig.hpp"

#include <memory_resource>

#include "src/driver/make_any_driver.hpp"

namespace phasebit::bench {

DriverRig::DriverRig(std::uint32_t transfer_bytes, std::uint32_t depth) : buffers_(depth), results_(depth) {
  PHASEBIT_ASSERT(transfer_bytes % NullDevice::block_bytes == 0 && transfer_bytes <= 1u << 20);
  PHASEBIT_ASSERT(depth >= 1 && depth <= depth_max);
  driver::Options options;
  options.io_queue_entries = 1024;
  driver_ = driver::make_any_driver(backend_, options, std::pmr::get_default_resource()).value();
  run_until(driver::State::ready);
  channel_ = driver_->create_channel({.operations_max = depth_max}, now_).value();
  for (DmaRegion& buffer : buffers_) {
    buffer = backend_.allocate_dma(transfer_bytes).value();
    operations_.push_back({.tag = operations_.size(), .blocks = transfer_bytes / NullDevice::block_bytes, .buffers = {&buffer, 1}});
  }
  // The control plane makes the channel's queues; only then is anything accepted.
  while (driver_->submit(channel_, {operations_.data(), 1}, now_).accepted == 0) {
    turn();
  }
  while (reap() == 0) {
    turn();
  }
}

DriverRig::~DriverRig() {
  driver_->shutdown(driver::Shutdown::orderly, now_);
  run_until(driver::State::detached);
  driver::destroy_any_driver(driver_);
}

void DriverRig::turn() {
  now_ = now_ + microseconds(10);
  PHASEBIT_ASSERT(now_ < Instant{} + seconds(60));
  PHASEBIT_ASSERT(driver_->state() != driver::State::failed);
  driver_->poll(now_);
  device();
}

void DriverRig::run_until(driver::State state) {
  while (driver_->state() != state) {
    turn();
    driver_->reap(channel_, now_, results_);
  }
}

void DriverRig::submit() {
  now_ = now_ + nanoseconds(1);
  const driver::SubmitResult result = driver_->submit(channel_, operations_, now_);
  PHASEBIT_ASSERT(result.accepted == operations_.size());
}

std::uint32_t DriverRig::reap() {
  return driver_->reap(channel_, now_, results_);
}

}  // namespace phasebit::bench
