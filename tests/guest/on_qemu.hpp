// A driver on QEMU's drive, for tests that run in the guest.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory_resource>
#include <span>
#include <vector>

#include "hw/clock.hpp"
#include "hw/pcie_bus.hpp"
#include "src/base/random.hpp"
#include "src/driver/make_any_driver.hpp"
#include "src/spec/status.hpp"
#include "tests/guest/guest_drive.hpp"

namespace phasebit::driver {

/// Attached with the driver's default options before each test, detached after it.
class OnQemu : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(bus_.claim(hw::guest_drive()).has_value()) << bus_.why();
    const auto opened = bus_.open(hw::guest_drive());
    ASSERT_TRUE(opened.has_value()) << bus_.why();
    backend_ = *opened;
    attach({});
  }
  void TearDown() override { detach(); }

  void attach(const Options& options) {
    const auto made = make_any_driver(*backend_, options, std::pmr::get_default_resource());
    ASSERT_TRUE(made.has_value()) << name(made.error());
    driver_ = *made;
    poll_until([&] { return driver_->state() != State::attaching; });
    ASSERT_EQ(State::ready, driver_->state()) << driver_->failure_text();
    ASSERT_FALSE(driver_->namespaces().empty());
    space_ = driver_->namespaces().front();
  }

  void detach() {
    if (driver_ == nullptr) {
      return;
    }
    driver_->shutdown(Shutdown::orderly, hw::now());
    poll_until([&] { return is_over(); });
    EXPECT_EQ(State::detached, driver_->state());
    driver_->destroy();
    driver_ = nullptr;
  }

  bool is_over() const {
    const State state = driver_->state();
    return state == State::detached || state == State::failed || state == State::gone;
  }

  template <class Done>
  void poll_until(Done done) {
    do {
      driver_->poll(hw::now());
    } while (!done());
  }

  ChannelId make_channel(const ChannelOptions& options = {}) {
    const auto channel = driver_->create_channel(options, hw::now());
    EXPECT_TRUE(channel.has_value());
    return channel.value_or(ChannelId{});
  }

  /// Gives everything out as there is room and takes everything back; results in the order of their ends.
  std::vector<OperationResult> run(ChannelId channel, std::span<const Operation> operations) {
    std::vector<OperationResult> results(operations.size());
    std::size_t accepted = 0;
    std::size_t ended = 0;
    poll_until([&] {
      const auto submitted = driver_->submit(channel, operations.subspan(accepted), hw::now());
      accepted += submitted.accepted;
      EXPECT_TRUE(accepted == operations.size() || submitted.refusal == Errc::queue_full || submitted.refusal == Errc::not_ready)
          << name(submitted.refusal);
      ended += driver_->reap(channel, hw::now(), std::span(results).subspan(ended));
      return ended == operations.size() || HasFailure();
    });
    return results;
  }
  OperationResult run(ChannelId channel, const Operation& operation) { return run(channel, {&operation, 1}).front(); }

  OperationResult run_admin(const spec::Sqe& sqe, std::span<const DmaRegion> buffers) {
    EXPECT_TRUE(driver_->submit_admin({.tag = 1, .sqe = sqe, .buffers = buffers}, hw::now()).has_value());
    OperationResult result;
    poll_until([&] { return driver_->reap_admin({&result, 1}) == 1; });
    return result;
  }

  DmaRegion memory(std::uint64_t bytes) { return backend_->allocate_dma(bytes).value(); }

  static void fill(DmaRegion region, std::uint64_t seed) {
    Random random(seed);
    for (auto& byte : region.span()) {
      byte = static_cast<std::byte>(random.next());
    }
  }

  hw::PcieBus bus_;
  hw::PcieBackend* backend_ = nullptr;
  AnyDriver* driver_ = nullptr;
  Namespace space_;
};

inline bool is_ok(const OperationResult& result) {
  return result.outcome == Outcome::ok && spec::is_success(result.status);
}

}  // namespace phasebit::driver
