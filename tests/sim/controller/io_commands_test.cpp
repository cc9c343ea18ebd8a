#include "src/spec/dataset_management.hpp"
#include "tests/sim/controller/drive_bench.hpp"
#include "tests/sim/controller/statuses.hpp"

namespace phasebit::sim {
namespace {

using namespace statuses;

constexpr std::uint64_t blocks = 1000;

DriveOptions three_namespaces() {
  DriveOptions options = plain_options();
  options.namespaces = {NamespaceOptions{Nsid{1}, blocks, 512}, NamespaceOptions{Nsid{2}, blocks, 4096},
                        NamespaceOptions{Nsid{5}, blocks, 512, false}};
  options.transfer_exponent_max = 2;  // 16 KiB
  return options;
}

class IoCommandsTest : public testing::Test {
 protected:
  explicit IoCommandsTest(const DriveOptions& options = three_namespaces()) : bench(options) {
    bench.enable();
    queue = bench.create_queue_pair(1);
    data = bench.pages(8192);
  }
  std::uint16_t status(const spec::Sqe& sqe) {
    return spec::verdict_of(bench.perform(queue, DriveBench::with_data(sqe, data)).status()).raw;
  }
  std::uint16_t write(std::uint64_t lba, std::uint32_t count, char letter, spec::BlockOptions options = {}) {
    DriveBench::fill(data.bytes, letter);
    return status(spec::write(Nsid{1}, Lba{lba}, count, options));
  }
  /// One letter a block as it reads; '!' where reading fails.
  std::string text(std::uint64_t lba, int count) {
    std::string letters;
    for (int i = 0; i < count; ++i) {
      DriveBench::fill(data.bytes, '?');
      const bool ok = status(spec::read(Nsid{1}, Lba{lba + static_cast<std::uint64_t>(i)}, 1)) == 0;
      letters += !ok ? '!' : data.bytes[511] == std::byte{0} ? '0' : static_cast<char>(data.bytes[511]);
    }
    return letters;
  }

  DriveBench bench;
  HostQueue queue;
  HostPages data;
};

TEST_F(IoCommandsTest, ranges_end_with_the_namespace) {
  EXPECT_EQ(status(spec::read(Nsid{1}, Lba{blocks - 1}, 1)), 0);
  EXPECT_EQ(status(spec::read(Nsid{1}, Lba{blocks - 1}, 2)), lba_out_of_range);
  EXPECT_EQ(status(spec::read(Nsid{1}, Lba{blocks}, 1)), lba_out_of_range);
  EXPECT_EQ(status(spec::read(Nsid{1}, Lba{~0ull}, 2)), lba_out_of_range);
  EXPECT_EQ(status(spec::write(Nsid{1}, Lba{blocks - 4}, 5)), lba_out_of_range);
  EXPECT_EQ(status(spec::write_zeroes(Nsid{1}, Lba{blocks - 4}, 5)), lba_out_of_range);
  EXPECT_EQ(status(spec::verify(Nsid{1}, Lba{blocks - 4}, 5)), lba_out_of_range);
  EXPECT_EQ(status(spec::compare(Nsid{1}, Lba{blocks - 4}, 5)), lba_out_of_range);
  EXPECT_EQ(status(spec::write_uncorrectable(Nsid{1}, Lba{blocks - 4}, 5)), lba_out_of_range);
}

TEST_F(IoCommandsTest, namespaces_that_are_none_and_those_that_are_inactive_are_told_apart) {
  for (const std::uint32_t nsid : {0u, 17u, 0xffff'fffeu}) {
    EXPECT_EQ(status(spec::read(Nsid{nsid}, Lba{0}, 1)), invalid_namespace) << nsid;
  }
  EXPECT_EQ(status(spec::read(Nsid{5}, Lba{0}, 1)), invalid_field);
  EXPECT_EQ(status(spec::read(Nsid{3}, Lba{0}, 1)), invalid_field);
  EXPECT_EQ(status(spec::flush(Nsid{17})), invalid_namespace);
  EXPECT_EQ(status(spec::flush(Nsid{5})), invalid_field);
}

TEST_F(IoCommandsTest, all_namespaces_at_once_are_a_wrong_field_of_every_command_but_flush) {
  for (const spec::NvmOpcode opcode : {spec::NvmOpcode::write, spec::NvmOpcode::read, spec::NvmOpcode::compare, spec::NvmOpcode::verify,
                                       spec::NvmOpcode::write_zeroes, spec::NvmOpcode::write_uncorrectable}) {
    EXPECT_EQ(status(spec::BlockCommand{opcode, nsid_all}.sqe()), invalid_field) << spec::opcode_name(opcode);
  }
  EXPECT_EQ(status(spec::DatasetManagement{.nsid = nsid_all}.sqe()), invalid_field);
  EXPECT_EQ(status(spec::flush(nsid_all)), 0);
}

TEST_F(IoCommandsTest, transfers_are_at_most_mdts_and_commands_without_data_have_no_limit) {
  const HostPages large = bench.pages(16384 + 4096);
  const HostPages list = bench.pages(4096);
  for (std::uint64_t i = 0; i < 4; ++i) {
    const Le64 entry = large.iova.value + (i + 1) * 4096;
    std::memcpy(list.bytes.data() + i * 8, &entry, 8);
  }
  spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 32);
  sqe.prp1 = large.iova.value;
  sqe.prp2 = list.iova.value;
  EXPECT_EQ(spec::verdict_of(bench.perform(queue, sqe).status()).raw, 0);
  sqe = spec::read(Nsid{1}, Lba{0}, 33);
  EXPECT_EQ(spec::verdict_of(bench.perform(queue, sqe).status()).raw, invalid_field);
  EXPECT_EQ(status(spec::write_zeroes(Nsid{1}, Lba{0}, 900)), 0);
  EXPECT_EQ(status(spec::verify(Nsid{1}, Lba{0}, 900)), 0);
}

TEST_F(IoCommandsTest, prps_and_unmapped_memory_are_refused) {
  spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 1);
  sqe.prp1 = data.iova.value + 2;
  EXPECT_EQ(spec::verdict_of(bench.perform(queue, sqe).status()).raw, prp_offset_invalid);
  sqe.prp1 = 0x7000'0000'0000;
  EXPECT_EQ(spec::verdict_of(bench.perform(queue, sqe).status()).raw, data_transfer_error);
  sqe = spec::write(Nsid{1}, Lba{0}, 1);
  sqe.prp1 = 0x7000'0000'0000;
  EXPECT_EQ(spec::verdict_of(bench.perform(queue, sqe).status()).raw, data_transfer_error);
}

TEST_F(IoCommandsTest, flags_and_protection_that_nobody_offers_are_refused) {
  spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 1);
  sqe.flags = 0x40;
  EXPECT_EQ(status(sqe), invalid_field);
  sqe.flags = 0x02;
  EXPECT_EQ(status(sqe), invalid_field);
  EXPECT_EQ(status(spec::read(Nsid{1}, Lba{0}, 1, {.prinfo = 8})), invalid_protection_information);
  for (const std::uint8_t opcode : {0x03, 0x06, 0x0d, 0x0e, 0x11, 0x15, 0x19, 0x7f, 0x80, 0xff}) {
    spec::Sqe other;
    other.opcode = opcode;
    other.nsid = 1;
    EXPECT_EQ(status(other), invalid_opcode) << int{opcode};
  }
}

TEST_F(IoCommandsTest, optional_commands_are_there_only_if_advertised) {
  DriveOptions options = three_namespaces();
  options.commands = {false, false, false, false, false};
  DriveBench plain(options);
  plain.enable();
  HostQueue other = plain.create_queue_pair(1);
  for (const spec::NvmOpcode opcode : {spec::NvmOpcode::compare, spec::NvmOpcode::write_uncorrectable, spec::NvmOpcode::dataset_management,
                                       spec::NvmOpcode::write_zeroes, spec::NvmOpcode::verify}) {
    EXPECT_EQ(spec::verdict_of(plain.perform(other, spec::io_sqe(opcode, Nsid{1})).status()).raw, invalid_opcode);
  }
}

TEST_F(IoCommandsTest, what_is_written_reads_back_in_both_block_sizes) {
  EXPECT_EQ(write(7, 2, 'a'), 0);
  EXPECT_EQ(text(6, 4), "0aa0");
  DriveBench::fill(data.bytes, 'b');
  EXPECT_EQ(status(spec::write(Nsid{2}, Lba{3}, 2)), 0);
  DriveBench::fill(data.bytes, '?');
  EXPECT_EQ(status(spec::read(Nsid{2}, Lba{3}, 2)), 0);
  EXPECT_TRUE(std::ranges::all_of(data.bytes, [](std::byte byte) { return byte == std::byte{'b'}; }));
  EXPECT_EQ(text(7, 1), "a");
}

TEST_F(IoCommandsTest, compare_verify_zeroes_and_uncorrectable_do_what_they_say) {
  write(0, 4, 'a');
  DriveBench::fill(data.bytes, 'a');
  EXPECT_EQ(status(spec::compare(Nsid{1}, Lba{0}, 4)), 0);
  data.bytes[3ull * 512] = std::byte{'x'};
  EXPECT_EQ(status(spec::compare(Nsid{1}, Lba{0}, 4)), compare_failure);
  EXPECT_EQ(status(spec::compare(Nsid{1}, Lba{0}, 3)), 0);
  EXPECT_EQ(status(spec::write_zeroes(Nsid{1}, Lba{1}, 2)), 0);
  EXPECT_EQ(text(0, 4), "a00a");
  EXPECT_EQ(status(spec::verify(Nsid{1}, Lba{0}, 4)), 0);
  EXPECT_EQ(status(spec::write_uncorrectable(Nsid{1}, Lba{2}, 1)), 0);
  EXPECT_EQ(text(0, 4), "a0!a");
  EXPECT_EQ(status(spec::verify(Nsid{1}, Lba{0}, 4)), unrecovered_read_error);
  EXPECT_EQ(status(spec::compare(Nsid{1}, Lba{0}, 4)), unrecovered_read_error);
  EXPECT_EQ(status(spec::read(Nsid{1}, Lba{0}, 4)), unrecovered_read_error);
  EXPECT_EQ(write(2, 1, 'c'), 0);
  EXPECT_EQ(text(0, 4), "a0ca");
}

TEST_F(IoCommandsTest, deallocate_takes_ranges_and_all_or_none_of_them) {
  write(0, 8, 'a');
  const auto set_range = [&](std::size_t index, std::uint64_t slba, std::uint32_t count) {
    const spec::DatasetRange range{{}, count, slba};
    std::memcpy(data.bytes.data() + index * 16, &range, 16);
  };
  set_range(0, 1, 2);
  set_range(1, 5, 1);
  EXPECT_EQ(status(spec::DatasetManagement{Nsid{1}, 2, true}.sqe()), 0);
  EXPECT_EQ(text(0, 8), "a00aa0aa");
  set_range(0, 0, 1);
  set_range(1, blocks - 1, 2);
  EXPECT_EQ(status(spec::DatasetManagement{Nsid{1}, 2, true}.sqe()), lba_out_of_range);
  EXPECT_EQ(text(0, 1), "a");
  set_range(0, 0, 1);
  set_range(1, 7, 1);
  EXPECT_EQ(status(spec::DatasetManagement{Nsid{1}, 2, false, true}.sqe()), 0);
  EXPECT_EQ(text(0, 8), "a00aa0aa");
}

TEST_F(IoCommandsTest, more_ranges_than_the_limit_are_refused) {
  DriveOptions options = three_namespaces();
  options.dataset_ranges_max = 3;
  DriveBench limited(options);
  limited.enable();
  HostQueue other = limited.create_queue_pair(1);
  const HostPages ranges = limited.pages(4096);
  EXPECT_EQ(limited.perform(other, DriveBench::with_data(spec::DatasetManagement{Nsid{1}, 3, true}.sqe(), ranges)).status().raw, 0);
  EXPECT_EQ(
      spec::verdict_of(limited.perform(other, DriveBench::with_data(spec::DatasetManagement{Nsid{1}, 4, true}.sqe(), ranges)).status()).raw,
      command_size_limit_exceeded);
}

TEST_F(IoCommandsTest, only_what_was_forced_or_flushed_survives_a_power_cut_that_takes_the_cache) {
  write(0, 1, 'a');
  write(1, 1, 'b', {.fua = true});
  write(2, 1, 'c');
  EXPECT_EQ(status(spec::flush(Nsid{1})), 0);
  write(3, 1, 'd');
  EXPECT_EQ(text(0, 4), "abcd");
  EXPECT_EQ(bench.controller->count_cut_outcomes(), 2u);
  bench.controller->power_cut(0);
  bench.controller->power_on();
  bench.enable();
  queue = bench.create_queue_pair(1);
  EXPECT_EQ(text(0, 4), "abc0");
}

TEST_F(IoCommandsTest, a_forced_write_leaves_the_rest_of_the_cache_volatile) {
  write(0, 1, 'a');
  write(5, 1, 'b', {.fua = true});
  bench.controller->power_cut(0);
  EXPECT_EQ(bench.media.digest_of(Nsid{1}, Lba{0}), 0u);
  EXPECT_NE(bench.media.digest_of(Nsid{1}, Lba{5}), 0u);
}

TEST_F(IoCommandsTest, the_cache_can_be_turned_off_which_flushes_it) {
  write(0, 1, 'a');
  EXPECT_EQ(bench.admin_status(spec::SetFeatures{spec::Fid::volatile_write_cache, 0}.sqe()).raw, 0);
  EXPECT_EQ(bench.media.cached_writes(), 0u);
  write(1, 1, 'b');
  EXPECT_EQ(bench.media.cached_writes(), 0u);
}

TEST_F(IoCommandsTest, flush_of_all_namespaces_is_as_the_drive_says) {
  write(0, 1, 'a');
  EXPECT_EQ(status(spec::flush(nsid_all)), 0);
  EXPECT_EQ(bench.media.cached_writes(), 0u);
  DriveOptions options = three_namespaces();
  options.flush_all_namespaces = false;
  DriveBench other(options);
  other.enable();
  HostQueue pair = other.create_queue_pair(1);
  EXPECT_EQ(spec::verdict_of(other.perform(pair, spec::flush(nsid_all)).status()).raw, invalid_namespace);
}

TEST_F(IoCommandsTest, smart_counts_what_was_moved_and_what_failed) {
  write(0, 16, 'a');
  DriveBench::fill(data.bytes, 'b');
  EXPECT_EQ(status(spec::compare(Nsid{1}, Lba{0}, 3)), compare_failure) << "which is no error of the media";
  text(0, 3);
  status(spec::write_uncorrectable(Nsid{1}, Lba{0}, 1));
  text(0, 1);
  EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::GetLogPage{spec::Lid::smart, nsid_all, 512}.sqe(), data)).raw, 0);
  spec::SmartLog log;
  std::memcpy(&log, data.bytes.data(), sizeof(log));
  EXPECT_EQ(log.host_write_commands.low, 1u);
  EXPECT_EQ(log.host_read_commands.low, 4u);
  EXPECT_EQ(log.data_units_written.low, 1u);
  EXPECT_EQ(log.media_errors.low, 1u);
  EXPECT_EQ(log.error_log_entries.low, 2u);
  EXPECT_EQ(log.power_cycles.low, 1u);
  EXPECT_EQ(log.temperature_kelvins(), 313);
}

// NVM Command Set 1.0 §1.4: Compare, Read and Verify move data units; only the first two are read commands.
TEST_F(IoCommandsTest, smart_counts_what_was_compared_and_verified_as_read) {
  const auto log = [&] {
    EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::GetLogPage{spec::Lid::smart, nsid_all, 512}.sqe(), data)).raw, 0);
    spec::SmartLog read;
    std::memcpy(&read, data.bytes.data(), sizeof(read));
    return read;
  };
  status(spec::compare(Nsid{1}, Lba{0}, 3));
  EXPECT_EQ(log().data_units_read.low, 1u);
  EXPECT_EQ(log().host_read_commands.low, 1u);
  for (int i = 0; i < 16; ++i) {
    status(spec::verify(Nsid{1}, Lba{0}, 64));
  }
  EXPECT_EQ(log().data_units_read.low, 2u) << "3 + 1024 blocks";
  EXPECT_EQ(log().host_read_commands.low, 1u);
}

TEST_F(IoCommandsTest, failures_are_logged_newest_first_with_queue_command_status_and_block) {
  status(spec::read(Nsid{1}, Lba{blocks}, 1));
  status(spec::write_uncorrectable(Nsid{1}, Lba{42}, 1));
  text(42, 1);
  EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::GetLogPage{spec::Lid::error_information, nsid_all, 192}.sqe(), data)).raw, 0);
  spec::ErrorLogEntry entries[3];
  std::memcpy(entries, data.bytes.data(), sizeof(entries));
  EXPECT_EQ(entries[0].error_count, 2u);
  EXPECT_EQ(entries[0].sqid, 1);
  EXPECT_EQ(entries[0].cid, 2);
  EXPECT_EQ(entries[0].status_phase >> 1 & 0x7ff, unrecovered_read_error);
  EXPECT_EQ(entries[0].lba, 42u);
  EXPECT_EQ(entries[0].nsid, 1u);
  EXPECT_EQ(entries[1].error_count, 1u);
  EXPECT_EQ(entries[1].status_phase >> 1 & 0x7ff, lba_out_of_range);
  EXPECT_EQ(entries[2].error_count, 0u);
}

class SlowIoTest : public IoCommandsTest {
 protected:
  SlowIoTest() : IoCommandsTest(slow()) {}
  static DriveOptions slow() {
    DriveOptions options = three_namespaces();
    options.times.write = options.times.read = LatencyTable::fixed(milliseconds(100));
    return options;
  }
  Cid begin_write(std::uint64_t lba, char letter) {
    DriveBench::fill(data.bytes, letter);
    const Cid cid = bench.push(queue, DriveBench::with_data(spec::write(Nsid{1}, Lba{lba}, 1), data));
    bench.ring(queue);
    bench.run(milliseconds(50));
    return cid;
  }
};

TEST_F(SlowIoTest, abort_stops_a_command_in_flight) {
  const Cid cid = begin_write(0, 'a');
  const spec::Cqe abort = bench.admin_command(spec::Abort{Qid{1}, cid}.sqe());
  EXPECT_EQ(abort.dw0 & 1, 0u);
  const auto cqe = bench.reap(queue);
  ASSERT_TRUE(cqe);
  EXPECT_EQ(spec::verdict_of(cqe->status()).raw, abort_requested);
  bench.run(seconds(1));
  EXPECT_FALSE(bench.reap(queue));
  EXPECT_EQ(bench.media.staged_writes(), 0u);
}

TEST_F(SlowIoTest, memory_belongs_to_a_command_until_it_is_answered) {
  begin_write(0, 'a');
  ASSERT_NE(bench.ledger.overlapping(data.iova, 512), nullptr);
  EXPECT_EQ(bench.ledger.overlapping(data.iova, 512)->owner.kind, DmaOwnerKind::command);
  EXPECT_EQ(bench.ledger.overlapping(data.iova + 512, 512), nullptr);
  EXPECT_TRUE(bench.wait(queue));
  EXPECT_EQ(bench.ledger.overlapping(data.iova, 512), nullptr);
}

TEST_F(SlowIoTest, a_write_that_is_on_its_way_when_power_goes_may_land) {
  begin_write(0, 'a');
  EXPECT_EQ(bench.controller->count_cut_outcomes(), 2u);
  bench.controller->power_cut(1);
  EXPECT_NE(bench.media.digest_of(Nsid{1}, Lba{0}), 0u);
  EXPECT_EQ(bench.media.staged_writes(), 0u);
}

TEST(Reset, lets_commands_have_their_effect_only_until_ready_is_zero_and_posts_nothing) {
  int landed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    DriveOptions options = plain_options();
    options.times.write = LatencyTable::fixed(milliseconds(10));
    options.times.disable = milliseconds(8);
    DriveBench bench(options, {}, seed);
    bench.enable();
    HostQueue queue = bench.create_queue_pair(1);
    const HostPages data = bench.pages(512);
    DriveBench::fill(data.bytes, 'a');
    bench.push(queue, DriveBench::with_data(spec::write(Nsid{1}, Lba{0}, 1), data));
    bench.ring(queue);
    bench.run(milliseconds(5));
    bench.push(queue, DriveBench::with_data(spec::write(Nsid{1}, Lba{1}, 1), data));
    bench.ring(queue);
    bench.run(milliseconds(2));
    bench.write32(spec::offset::cc, 0);
    bench.run(milliseconds(7));
    EXPECT_NE(bench.ledger.overlapping(data.iova, 512), nullptr);
    bench.run(milliseconds(1));
    EXPECT_FALSE(bench.csts().get(spec::Csts::rdy));
    EXPECT_TRUE(bench.ledger.holdings().empty());
    EXPECT_FALSE(bench.reap(queue, false));
    landed += bench.media.digest_of(Nsid{1}, Lba{0}) != 0 ? 1 : 0;
    EXPECT_EQ(bench.media.digest_of(Nsid{1}, Lba{1}), 0u);  // due after RDY = 0
    EXPECT_EQ(bench.media.staged_writes(), 0u);
    bench.run(seconds(1));
    EXPECT_EQ(bench.media.digest_of(Nsid{1}, Lba{1}), 0u);
  }
  EXPECT_GT(landed, 0);
  EXPECT_LT(landed, 20);
}

}  // namespace
}  // namespace phasebit::sim
