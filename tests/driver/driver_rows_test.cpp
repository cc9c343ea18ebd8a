// Every row of bring-up and of shutdown, in a whole driver, ended in every way: timed out, fatal, gone, gone and back, command failed.
#include <gtest/gtest.h>

#include "src/driver/shutdown_sequence.hpp"
#include "tests/support/driver_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;
using testing::Script;

enum class RowEnding { timed_out, fatal, gone, gone_and_back, failed, failed_once };
constexpr std::array all_endings{RowEnding::timed_out,     RowEnding::fatal,  RowEnding::gone,
                                 RowEnding::gone_and_back, RowEnding::failed, RowEnding::failed_once};

std::string_view name(RowEnding ending) {
  constexpr std::array<std::string_view, all_endings.size()> names{"timed out", "fatal", "gone", "gone and back", "failed", "failed once"};
  return names[static_cast<std::size_t>(ending)];
}

bool is_entry(const Event& event, Machine machine, std::uint8_t row) {
  return event.kind == EventKind::driver_state && event.queue == static_cast<std::uint16_t>(machine) && (event.a & 0xffff) == row &&
         event.b == static_cast<std::uint64_t>(WaitResult::entered);
}

/// The command that a row sends, told apart by what the drive sees.
bool is_of_row(BringUpRow row, const spec::Sqe& sqe) {
  const auto opcode = static_cast<spec::AdminOpcode>(sqe.opcode);
  const auto is_identify = [&](spec::Cns cns) { return opcode == spec::AdminOpcode::identify && spec::Identify::from(sqe).cns == cns; };
  const auto is_feature = [&](spec::Fid fid) {
    return opcode == spec::AdminOpcode::set_features && spec::SetFeatures::from(sqe).fid == fid;
  };
  switch (row) {
    case BringUpRow::identify_controller:
      return is_identify(spec::Cns::controller);
    case BringUpRow::command_set_combinations:
      return is_identify(spec::Cns::io_command_sets);
    case BringUpRow::command_set_profile:
      return is_feature(spec::Fid::io_command_set_profile);
    case BringUpRow::identify_command_set:
      return is_identify(spec::Cns::controller_of_command_set);
    case BringUpRow::host_behavior:
      return is_feature(spec::Fid::host_behavior_support);
    case BringUpRow::number_of_queues:
      return is_feature(spec::Fid::number_of_queues);
    case BringUpRow::active_namespaces:
      return is_identify(spec::Cns::active_namespaces);
    case BringUpRow::identify_namespace:
      return is_identify(spec::Cns::identify_namespace);
    case BringUpRow::namespace_descriptors:
      return is_identify(spec::Cns::namespace_descriptors);
    case BringUpRow::configure_events:
      return is_feature(spec::Fid::async_event_configuration);
    case BringUpRow::create_completion_queues:
      return opcode == spec::AdminOpcode::create_io_cq;
    case BringUpRow::create_submission_queues:
      return opcode == spec::AdminOpcode::create_io_sq;
    default:
      return false;
  }
}

/// What happens to the drive when the driver enters the row. Time-outs and lasting failures are lifted when the row was left once.
struct Trouble {
  DriverBench& bench;
  BringUpRow row;
  RowEnding ending;
  bool is_on = false;
  bool is_done = false;
  std::optional<Instant> back_at{};

  ~Trouble() {  // the drive goes on until the bench ends
    bench.drive.on_event = nullptr;
    bench.drive.script = nullptr;
  }

  void watch(const Event& event) {
    const auto index = static_cast<std::uint8_t>(row);
    if (!is_done && is_entry(event, Machine::bring_up, index)) {
      is_on = is_done = true;
      begin();
    } else if (is_on && event.kind == EventKind::driver_state && event.queue == 0 && (event.a & 0xffff) == index) {
      end();
    }
  }
  void begin() {
    auto& registers = bench.drive.registers().options();
    switch (ending) {
      case RowEnding::timed_out:
        registers.never_ready = row == BringUpRow::await_ready || row == BringUpRow::enable;
        registers.never_stops = row == BringUpRow::disable;
        registers.shutdown_never_ends = row == BringUpRow::await_shutdown;
        bench.drive.script = [this](std::uint16_t, const spec::Sqe& sqe) { return Script{.drop = is_on && is_of_row(row, sqe)}; };
        break;
      case RowEnding::fatal:
        bench.drive.registers().become_fatal();
        break;
      case RowEnding::gone_and_back:
        back_at = bench.now + milliseconds(10);
        [[fallthrough]];
      case RowEnding::gone:
        bench.drive.gone = true;
        break;
      case RowEnding::failed:
      case RowEnding::failed_once:
        bench.drive.script = [this](std::uint16_t, const spec::Sqe& sqe) {
          Script script;
          if (is_on && is_of_row(row, sqe)) {
            script.status = spec::make_status(spec::GenericStatus::internal_error).with(spec::Status::dnr, ending == RowEnding::failed);
            is_on = ending == RowEnding::failed;
          }
          return script;
        };
        break;
    }
  }
  void end() {
    if (ending == RowEnding::timed_out || ending == RowEnding::failed) {
      is_on = false;
      bench.drive.registers().options().never_ready = false;
      bench.drive.registers().options().never_stops = false;
      bench.drive.registers().options().shutdown_never_ends = false;
    }
  }
  void tick() {
    if (back_at && bench.now >= *back_at) {
      bench.drive.gone = false;
      bench.drive.forget_everything();
      back_at.reset();
    }
  }
};

/// A controller in which a reset visits the row.
ModelDriveOptions drive_with(BringUpRow row) {
  ModelDriveOptions options;
  options.version = spec::version(2, 0);
  options.cap |= 1ull << 43;  // CAP.CSS: sets of I/O command sets
  options.has_crdt = true;
  options.registers.found_enabled = row <= BringUpRow::disable;
  options.registers.found_ready = row == BringUpRow::disable || row == BringUpRow::await_shutdown;
  options.registers.found_shutdown = row == BringUpRow::await_shutdown ? spec::Shst::occurring : spec::Shst::normal_operation;
  return options;
}

/// A host that sees all ones for a moment between CC.EN's changes goes on; elsewhere a function that is silent everywhere is gone.
bool survives(BringUpRow row, RowEnding ending) {
  if (ending == RowEnding::gone) {
    return false;
  }
  return ending != RowEnding::gone_and_back || row == BringUpRow::disable || row == BringUpRow::enable;
}

TEST(DriverRows, end_every_way_while_it_attaches) {
  for (std::size_t i = 0; i < bring_up_rows; ++i) {
    const auto row = static_cast<BringUpRow>(i);
    if (row >= BringUpRow::create_completion_queues) {
      continue;  // there are no channels yet
    }
    for (const RowEnding ending : all_endings) {
      DriverBench bench(drive_with(row));
      Trouble trouble{bench, row, ending};
      bench.drive.on_event = [&](const Event& event) { trouble.watch(event); };
      const std::string label = std::string(driver::name(row)) + ", " + std::string(name(ending));
      ASSERT_TRUE(bench.run_until([&] {
        trouble.tick();
        return bench.is_ready() || bench.is_over();
      })) << label
          << ": it hangs";
      EXPECT_TRUE(trouble.is_done) << label << ": the row was never entered";
      EXPECT_EQ(bench.is_ready(), survives(row, ending)) << label;
      EXPECT_EQ(bench.complaint(), "") << label;
      EXPECT_EQ(bench.driver->state() == State::gone, !survives(row, ending)) << label;
      if (ending == RowEnding::timed_out) {
        EXPECT_EQ(bench.transitions(row, WaitResult::timed_out), 1u) << label;
      }
    }
  }
}

TEST(DriverRows, end_every_way_in_a_reset_and_every_operation_comes_back_once) {
  for (std::size_t i = static_cast<std::size_t>(BringUpRow::disable); i < bring_up_rows; ++i) {
    const auto row = static_cast<BringUpRow>(i);
    for (const RowEnding ending : all_endings) {
      DriverBench bench(drive_with(BringUpRow::enable));
      ASSERT_TRUE(bench.run_until_ready());
      const ChannelId first = bench.open_channel();
      const ChannelId second = bench.open_channel();
      bench.run_for(milliseconds(5));
      bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0}; };
      bench.write_blocks(first, 1, 3);
      bench.write_blocks(second, 100, 3);
      Trouble trouble{bench, row, ending};
      bench.drive.on_event = [&](const Event& event) { trouble.watch(event); };
      bench.run_for(milliseconds(1));
      bench.drive.script = nullptr;
      bench.driver->reset(bench.now);
      const std::string label = std::string(driver::name(row)) + ", " + std::string(name(ending));
      ASSERT_TRUE(bench.run_until([&] {
        trouble.tick();
        return trouble.is_done && (bench.is_ready() || bench.is_over()) && bench.results.size() >= bench.submitted;
      })) << label
          << ": it hangs";
      EXPECT_TRUE(bench.all_came_back_once()) << label;
      EXPECT_EQ(bench.is_ready(), survives(row, ending)) << label;
      EXPECT_EQ(bench.complaint(), "") << label;
      if (bench.is_ready()) {
        bench.write_blocks(first, 1000, 2);
        EXPECT_TRUE(bench.run_until([&] { return bench.results.size() >= bench.submitted; })) << label;
      }
    }
  }
}

void end_shutdown_row(DriverBench& bench, ShutdownRow row, RowEnding ending) {
  switch (ending) {
    case RowEnding::timed_out:
      bench.drive.registers().options().shutdown_never_ends = true;
      bench.drive.script = [row](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid == 0 || row == ShutdownRow::drain}; };
      break;
    case RowEnding::fatal:
      bench.drive.registers().become_fatal();
      break;
    case RowEnding::gone:
    case RowEnding::gone_and_back:
      bench.drive.gone = true;
      break;
    case RowEnding::failed:
    case RowEnding::failed_once:
      bench.drive.script = [](std::uint16_t qid, const spec::Sqe&) {
        return qid == 0 ? Script{.status = spec::make_status(spec::GenericStatus::internal_error)} : Script{};
      };
      break;
  }
}

TEST(DriverRows, end_every_way_in_a_shutdown_that_always_ends) {
  for (std::size_t i = 0; i < shutdown_rows; ++i) {
    for (const RowEnding ending : all_endings) {
      const auto row = static_cast<ShutdownRow>(i);
      DriverBench bench;
      ASSERT_TRUE(bench.run_until_ready());
      const ChannelId channel = bench.open_channel();
      bench.run_for(milliseconds(5));
      bench.drive.on_event = [&](const Event& event) {
        if (is_entry(event, Machine::shutdown, static_cast<std::uint8_t>(row))) {
          end_shutdown_row(bench, row, ending);
        }
      };
      bool is_held = true;
      bench.drive.script = [&](std::uint16_t qid, const spec::Sqe&) { return Script{.drop = qid != 0 && is_held}; };
      bench.write_blocks(channel, 1, 3);
      bench.run_for(milliseconds(1));
      is_held = false;
      bench.driver->shutdown(Shutdown::orderly, bench.now);
      const std::string label = std::string(driver::name(row)) + ", " + std::string(name(ending));
      const Instant asked = bench.now;
      ASSERT_TRUE(bench.run_until_over()) << label << ": it hangs";
      EXPECT_TRUE(bench.run_until([&] { return bench.results.size() >= bench.submitted; })) << label;
      EXPECT_TRUE(bench.all_came_back_once()) << label;
      EXPECT_LT((bench.now - asked).ns, seconds(2).ns) << label;
      EXPECT_EQ(bench.complaint(), "") << label;
      EXPECT_TRUE(bench.drive.gone || !bench.drive.command().get(spec::pci::Command::bus_master)) << label;
    }
  }
}

TEST(DriverRows, are_left_in_good_order_by_a_shutdown_that_comes_in_the_middle_of_attach) {
  for (std::size_t i = 0; i < bring_up_rows; ++i) {
    const auto row = static_cast<BringUpRow>(i);
    for (const Shutdown how : {Shutdown::orderly, Shutdown::abrupt}) {
      DriverBench bench(drive_with(row));
      bool asked = false;
      bench.drive.on_event = [&](const Event& event) {
        if (is_entry(event, Machine::bring_up, static_cast<std::uint8_t>(row))) {
          asked = true;
          bench.driver->shutdown(how, bench.now);
        }
      };
      ASSERT_TRUE(bench.run_until([&] { return bench.is_over() || bench.is_ready(); }));
      EXPECT_EQ(bench.driver->state(), asked ? State::detached : State::ready) << driver::name(row);
      EXPECT_EQ(bench.complaint(), "") << driver::name(row);
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
