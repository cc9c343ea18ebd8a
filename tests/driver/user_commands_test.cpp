// Admin commands that a user sends through a driver: what is refused, what the drive gets, and how they come back.
#include "src/driver/user_commands.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <set>
#include <vector>

#include "src/driver/admin_plane.hpp"
#include "src/spec/admin_commands.hpp"
#include "tests/support/driver_bench.hpp"

namespace phasebit::driver {
namespace {

using testing::DriverBench;
using testing::ModelDriveOptions;
using testing::Script;

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t mdts_bytes = 32 * page;  // of the model drive

/// A ready driver with a user of its admin queue.
struct UsersBench : DriverBench {
  explicit UsersBench(const Options& options = quick(), const ModelDriveOptions& drive_options = {}) : DriverBench(drive_options, options) {
    EXPECT_TRUE(run_until_ready());
    run_for(milliseconds(20));
    drive.admin_commands.clear();
  }

  Result<void> send(std::uint64_t tag, const spec::Sqe& sqe, std::span<const DmaRegion> buffers = {}) {
    return driver->submit_admin({.tag = tag, .sqe = sqe, .buffers = buffers}, now);
  }
  Result<void> send(std::uint64_t tag) { return send(tag, spec::GetFeatures{.fid = spec::Fid::arbitration}.sqe()); }
  Result<void> read_log(std::uint64_t tag, std::span<const DmaRegion> buffers) {
    const std::uint64_t bytes = std::accumulate(buffers.begin(), buffers.end(), std::uint64_t{0},
                                                [](std::uint64_t sum, const DmaRegion& region) { return sum + region.bytes; });
    return send(tag, spec::GetLogPage{.lid = spec::Lid::error_information, .bytes = std::max(bytes / 4 * 4, std::uint64_t{4})}.sqe(),
                buffers);
  }
  /// The drive answers no Get Features and no Get Log Page until it is let go.
  void hold() {
    drive.hold = [](const spec::Sqe& sqe) {
      const auto opcode = static_cast<spec::AdminOpcode>(sqe.opcode);
      return opcode == spec::AdminOpcode::get_features || opcode == spec::AdminOpcode::get_log_page;
    };
  }
  /// Fetches at most `limit` results.
  std::uint32_t fetch(std::uint32_t limit = 16) {
    std::array<OperationResult, 16> batch;
    const std::uint32_t count = driver->reap_admin({batch.data(), limit});
    results.insert(results.end(), batch.begin(), batch.begin() + count);
    return count;
  }
  /// Until so many have come back; a little longer, for one that comes twice.
  bool run_until_back(std::size_t count) {
    const bool came = run_until([&] { return fetch() == 0 && results.size() >= count; }, seconds(5));
    if (!is_over()) {
      run_for(milliseconds(20));
    }
    fetch();
    return came && results.size() == count;
  }
  std::set<std::uint64_t> tags() const {
    std::set<std::uint64_t> all;
    for (const OperationResult& result : results) {
      all.insert(result.tag);
    }
    return all;
  }
  Outcome outcome_of(std::uint64_t tag) const { return result_of(tag).value().outcome; }
};

using Tags = std::set<std::uint64_t>;

// What is refused.

TEST(UserCommands, of_opcodes_that_are_the_drivers_own_are_refused) {
  const std::set<std::uint32_t> own{0x00, 0x01, 0x04, 0x05, 0x08, 0x0c, 0x7c};  // delete and create queues, Abort, AER, doorbell buffers
  UsersBench bench;
  bench.drive.script = [](std::uint16_t, const spec::Sqe&) {
    return Script{.status = spec::make_status(spec::GenericStatus::invalid_opcode).with(spec::Status::dnr, true)};
  };
  std::size_t sent = 0;
  for (std::uint32_t opcode = 0; opcode < 256; ++opcode) {
    spec::Sqe sqe{};
    sqe.opcode = static_cast<std::uint8_t>(opcode);
    const Result<void> result = bench.send(opcode, sqe);
    if (own.contains(opcode)) {
      ASSERT_FALSE(result) << opcode;
      EXPECT_EQ(result.error(), Errc::invalid_argument) << opcode;
      continue;
    }
    ASSERT_TRUE(result) << opcode;
    ASSERT_TRUE(bench.run_until([&] { return bench.fetch() == 1; }, seconds(1))) << opcode;
    EXPECT_EQ(bench.outcome_of(opcode), Outcome::failed);
    EXPECT_EQ(bench.drive.admin_commands.back().opcode, opcode);
    ++sent;
  }
  EXPECT_EQ(sent, 249u);
  EXPECT_EQ(bench.drive.admin_commands.size(), sent);
}

TEST(UserCommands, whose_memory_prps_cannot_name_are_refused_and_take_no_slot) {
  UsersBench bench;
  const DmaRegion memory = bench.drive.allocate_dma(64 * page).value();
  const auto refusal = [&](std::vector<DmaRegion> buffers) {
    const Result<void> result = bench.read_log(1, buffers);
    return result ? Errc::busy : result.error();
  };
  for (int i = 0; i < 3; ++i) {  // more often than there are slots
    EXPECT_EQ(refusal({memory.slice(2, 512)}), Errc::misaligned) << "an address that is not a dword's";
    EXPECT_EQ(refusal({memory.slice(0, 510)}), Errc::misaligned) << "a part of a dword";
    EXPECT_EQ(refusal({memory.slice(0, 0)}), Errc::misaligned) << "no bytes";
    EXPECT_EQ(refusal({memory.slice(0, 512), memory.slice(page, 512)}), Errc::misaligned) << "it ends within a page";
    EXPECT_EQ(refusal({memory.slice(0, page), memory.slice(2 * page + 4, 512)}), Errc::misaligned) << "it begins within a page";
    EXPECT_EQ(refusal({memory.slice(0, mdts_bytes + 4)}), Errc::too_large) << "MDTS";
    EXPECT_EQ(refusal({memory.slice(0, mdts_bytes), memory.slice(40 * page, page)}), Errc::too_large) << "MDTS, in two regions";
    EXPECT_EQ(refusal(std::vector<DmaRegion>(17, memory.slice(0, page))), Errc::too_large) << "regions";
  }
  for (std::uint64_t tag = 1; tag <= UserCommands::commands_max; ++tag) {
    ASSERT_TRUE(bench.read_log(tag, std::array{memory.slice(0, mdts_bytes)})) << tag;
  }
  ASSERT_TRUE(bench.run_until_back(UserCommands::commands_max));
  EXPECT_EQ(bench.count(Outcome::ok), UserCommands::commands_max);
  EXPECT_EQ(bench.drive.admin_commands.size(), UserCommands::commands_max);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(UserCommands, name_no_more_pages_than_their_list_has_entries_for) {
  UsersBench bench(DriverBench::quick(), {.mdts = 0});
  const DmaRegion memory = bench.drive.allocate_dma(514 * page).value();
  EXPECT_EQ(bench.read_log(1, std::array{memory.slice(0, 513 * page + 4)}).error(), Errc::too_large);
  EXPECT_EQ(bench.read_log(1, std::array{memory.slice(4, 513 * page)}).error(), Errc::too_large);
  ASSERT_TRUE(bench.read_log(1, std::array{memory.slice(4, 513 * page - 4)}));
  ASSERT_TRUE(bench.run_until_back(1));
  EXPECT_EQ(bench.outcome_of(1), Outcome::ok);
  EXPECT_EQ(bench.complaint(), "");
}

// What the drive gets.

/// A log page that differs at every byte from what lies a page or less beside it.
std::vector<std::byte> some_log(std::uint64_t bytes) {
  std::vector<std::byte> log(bytes);
  for (std::uint64_t i = 0; i < bytes; ++i) {
    log[i] = static_cast<std::byte>(1 + (i + i / page * 7) % 251);
  }
  return log;
}

TEST(UserCommands, have_their_data_moved_through_prps_of_every_shape) {
  const auto shapes = [](const DmaRegion& memory) {
    return std::vector<std::vector<DmaRegion>>{
        {memory.slice(0, 4)},
        {memory.slice(0, page)},
        {memory.slice(8, page - 8)},
        {memory.slice(page - 4, 8)},                                                                             // PRP2 is the second page
        {memory.slice(0, 2 * page)},                                                                             //
        {memory.slice(4, 2 * page)},                                                                             // three pages: a list
        {memory.slice(0, 3 * page)},                                                                             //
        {memory.slice(512, mdts_bytes)},                                                                         // 33 pages
        {memory.slice(100, 400), memory.slice(500, 600)},                                                        // regions that adjoin
        {memory.slice(8 * page, page), memory.slice(3 * page, page)},                                            // backwards
        {memory.slice(9 * page + 64, page - 64), memory.slice(2 * page, 3 * page), memory.slice(7 * page, 12)},  //
        {memory.slice(6 * page - 4, 4), memory.slice(20 * page, page), memory.slice(18 * page, page), memory.slice(0, page)},
    };
  };
  UsersBench bench;
  bench.drive.log = some_log(mdts_bytes);
  const DmaRegion memory = bench.drive.allocate_dma(40 * page).value();
  std::uint64_t tag = 0;
  for (const std::vector<DmaRegion>& buffers : shapes(memory)) {
    std::vector<std::byte> expected(memory.bytes);
    std::uint64_t done = 0;
    for (const DmaRegion& buffer : buffers) {
      std::copy_n(bench.drive.log.begin() + static_cast<std::ptrdiff_t>(done), buffer.bytes,
                  expected.begin() + static_cast<std::ptrdiff_t>(buffer.iova - memory.iova));
      done += buffer.bytes;
    }
    std::fill_n(memory.data, memory.bytes, std::byte{0});
    ASSERT_TRUE(bench.read_log(++tag, buffers));
    ASSERT_TRUE(bench.run_until_back(tag)) << tag;
    EXPECT_EQ(bench.outcome_of(tag), Outcome::ok) << tag;
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), memory.data)) << tag;
  }
  EXPECT_EQ(bench.complaint(), "");
}

TEST(UserCommands, that_are_out_together_have_a_prp_list_each) {
  UsersBench bench;
  bench.drive.log = some_log(4 * page);
  bench.hold();
  std::vector<DmaRegion> buffers;
  for (std::uint64_t tag = 1; tag <= UserCommands::commands_max; ++tag) {
    buffers.push_back(bench.drive.allocate_dma(4 * page).value());
    ASSERT_TRUE(bench.read_log(tag, std::span(buffers).last(1)));
  }
  bench.run_for(milliseconds(5));
  bench.drive.hold = nullptr;
  ASSERT_TRUE(bench.run_until_back(UserCommands::commands_max));
  EXPECT_EQ(bench.count(Outcome::ok), UserCommands::commands_max);
  for (const DmaRegion& buffer : buffers) {
    EXPECT_TRUE(std::equal(bench.drive.log.begin(), bench.drive.log.end(), buffer.data));
  }
  EXPECT_EQ(bench.complaint(), "");
}

TEST(UserCommands, without_buffers_go_out_as_they_were_written) {
  UsersBench bench;
  spec::Sqe sqe = spec::GetFeatures{.fid = spec::Fid::arbitration}.sqe();
  sqe.nsid = 7;
  sqe.prp1 = 0x1122'3344'5566'7788;
  sqe.prp2 = 0x99;
  sqe.cdw15 = 15;
  ASSERT_TRUE(bench.send(3, sqe));
  ASSERT_TRUE(bench.run_until_back(1));
  EXPECT_EQ(bench.results[0].dword0, 0x77u);
  EXPECT_EQ(bench.results[0].attempts, 1u);
  spec::Sqe got = bench.drive.admin_commands.back();
  got.cid = sqe.cid;
  EXPECT_EQ(std::memcmp(&got, &sqe, sizeof sqe), 0);
}

// How many, and how they come back.

TEST(UserCommands, beyond_the_last_slot_are_refused_until_a_result_was_fetched) {
  UsersBench bench;
  bench.hold();
  for (std::uint64_t tag = 1; tag <= UserCommands::commands_max; ++tag) {
    ASSERT_TRUE(bench.send(tag)) << tag;
  }
  EXPECT_EQ(bench.send(99).error(), Errc::queue_full);
  bench.run_for(milliseconds(5));
  bench.drive.hold = nullptr;
  bench.run_for(milliseconds(5));
  EXPECT_EQ(bench.send(99).error(), Errc::queue_full) << "all are answered, but nobody has fetched a result";
  EXPECT_EQ(bench.fetch(1), 1u);
  EXPECT_TRUE(bench.send(9));
  EXPECT_EQ(bench.send(99).error(), Errc::queue_full);
  ASSERT_TRUE(bench.run_until_back(9));
  EXPECT_EQ(bench.tags(), (Tags{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  for (std::uint64_t tag = 10; tag <= 200; ++tag) {  // and again and again
    ASSERT_TRUE(bench.send(tag));
    ASSERT_TRUE(bench.run_until([&] { return bench.fetch() == 1; }, seconds(1)));
  }
  EXPECT_EQ(bench.tags().size(), 200u);
  EXPECT_EQ(bench.count(Outcome::ok), 200u);
  EXPECT_EQ(bench.complaint(), "");
}

/// Two that have ended before, and six that are out.
void send_eight(UsersBench& bench) {
  ASSERT_TRUE(bench.send(1));
  ASSERT_TRUE(bench.send(2));
  bench.run_for(milliseconds(5));
  bench.hold();
  for (std::uint64_t tag = 3; tag <= 8; ++tag) {
    ASSERT_TRUE(bench.send(tag));
  }
  bench.run_for(milliseconds(5));
}

void expect_eight_back(UsersBench& bench, Outcome outcome) {
  ASSERT_TRUE(bench.run_until_back(8));
  EXPECT_EQ(bench.tags(), (Tags{1, 2, 3, 4, 5, 6, 7, 8}));
  for (std::uint64_t tag = 1; tag <= 8; ++tag) {
    EXPECT_EQ(bench.outcome_of(tag), tag <= 2 ? Outcome::ok : outcome) << tag;
  }
}

TEST(UserCommands, come_back_exactly_once_over_a_reset_and_their_slots_are_free_after_it) {
  UsersBench bench;
  for (int round = 0; round < 3; ++round) {
    send_eight(bench);
    bench.driver->reset(bench.now);
    bench.driver->poll(bench.now);
    EXPECT_EQ(bench.send(99).error(), Errc::not_ready);
    expect_eight_back(bench, Outcome::reset);
    bench.drive.hold = nullptr;
    ASSERT_TRUE(bench.run_until_ready());
    bench.results.clear();
  }
  EXPECT_EQ(bench.drive.resets, 3u);
  EXPECT_EQ(bench.complaint(), "");
}

TEST(UserCommands, come_back_exactly_once_when_the_function_is_removed) {
  for (const bool bus_says_so : {true, false}) {
    UsersBench bench;
    send_eight(bench);
    bench.drive.gone = true;
    if (bus_says_so) {
      bench.driver->removed(bench.now);
    }
    ASSERT_TRUE(bench.run_until_over());
    EXPECT_EQ(bench.driver->state(), State::gone);
    EXPECT_EQ(bench.send(99).error(), Errc::not_ready);
    expect_eight_back(bench, Outcome::gone);
  }
}

// Small admin queues.

TEST(UserCommands, need_an_admin_queue_of_three_entries_and_are_told_so) {
  for (const std::uint32_t entries : {2u, 3u, 4u, 5u, 6u, 8u, 12u, 64u}) {
    Options options = DriverBench::quick();
    options.admin_queue_entries = entries;
    UsersBench bench(options);
    const Result<void> sent = bench.send(1);
    EXPECT_EQ(sent.has_value(), entries > 2) << entries;
    if (!sent) {
      EXPECT_EQ(sent.error(), Errc::unsupported) << "it is not for want of patience";
      bench.driver->reset(bench.now);
      bench.driver->poll(bench.now);
      EXPECT_EQ(bench.send(1).error(), Errc::not_ready);
      continue;
    }
    ASSERT_TRUE(bench.run_until_back(1)) << entries;
    ASSERT_TRUE(bench.send(2)) << entries;
    ASSERT_TRUE(bench.run_until_back(2)) << entries;
    EXPECT_EQ(bench.count(Outcome::ok), 2u);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(UserCommands, leave_room_in_a_small_admin_queue_for_the_drivers_own) {
  struct Case {
    std::uint32_t entries;
    std::uint64_t users;
  };
  for (const Case& c : {Case{3, 1}, Case{5, 1}, Case{8, 1}, Case{11, 1}, Case{12, 2}, Case{17, 7}, Case{18, 8}, Case{64, 8}}) {
    Options options = DriverBench::quick();
    options.admin_queue_entries = c.entries;
    UsersBench bench(options);
    bench.hold();
    for (std::uint64_t tag = 1; tag <= c.users; ++tag) {
      ASSERT_TRUE(bench.send(tag)) << c.entries;
    }
    EXPECT_EQ(bench.send(99).error(), Errc::queue_full) << c.entries;
    const ChannelId channel = bench.open_channel();
    bench.run_for(milliseconds(10));
    bench.write_blocks(channel, 1001, 1);
    bench.run_for(milliseconds(10));
    ASSERT_EQ(bench.results.size(), 1u) << "the channel's queues were made meanwhile";
    bench.drive.hold = nullptr;
    ASSERT_TRUE(bench.run_until_back(1 + c.users)) << c.entries;
    EXPECT_EQ(bench.count(Outcome::ok), 1 + c.users);
    EXPECT_EQ(bench.complaint(), "");
  }
}

TEST(AdminShares, are_no_more_than_there_are_slots_and_the_drivers_own_comes_first) {
  for (std::uint32_t slots = 0; slots <= 64; ++slots) {
    for (const std::uint32_t wanted : {0u, 1u, 4u, 256u}) {
      const AdminShares shares = AdminShares::of(slots, wanted, wanted);
      EXPECT_LE(shares.users + shares.aborts + shares.async_events, slots > 0 ? slots - 1 : 0) << slots << ' ' << wanted;
      EXPECT_EQ(shares.users > 0, slots >= 2) << slots << ' ' << wanted;
      EXPECT_EQ(shares.aborts > 0, slots >= 3 && wanted > 0) << slots << ' ' << wanted;
      EXPECT_LE(shares.users, UserCommands::commands_max);
      EXPECT_LE(shares.aborts, 4u);
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
