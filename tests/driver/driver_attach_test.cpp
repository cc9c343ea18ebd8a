// Attach over every class of capabilities and every state that a controller can be found in.
#include <gtest/gtest.h>

#include "tests/support/driver_bench.hpp"
#include "tests/support/slow_build.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;
using tests::is_slow_build;

struct CapClass {
  const char* name;
  std::uint64_t clear;
  std::uint64_t set;
};

/// Each changes one field of a plain CAP.
const std::vector<CapClass>& cap_classes() {
  static const std::vector<CapClass> classes = [] {
    std::vector<CapClass> all;
    for (const std::uint64_t mqes : {0ull, 1ull, 2ull, 15ull, 65535ull}) {
      all.push_back({"MQES", 0xffff, mqes});
    }
    for (const std::uint64_t to : {0ull, 1ull, 255ull}) {
      all.push_back({"TO", 0xffull << 24, to << 24});
    }
    for (std::uint64_t dstrd = 0; dstrd < 16; ++dstrd) {
      all.push_back({"DSTRD", 0xfull << 32, dstrd << 32});
    }
    for (std::uint64_t low = 0; low < 16; ++low) {
      for (std::uint64_t high = 0; high < 16; ++high) {
        all.push_back({"MPS", 0xffull << 48, low << 48 | high << 52});
      }
    }
    for (const std::uint64_t css : {0ull, 0x01ull, 0x40ull, 0x41ull, 0x80ull, 0x81ull, 0xc0ull, 0xc1ull}) {
      all.push_back({"CSS", 0xffull << 37, css << 37});
    }
    for (std::uint64_t ams = 0; ams < 4; ++ams) {
      all.push_back({"AMS", 3ull << 17, ams << 17});
    }
    for (std::uint64_t cqr = 0; cqr < 2; ++cqr) {
      all.push_back({"CQR", 1ull << 16, cqr << 16});
    }
    for (std::uint64_t crms = 0; crms < 4; ++crms) {
      all.push_back({"CRMS", 3ull << 59, crms << 59});
    }
    return all;
  }();
  return classes;
}

/// Usable by a second reading: a page size of at most 64 KiB exists, rings of two entries exist, a command set is offered.
bool is_usable(std::uint64_t cap) {
  const std::uint64_t low = cap >> 48 & 15;
  const std::uint64_t high = cap >> 52 & 15;
  return (cap & 0xffff) != 0 && low <= high && low <= 4 && (cap >> 37 & 0x41) != 0;
}

TEST(Attach, succeeds_for_every_class_of_cap_in_every_found_state_or_says_why_not) {
  unsigned first_found = 0;  // of a slow build, which takes every fifth state of each class, over all classes each state
  for (const CapClass& c : cap_classes()) {
    for (unsigned found = first_found; found < 24; found += is_slow_build ? 5 : 1) {
      ModelDriveOptions drive;
      drive.cap = (drive.cap & ~c.clear) | c.set;
      drive.bar_bytes = 0x1000 + (8ull << (drive.cap >> 32 & 15)) * 5;
      drive.registers.found_enabled = (found & 1) != 0;
      drive.registers.found_ready = (found & 2) != 0;
      drive.registers.found_fatal = (found & 4) != 0;
      drive.registers.found_shutdown = static_cast<spec::Shst>(found / 8);
      DriverBench bench(drive);
      const std::string label = std::string(c.name) + " " + std::to_string(c.set) + " found " + std::to_string(found);
      if (!is_usable(drive.cap)) {
        EXPECT_EQ(bench.driver, nullptr) << label;
        EXPECT_FALSE(text(bench.problem).empty());
        EXPECT_NE(bench.problem, Problem::none);
        EXPECT_EQ(bench.drive.writes, 0u) << label;
        continue;
      }
      ASSERT_NE(bench.driver, nullptr) << label << ": " << text(bench.problem);
      ASSERT_TRUE(bench.run_until_ready()) << label;
      EXPECT_EQ(bench.complaint(), "") << label;
      bench.open_channel();
      bench.run_for(milliseconds(3));
      EXPECT_EQ(bench.drive.queues.submissions.size(), 2u) << label;
      EXPECT_EQ(bench.complaint(), "") << label;
    }
    first_found = is_slow_build ? (first_found + 1) % 5 : 0;
  }
}

TEST(Attach, places_every_queue_at_a_page_of_the_controllers) {
  for (std::uint64_t mps = 0; mps <= 4; ++mps) {
    ModelDriveOptions drive;
    drive.cap |= mps << 48 | mps << 52;
    DriverBench bench(drive);
    ASSERT_TRUE(bench.run_until_ready());
    bench.open_channel();
    bench.run_for(milliseconds(3));
    for (const auto& [qid, queue] : bench.drive.queues.submissions) {
      EXPECT_EQ(queue.base.value % (4096u << mps), 0u) << mps;
    }
    for (const auto& [qid, queue] : bench.drive.queues.completions) {
      EXPECT_EQ(queue.base.value % (4096u << mps), 0u) << mps;
    }
  }
}

TEST(Attach, rejects_a_function_that_reads_as_all_ones_at_once) {
  ModelDriveOptions drive;
  DriverBench bench(drive, DriverBench::quick());
  DriverBench gone({.cap = ~0ull});
  EXPECT_EQ(gone.driver, nullptr);
  EXPECT_EQ(gone.problem, Problem::not_there);
  EXPECT_LT(gone.drive.reads, 5u);
  EXPECT_EQ(gone.drive.writes, 0u);
}

TEST(Attach, gives_up_on_a_controller_that_vanishes_after_cap_was_read) {
  DriverBench bench;
  bench.drive.gone = true;
  ASSERT_TRUE(bench.run_until_over());
  EXPECT_EQ(bench.driver->state(), State::gone);
  EXPECT_LT(bench.now, Instant{} + milliseconds(10));
}

TEST(Attach, says_that_there_is_no_memory_and_leaves_none_behind) {
  for (std::uint64_t left = 0; left < 4; ++left) {
    testing::ModelDrive drive;
    drive.allocations_left = left;
    const auto made = make_driver(drive, DriverBench::quick(), std::pmr::new_delete_resource());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error(), Problem::out_of_memory);
    EXPECT_EQ(drive.allocation_count(), 0u);
  }
}

TEST(Attach, refuses_entry_sizes_that_it_does_not_make) {
  DriverBench bench;
  bench.drive.id.sqes = 0x77;
  ASSERT_TRUE(bench.run_until_over());
  EXPECT_EQ(bench.driver->state(), State::failed);
  EXPECT_EQ(bench.driver->failure(), Errc::unsupported);
  EXPECT_NE(bench.driver->failure_text().find("64"), std::string_view::npos);
}

TEST(Attach, learns_the_limits_of_the_controller) {
  ModelDriveOptions drive;
  drive.mdts = 3;
  drive.acl = 0;
  DriverBench bench(drive);
  ASSERT_TRUE(bench.run_until_ready());
  const ControllerInfo& info = bench.driver->controller();
  EXPECT_EQ(info.transfer_bytes_max, 32768u);
  EXPECT_EQ(info.abort_commands_max, 1u);
  EXPECT_EQ(info.async_events_max, 4u);
  EXPECT_EQ(info.queue_entries_max, 256u);
  EXPECT_EQ(spec::unpadded(info.serial), "SERIAL-1");
}

TEST(Attach, asks_for_retry_delays_only_where_the_controller_has_some) {
  for (const bool has : {false, true}) {
    ModelDriveOptions drive;
    drive.has_crdt = has;
    DriverBench bench(drive);
    ASSERT_TRUE(bench.run_until_ready());
    EXPECT_EQ(bench.transitions(BringUpRow::host_behavior, WaitResult::passed), has ? 1u : 0u);
    EXPECT_EQ(bench.driver->controller().retry_delays[0], has ? milliseconds(200) : Duration{});
  }
}

/// A drive that enables what it lists, with these combinations.
ModelDriveOptions drive_with_command_sets(const std::vector<std::uint64_t>& combinations) {
  ModelDriveOptions drive;
  drive.cap |= 1ull << 43;
  drive.command_sets = combinations;
  return drive;
}

TEST(Attach, enables_the_first_combination_that_has_the_nvm_command_set) {
  DriverBench bench(drive_with_command_sets({0x4, 0x6, 0x5, 0x1}));
  ASSERT_TRUE(bench.run_until_ready());
  const auto& sent = bench.drive.admin_commands;
  const auto chosen = std::find_if(sent.begin(), sent.end(), [](const spec::Sqe& sqe) {
    return static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::set_features &&
           spec::SetFeatures::from(sqe).fid == spec::Fid::io_command_set_profile;
  });
  ASSERT_NE(chosen, sent.end());
  EXPECT_EQ(spec::SetFeatures::from(*chosen).value, 2u);
  const auto asked = std::find_if(sent.begin(), sent.end(), [](const spec::Sqe& sqe) {
    return static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::identify &&
           spec::Identify::from(sqe).cns == spec::Cns::io_command_sets;
  });
  ASSERT_NE(asked, sent.end());
  EXPECT_EQ(spec::Identify::from(*asked).cntid, 0xffff) << "the combinations of controller 0, which may be another one";
}

TEST(Attach, refuses_a_controller_none_of_whose_combinations_has_the_nvm_command_set) {
  DriverBench bench(drive_with_command_sets({0x4, 0x6}));
  ASSERT_TRUE(bench.run_until_over());
  EXPECT_EQ(bench.driver->state(), State::failed);
  EXPECT_EQ(bench.driver->failure(), Errc::unsupported);
}

TEST(Attach, asks_for_no_combination_where_there_is_none_to_choose) {
  DriverBench bench;
  ASSERT_TRUE(bench.run_until_ready());
  EXPECT_EQ(bench.transitions(BringUpRow::command_set_combinations, WaitResult::entered), 0u);
  EXPECT_EQ(bench.transitions(BringUpRow::command_set_profile, WaitResult::entered), 0u);
}

TEST(Attach, waits_for_a_drive_whose_ready_is_late_by_less_than_the_tries_that_it_has) {
  ModelDriveOptions drive;
  drive.cap = (drive.cap & ~(0xffull << 24)) | 1ull << 24;
  drive.registers.enable_takes = milliseconds(800);  // CAP.TO says 500 ms
  DriverBench bench(drive);
  ASSERT_TRUE(bench.run_until_ready());
  EXPECT_EQ(bench.transitions(BringUpRow::enable, WaitResult::timed_out), 1u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(AttachOfADriver, does_not_wait_for_ever_for_a_configuration_that_cannot_be_read) {
  DriverBench bench;
  bench.drive.cc_is_silent = true;
  ASSERT_TRUE(bench.run_until_ready());
  EXPECT_LT(bench.now, Instant{} + seconds(1));
}

}  // namespace
}  // namespace phasebit::driver
