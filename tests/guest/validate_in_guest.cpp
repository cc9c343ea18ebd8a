// `validate` on QEMU's drive with an interposer that answers in its place where QEMU itself cannot misbehave.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory_resource>
#include <optional>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "hw/clock.hpp"
#include "hw/pcie_bus.hpp"
#include "scenarios/interpose/interposed.hpp"
#include "src/cli/validate/checks.hpp"
#include "tests/guest/guest_drive.hpp"
#include "tests/support/failed_checks.hpp"

namespace phasebit::cli {
namespace {

using sim::Fault;
using sim::Verb;

/// Time since the bus was made, for both sides of the interposer.
struct SeamClock final : scenarios::Clock {
  Instant now() override { return Instant{(hw::now() - origin).ns}; }
  void pass(Instant) {}
  const Instant origin = hw::now();
};

/// The machine's bus; what it opens has faults.
class FaultyBus {
 public:
  using BackendType = scenarios::Interposed<hw::PcieBackend>;

  FaultyBus(SeamClock& clock, std::span<const Fault> faults) : clock_(clock), stream_(memory()), plan_(faults, stream_, memory()) {
    stream_.add_reader(plan_);
  }
  FaultyBus(const FaultyBus&) = delete;
  FaultyBus& operator=(const FaultyBus&) = delete;

  std::vector<PciFunction> enumerate() const { return bus_.enumerate(); }
  Result<void> claim(PciAddress address) { return bus_.claim(address); }
  void release(PciAddress address) {
    close(address);
    bus_.release(address);
  }
  Result<BackendType*> open(PciAddress address) {
    return bus_.open(address).map([&](hw::PcieBackend* backend) { return &seam_.emplace(*backend, stream_, plan_, clock_, memory()); });
  }
  void close(PciAddress address) {
    seam_.reset();
    bus_.close(address);
  }
  std::optional<BusEvent> next_event() {
    stream_.set_now(std::max(clock_.now(), stream_.now()));
    if (seam_) {
      seam_->work();
    }
    return bus_.next_event();
  }
  bool wait(Instant) { return false; }

  std::uint64_t fired(std::size_t fault) const { return plan_.fired(fault); }

 private:
  static std::pmr::memory_resource* memory() { return std::pmr::new_delete_resource(); }

  hw::PcieBus bus_;
  SeamClock& clock_;
  sim::Stream stream_;
  sim::FaultPlan plan_;
  std::optional<BackendType> seam_;
};

Fault of_command(Verb what, bool admin, std::uint8_t opcode, std::uint32_t times) {
  Fault fault;
  fault.what = what;
  fault.when.site = sim::Site::command;
  fault.when.admin = admin;
  fault.when.opcode = opcode;
  fault.times = times;
  return fault;
}

/// Reads of as many blocks as MDTS allows: 512 KiB, NLB 1023.
Fault largest_reads_fail() {
  Fault fault = of_command(Verb::status, false, static_cast<std::uint8_t>(spec::NvmOpcode::read), 0);
  fault.value = spec::make_status(spec::GenericStatus::invalid_field).with(spec::Status::dnr, 1).raw;
  sim::SqeMatch match;
  match.value[48] = std::byte{0xff};
  match.mask[48] = std::byte{0xff};
  match.value[49] = std::byte{0x03};
  match.mask[49] = std::byte{0xff};
  fault.when.sqe = match;
  return fault;
}

using Checks = std::function<void(DriveAccess&, Validation&)>;

/// The names of the checks that failed.
std::set<std::string> failures(std::span<const Fault> faults, const Checks& checks) {
  SeamClock clock;
  FaultyBus bus(clock, faults);
  driver::Options options;
  options.command_timeout = seconds(2);
  options.abort_timeout = seconds(1);
  Session session(bus, clock, hw::guest_drive(), options);
  const auto function = session.find();
  if (!function || !session.attach() || !session.open_channel()) {
    ADD_FAILURE() << "the drive cannot be attached";
    return {};
  }
  DriveAccessOf drive(session, clock, *function);
  Validation validation;
  checks(drive, validation);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    EXPECT_GT(bus.fired(i), 0u) << "fault " << i << " did not strike";
  }
  return failures(validation);
}

TEST(ValidateInterposed, passes_the_sound_drive_behind_it) {
  EXPECT_EQ(failures({}, [](DriveAccess& drive, Validation& validation) { validation = validate(drive, "it is only read", {}); }),
            std::set<std::string>{});
}

TEST(ValidateInterposed, fails_a_drive_that_takes_less_than_its_mdts) {
  const std::vector faults{largest_reads_fail()};
  EXPECT_EQ(failures(faults, check_limits), std::set<std::string>{"limits.largest_transfer"});
}

TEST(ValidateInterposed, fails_a_drive_that_hangs_on_abort) {
  const std::vector faults{of_command(Verb::drop, false, static_cast<std::uint8_t>(spec::NvmOpcode::read), 1),
                           of_command(Verb::drop, true, static_cast<std::uint8_t>(spec::AdminOpcode::abort), 0)};
  EXPECT_EQ(failures(faults, check_abort), std::set<std::string>{"abort.under_load"});
}

}  // namespace
}  // namespace phasebit::cli
