// Runs in the guest: what the driver does when QEMU's drive stops, is stopped, or goes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "hw/device_name.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/registers.hpp"
#include "tests/guest/on_qemu.hpp"
#include "tests/guest/read_load.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;

TEST_F(OnQemu, a_reset_under_load_ends_every_operation_once_and_work_goes_on) {
  const auto channel = make_channel({.operations_max = ReadLoad::reads_max});
  const auto pool = memory(ReadLoad::reads_max * ReadLoad::read_bytes);
  const auto block = pool.slice(0, 512);
  const Operation read{.opcode = NvmOpcode::read, .blocks = 1, .buffers = {&block, 1}};
  for (int round = 0; round < 3; ++round) {
    ReadLoad load(pool);
    poll_until([&] {
      load.submit(*driver_, channel);
      return load.out() == ReadLoad::reads_max;
    });
    driver_->reset(hw::now());
    poll_until([&] { return load.reap(*driver_, channel) && driver_->state() == State::ready; });
    EXPECT_EQ(ReadLoad::reads_max, load.ok() + load.reset()) << "each once, and none for another reason";
    EXPECT_TRUE(is_ok(run(channel, read)));
  }
  EXPECT_EQ(3u, driver_->statistics().resets);
}

TEST_F(OnQemu, a_fatal_status_is_overcome) {
  const auto channel = make_channel();
  const auto block = memory(512);
  Operation read{.opcode = NvmOpcode::read, .blocks = 1, .buffers = {&block, 1}};
  ASSERT_TRUE(is_ok(run(channel, read)));
  // Without bus mastering QEMU cannot fetch the command, and says so by CSTS.CFS.
  backend_->config_write16(spec::pci::config::command, 0x0402);
  const auto stopped = run(channel, read);
  EXPECT_EQ(Outcome::reset, stopped.outcome) << name(stopped.outcome);
  poll_until([&] { return driver_->state() != State::recovering; });
  EXPECT_EQ(State::ready, driver_->state()) << driver_->failure_text();
  EXPECT_TRUE(is_ok(run(channel, read)));
  auto event = driver_->next_event();
  while (event && event->kind != DriverEvent::Kind::reset_started) {
    event = driver_->next_event();
  }
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(2u, event->dword0) << "because of a fatal status";
}

class AttachedAgain : public OnQemu {
 protected:
  void with_queues_of(std::uint32_t entries) {
    detach();
    Options options;
    options.io_queue_entries = entries;
    options.admin_queue_entries = std::max(2u, entries / 2);
    ASSERT_NO_FATAL_FAILURE(attach(options));
    const auto channel = make_channel();
    const auto block = memory(512);
    std::vector<Operation> reads(20, Operation{.opcode = NvmOpcode::read, .blocks = 1, .buffers = {&block, 1}});
    for (const auto& result : run(channel, reads)) {
      EXPECT_TRUE(is_ok(result)) << entries;
    }
    backend_->free_dma(block);
  }
};

TEST_F(AttachedAgain, after_it_has_detached_it_works_as_before) {
  for (const std::uint32_t entries : {2u, 3u, 256u}) {
    ASSERT_NO_FATAL_FAILURE(with_queues_of(entries));
  }
}

TEST_F(AttachedAgain, with_as_many_entries_as_qemu_has_its_memory_is_larger_than_a_hugepage) {
  with_queues_of(2048);
}

TEST_F(OnQemu, registers_that_raise_sigbus_are_brought_back_and_no_read_is_lost) {
  const auto channel = make_channel({.operations_max = ReadLoad::reads_max});
  const auto pool = memory(ReadLoad::reads_max * ReadLoad::read_bytes);
  const auto block = pool.slice(0, 512);
  const Operation read{.opcode = NvmOpcode::read, .blocks = 1, .buffers = {&block, 1}};
  ASSERT_TRUE(is_ok(run(channel, read)));
  ReadLoad load(pool);
  load.submit(*driver_, channel);
  EXPECT_EQ(ReadLoad::reads_max, load.out());
  backend_->config_write16(spec::pci::config::command, 0x0404);  // VFIO takes the mapping away: each access raises SIGBUS
  EXPECT_EQ(spec::all_ones32, backend_->read32(spec::offset::csts));
  poll_until([&] { return load.reap(*driver_, channel) && backend_->read32(spec::offset::csts) != spec::all_ones32; });
  // The drive is whole behind its registers. Whether the driver goes on with it or resets it is a matter of what it was just about to do.
  const auto next = run(channel, read);
  EXPECT_TRUE(is_ok(next) || next.outcome == Outcome::reset) << name(next.outcome);
  poll_until([&] { return driver_->state() != State::recovering; });
  EXPECT_EQ(State::ready, driver_->state()) << driver_->failure_text();
  EXPECT_TRUE(is_ok(run(channel, read)));
}

/// The root port above the drive, whose slot control can take the power away.
class Slot {
 public:
  explicit Slot(PciAddress drive) {
    const auto link = std::filesystem::canonical("/sys/bus/pci/devices/" + hw::text(drive)).parent_path() / "config";
    descriptor_ = open(link.c_str(), O_RDWR);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() { close(descriptor_); }

  void power(bool on) {
    const std::uint32_t control = express_capability() + 0x18;  // Slot Control: bit 10 is Power Controller Control, 1 for off
    const auto value = static_cast<std::uint16_t>((read16(control) & ~0x0700) | (on ? 0 : 0x0700));
    EXPECT_EQ(2, pwrite(descriptor_, &value, 2, control));
  }

 private:
  std::uint16_t read16(std::uint32_t offset) {
    std::uint16_t value = 0;
    EXPECT_EQ(2, pread(descriptor_, &value, 2, offset));
    return value;
  }
  std::uint32_t express_capability() {
    std::uint32_t offset = read16(spec::pci::config::capabilities_pointer) & 0xff;
    while (offset != 0 && (read16(offset) & 0xff) != static_cast<int>(spec::pci::CapabilityId::pci_express)) {
      offset = read16(offset) >> 8;
    }
    return offset;
  }

  int descriptor_;
};

TEST_F(OnQemu, a_drive_that_loses_its_power_is_given_up_in_bounded_time) {
  detach();
  attach({.resets_max = 1});
  const auto channel = make_channel({.operations_max = ReadLoad::reads_max});
  const auto pool = memory(ReadLoad::reads_max * ReadLoad::read_bytes);
  const auto block = pool.slice(0, 512);
  Operation read{.opcode = NvmOpcode::read, .blocks = 1, .buffers = {&block, 1}};
  ASSERT_TRUE(is_ok(run(channel, read)));
  Slot slot(hw::guest_drive());
  ReadLoad load(pool);
  load.submit(*driver_, channel);
  ASSERT_EQ(ReadLoad::reads_max, load.out());
  const Instant begin = hw::now();
  slot.power(false);
  // QEMU answers 0 where nobody decodes an address; configuration space is all ones, as it should be.
  EXPECT_EQ(spec::all_ones32, backend_->config_read32(spec::pci::config::revision_id));
  EXPECT_EQ(0u, backend_->read32(spec::offset::csts));
  poll_until([&] { return load.reap(*driver_, channel) && is_over(); });
  EXPECT_LT(hw::now() - begin, seconds(30)) << "CAP.TO is 7.5 s";
  EXPECT_EQ(State::gone, driver_->state()) << driver_->failure_text();
  EXPECT_LT(load.ok(), ReadLoad::reads_max) << "none was out any more when power went";
  driver_->destroy();
  driver_ = nullptr;
  slot.power(true);  // else the kernel waits for the drive when it is closed
}

}  // namespace
}  // namespace phasebit::driver
