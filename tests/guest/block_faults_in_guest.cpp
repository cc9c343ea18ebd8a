// Runs in the guest: what stands behind QEMU's drive hangs, slows down or fails while reads are out, or holds them up while something else
// happens to the drive. The machine outside does it when it sees our words on stdout (tests/guest/block_faults_test.py).
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "hw/device_name.hpp"
#include "src/spec/pci.hpp"
#include "tests/guest/on_qemu.hpp"
#include "tests/guest/read_load.hpp"
#include "tests/guest/sysfs_writer.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;

void ask_outside(const char* words) {
  std::puts(words);
  std::fflush(stdout);
}

class BlockFaults : public OnQemu {
 protected:
  void attach_with(const Options& options) {
    detach();
    attach(options);
    pool_ = memory(ReadLoad::reads_max * ReadLoad::read_bytes);
    channel_ = make_channel({.operations_max = ReadLoad::reads_max});
  }

  /// Gives out as many reads as there is room for; they are not waited for.
  void give_out(ReadLoad& load) {
    poll_until([&] {
      load.submit(*driver_, channel_);
      return load.out() == ReadLoad::reads_max;
    });
  }

  /// False if that takes longer.
  template <class Done>
  bool poll_within(Duration time, Done done) {
    const Instant end = hw::now() + time;
    bool is_done = false;
    poll_until([&] {
      is_done = done();
      return is_done || hw::now() > end;
    });
    return is_done;
  }

  bool ends_within(Duration time, ReadLoad& load) {
    return poll_within(time, [&] { return load.reap(*driver_, channel_); });
  }

  /// Load after load, all of which end well, until one is not back within `time`: that one is given.
  ReadLoad first_to_stay_out(Duration time) {
    for (const Instant end = hw::now() + seconds(60); hw::now() < end;) {
      ReadLoad load(pool_);
      give_out(load);
      if (!ends_within(time, load)) {
        return load;
      }
      EXPECT_EQ(ReadLoad::reads_max, load.ok());
    }
    ADD_FAILURE() << "nothing was done outside";
    return ReadLoad(pool_);
  }

  /// Until the drive is as quick as it was.
  void expect_quick_again() {
    EXPECT_TRUE(poll_within(seconds(60), [&] {
      ReadLoad load(pool_);
      give_out(load);
      return ends_within(seconds(1), load) || !ends_within(seconds(60), load);
    }));
  }

  /// What is out of the load has ended once and by a reset, for that reason, and the drive works as before.
  void expect_overcome(ReadLoad& load, std::uint32_t reason) {
    EXPECT_TRUE(poll_within(seconds(30), [&] { return load.reap(*driver_, channel_) && driver_->state() == State::ready; }));
    EXPECT_EQ(ReadLoad::reads_max, load.ok() + load.reset()) << "each once, and none for another reason";
    EXPECT_GT(load.reset(), 0u);
    EXPECT_EQ(State::ready, driver_->state()) << driver_->failure_text();
    EXPECT_EQ(1u, driver_->statistics().resets);
    auto event = driver_->next_event();
    while (event && event->kind != DriverEvent::Kind::reset_started) {
      event = driver_->next_event();
    }
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(reason, event->dword0);
    ReadLoad again(pool_);
    give_out(again);
    EXPECT_TRUE(ends_within(seconds(60), again));
    EXPECT_EQ(ReadLoad::reads_max, again.ok());
  }

  DmaRegion pool_;
  ChannelId channel_;
};

TEST_F(BlockFaults, a_read_that_hangs_is_asked_to_be_aborted_and_ends_once_when_it_is_resumed) {
  attach_with({.command_timeout = milliseconds(500), .abort_timeout = seconds(100)});
  ask_outside("outside: hang one read");
  ReadLoad stuck = first_to_stay_out(seconds(2));
  EXPECT_EQ(ReadLoad::reads_max - 1, stuck.ok());
  EXPECT_EQ(1u, driver_->statistics().timeouts);
  EXPECT_EQ(1u, driver_->statistics().aborts_asked);

  // Others pass it by.
  const auto passing = make_channel();
  const auto block = memory(512);
  const Operation read{.opcode = NvmOpcode::read, .blocks = 1, .buffers = {&block, 1}};
  EXPECT_TRUE(is_ok(run(passing, read)));

  ask_outside("outside: resume it");
  EXPECT_TRUE(ends_within(seconds(30), stuck));
  EXPECT_EQ(ReadLoad::reads_max, stuck.ok()) << "QEMU has not aborted it, and says so";
  EXPECT_EQ(0u, driver_->statistics().resets);
  EXPECT_EQ(0u, driver_->statistics().completions_bogus);
  expect_quick_again();
}

TEST_F(BlockFaults, a_drive_that_nearly_stops_for_a_while_loses_no_read) {
  attach_with({.command_timeout = seconds(100)});
  ask_outside("outside: nearly stop");
  ReadLoad slow = first_to_stay_out(seconds(2));
  EXPECT_LT(slow.ok(), ReadLoad::reads_max);
  ask_outside("outside: go on");
  EXPECT_TRUE(ends_within(seconds(30), slow));
  EXPECT_EQ(ReadLoad::reads_max, slow.ok());
  EXPECT_EQ(0u, driver_->statistics().timeouts);
  EXPECT_EQ(0u, driver_->statistics().resets);
  expect_quick_again();
}

TEST_F(BlockFaults, a_drive_that_is_slower_than_every_deadline_is_reset_and_each_read_ends_once) {
  attach_with({.command_timeout = milliseconds(500), .abort_timeout = milliseconds(500)});
  ask_outside("outside: nearly stop again");
  const Instant begun = hw::now();
  std::uint32_t good = 0;
  std::uint32_t loads = 0;
  EXPECT_TRUE(poll_within(seconds(60), [&] {
    ReadLoad load(pool_, {Outcome::timed_out});
    give_out(load);
    EXPECT_TRUE(ends_within(seconds(60), load)) << "the driver bounds it";
    good = load.ok();
    ++loads;
    return driver_->statistics().resets > 0;
  }));
  EXPECT_LT(good, ReadLoad::reads_max);
  EXPECT_GT(driver_->statistics().aborts_asked, 0u);
  ask_outside("outside: go on again");
  EXPECT_TRUE(poll_within(seconds(60), [&] {
    ReadLoad load(pool_, {Outcome::timed_out});
    give_out(load);
    EXPECT_TRUE(ends_within(seconds(60), load));
    return load.ok() == ReadLoad::reads_max;
  }));
  poll_until([&] { return driver_->state() != State::recovering; });
  EXPECT_EQ(State::ready, driver_->state()) << driver_->failure_text();
  EXPECT_LT(hw::now() - begun, seconds(60));
  std::printf("%u loads until the reset, the last with %u good reads\n", loads, good);
}

/// By the kernel: registers and bus mastering are off for 100 ms and then as before, but the controller has forgotten all.
TEST_F(BlockFaults, a_reset_by_somebody_else_ends_each_read_that_is_out_once_and_work_goes_on) {
  attach_with({.command_timeout = seconds(100)});
  ask_outside("outside: hold reads up during a reset");
  ReadLoad held = first_to_stay_out(seconds(1));
  const auto file = "/sys/bus/pci/devices/" + hw::text(hw::guest_drive()) + "/reset";
  const pid_t resetter = hw::write_from_elsewhere("1", file);
  int status = -1;
  EXPECT_TRUE(poll_within(seconds(30), [&] {
    held.reap(*driver_, channel_);
    return waitpid(resetter, &status, WNOHANG) == resetter;
  }));
  EXPECT_EQ(0, status) << "the kernel has refused to reset the drive";
  ask_outside("outside: let them go after the reset");
  expect_overcome(held, 2);
}

TEST_F(BlockFaults, a_fatal_status_ends_each_read_that_is_out_once_and_work_goes_on) {
  attach_with({.command_timeout = seconds(100)});
  ask_outside("outside: hold reads up during a fatal status");
  ReadLoad held = first_to_stay_out(seconds(1));
  // Without bus mastering QEMU cannot complete a read, and says so by CSTS.CFS.
  backend_->config_write16(spec::pci::config::command, 0x0402);
  EXPECT_TRUE(poll_within(seconds(30), [&] {
    held.reap(*driver_, channel_);
    return driver_->state() == State::recovering;
  }));
  ask_outside("outside: let them go after the fatal status");
  expect_overcome(held, 2);
}

// Run alone, on a drive whose block 100 cannot be read and whose block 2000 cannot be written.
TEST_F(BlockFaults, MEDIA_a_sector_that_cannot_be_read_fails_the_reads_of_it_and_no_other) {
  attach_with({});
  for (int round = 0; round < 20; ++round) {
    ReadLoad load(pool_, {Outcome::failed});
    give_out(load);
    ASSERT_TRUE(ends_within(seconds(30), load));
    EXPECT_EQ(ReadLoad::reads_max - 1, load.ok());
    const OperationResult& bad = load.ended().at(100 / 8);
    EXPECT_EQ(Outcome::failed, bad.outcome) << name(bad.outcome);
    EXPECT_TRUE(spec::is(bad.status, spec::MediaStatus::unrecovered_read_error)) << spec::status_name(bad.status);
  }
  EXPECT_EQ(0u, driver_->statistics().resets);
}

TEST_F(BlockFaults, MEDIA_a_sector_that_cannot_be_written_fails_the_writes_of_it_and_the_others_land) {
  attach_with({});
  constexpr std::uint64_t first = 1984;  // whole pages of 8 blocks from here on; block 2000 lies in the third
  const auto received = memory(8ull * 512);
  for (std::uint64_t round = 1; round <= 5; ++round) {
    fill(pool_, round);
    std::vector<DmaRegion> pages;
    std::vector<Operation> writes;
    for (std::uint64_t i = 0; i < ReadLoad::reads_max; ++i) {
      pages.push_back(pool_.slice(i * 4096, 4096));
    }
    for (std::uint64_t i = 0; i < ReadLoad::reads_max; ++i) {
      writes.push_back({.tag = i, .opcode = NvmOpcode::write, .lba = Lba{first + i * 8}, .blocks = 8, .buffers = {&pages[i], 1}});
    }
    for (const OperationResult& result : run(channel_, writes)) {
      const bool bad = result.tag == (2000 - first) / 8;
      EXPECT_EQ(bad ? Outcome::failed : Outcome::ok, result.outcome) << result.tag;
      EXPECT_EQ(bad, spec::is(result.status, spec::MediaStatus::write_fault)) << result.tag << ' ' << spec::status_name(result.status);
    }
    for (std::uint64_t i = 0; i < ReadLoad::reads_max; ++i) {
      ASSERT_TRUE(is_ok(run(channel_, {.opcode = NvmOpcode::read, .lba = Lba{first + i * 8}, .blocks = 8, .buffers = {&received, 1}})));
      const bool landed = std::memcmp(received.data, pages[i].data, 4096) == 0;
      EXPECT_EQ(i != (2000 - first) / 8, landed) << i;
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
