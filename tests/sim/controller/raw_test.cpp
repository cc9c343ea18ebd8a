// What a drive answers when another drive's bytes, counters and features are laid over it.
#include "sim/controller/identify.hpp"
#include "sim/controller/own_fields.hpp"
#include "src/spec/identify_bits.hpp"
#include "tests/sim/controller/drive_bench.hpp"
#include "tests/sim/controller/statuses.hpp"

namespace phasebit::sim {
namespace {

using namespace statuses;

using Bytes = std::vector<std::uint8_t>;

std::vector<std::byte> page_of(const Bytes& bytes) {
  std::vector<std::byte> page;
  for (const std::uint8_t byte : bytes) {
    page.push_back(std::byte{byte});
  }
  return page;
}

TEST(RawBytes, are_written_as_few_stretches_as_hold_every_difference) {
  std::vector<std::byte> answer(200, std::byte{7});
  std::vector<std::byte> wanted = answer;
  EXPECT_TRUE(difference(answer, wanted, {}).empty());
  wanted[0] = wanted[5] = wanted[30] = wanted[199] = std::byte{1};
  const std::vector<RawBytes> raw = difference(answer, wanted, {});
  ASSERT_EQ(raw.size(), 3u);
  EXPECT_EQ(raw[0].offset, 0u);
  EXPECT_EQ(raw[0].bytes, (Bytes{1, 7, 7, 7, 7, 1}));
  EXPECT_EQ(raw[1].offset, 30u);
  EXPECT_EQ(raw[2].offset, 199u);
  lay_over(raw, {}, answer);
  EXPECT_EQ(answer, wanted);
}

TEST(RawBytes, are_cut_where_a_stretch_becomes_too_long) {
  std::vector<std::byte> answer(150, std::byte{0});
  const std::vector<std::byte> wanted(150, std::byte{9});
  const std::vector<RawBytes> raw = difference(answer, wanted, {});
  ASSERT_EQ(raw.size(), 3u);
  EXPECT_EQ(raw[2].offset, 2 * raw_stretch_bytes_max);
  EXPECT_EQ(raw[2].bytes.size(), 150 - 2 * raw_stretch_bytes_max);
  lay_over(raw, {}, answer);
  EXPECT_EQ(answer, wanted);
}

TEST(RawBytes, leave_the_bits_of_own_fields_alone) {
  const OwnField own[] = {{"A", 1, 2}, {"B bit 4", 3, 1, 0x10}};
  std::vector<std::byte> answer = page_of({0x11, 0x22, 0x33, 0x54, 0x55});
  const std::vector<std::byte> wanted = page_of({0x01, 0x02, 0x33, 0xe4, 0x05});
  EXPECT_TRUE(differs(own[0], answer, wanted));
  EXPECT_TRUE(differs(own[1], answer, wanted));
  EXPECT_FALSE(differs(own[1], answer, page_of({0, 0, 0, 0x1f, 0})));
  const std::vector<RawBytes> raw = difference(answer, wanted, own);
  ASSERT_EQ(raw.size(), 2u) << "no stretch goes over a field that is not its own to change";
  EXPECT_EQ(raw[1].bytes, (Bytes{0xf4, 0x05}));
  answer[3] = std::byte{0x44};  // what the drive says there may change while it runs
  lay_over(raw, own, answer);
  EXPECT_EQ(answer, page_of({0x01, 0x22, 0x33, 0xe4, 0x05}));
}

TEST(RawBytes, own_fields_stand_in_order_and_inside_their_structures) {
  const auto check = [](std::span<const OwnField> fields, std::uint32_t structure_bytes) {
    std::uint32_t end = 0;
    for (const OwnField& field : fields) {
      EXPECT_GE(field.offset, end) << field.name;
      end = field.offset + field.bytes;
    }
    EXPECT_LE(end, structure_bytes);
  };
  check(own_fields_of_identify_controller(), 4096);
  check(own_fields_of_identify_controller_nvm(), 4096);
  check(own_fields_of_identify_namespace(), 4096);
  check(own_fields_of_smart_log(), 512);
}

TEST(RawBytes, that_cannot_be_are_refused_by_name) {
  DriveOptions options;
  options.raw.identify_controller = {{4095, {1}}, {77, {6}}};
  EXPECT_EQ(validate(options), "raw.identify_controller[1].bytes changes MDTS: that is for the drive's other keys to say");
  options.raw.identify_controller = {{77, {5}}};
  EXPECT_EQ(validate(options), "") << "it is what MDTS is anyway";
  options.raw.identify_controller = {{4095, {1, 2}}};
  EXPECT_EQ(validate(options), "raw.identify_controller[0].offset is 4095: with its 2 bytes it may reach to 4096");
  options.raw = {};
  options.raw.smart_log = {{600, {1}}};
  EXPECT_EQ(validate(options), "raw.smart_log[0].offset is 600: with its 1 bytes it may reach to 512");
  options.raw.smart_log = {{0, {0x02}}};
  EXPECT_EQ(validate(options), "raw.smart_log[0].bytes changes Critical Warning bit 1: that is for the drive's other keys to say");
  options.raw = {};
  options.raw.firmware_log = {{511, {1, 2}}};
  EXPECT_EQ(validate(options), "raw.firmware_log[0].offset is 511: with its 2 bytes it may reach to 512");
  options.raw = {};
  options.namespaces[0].raw = {{26, {1}}};
  EXPECT_EQ(validate(options), "namespaces[0].raw makes LBA format 1 the one in use: it has to be of block_bytes, without metadata");
  options.namespaces[0].raw = {{26, {1}}, {132, {8, 0, 9, 0}}};
  EXPECT_EQ(validate(options), "namespaces[0].raw makes LBA format 1 the one in use: it has to be of block_bytes, without metadata");
  options.namespaces[0].raw = {{26, {1}}, {132, {0, 0, 9, 0}}};
  EXPECT_EQ(validate(options), "");
  options = {};
  options.features.power_management = 1;
  EXPECT_EQ(validate(options), "features.power_management is 1: a power state below power_states");
  options = {};
  options.error_log.resize(65);
  EXPECT_EQ(validate(options), "length of error_log is 65: at most error_log_entries");
  options = {};
  options.smart.power_cycles = ~0ull;
  EXPECT_EQ(validate(options), "smart.power_cycles is 18446744073709551615: 0 to 4611686018427387904");
}

/// A drive that has been in use.
DriveOptions used_drive() {
  DriveOptions options = plain_options();
  options.raw.identify_controller = {{72, {3}}, {4, {'S', 0xff}}, {3072, {0xaa}}};
  options.raw.identify_controller_nvm = {{1, {7}}};
  options.raw.smart_log = {{0, {0x01}}, {5, {42}}};
  options.raw.firmware_log = {{0, {2}}, {16, {'2', '.', '0'}}};
  options.namespaces[0].raw = {{25, {1}}, {132, {0, 0, 12, 1}}, {384, {0xbb}}};
  options.smart.temperature = 350;
  options.smart.data_units_read = 1000;
  options.smart.power_cycles = 99;
  options.smart.power_on_hours = 5000;
  options.smart.error_log_entries = 12;
  options.features = {.arbitration = 0x0302'0103,
                      .temperature_over = 345,
                      .temperature_under = 270,
                      .error_recovery = 5,
                      .volatile_write_cache = false,
                      .interrupt_coalescing = 0x0102,
                      .write_atomicity_normal = 1};
  RawErrorLogEntry newest{};
  newest[0] = 12;
  newest[8] = 3;  // SQID
  options.error_log = {newest, RawErrorLogEntry{11}};
  return options;
}

class UsedDriveTest : public testing::Test {
 protected:
  UsedDriveTest() : bench(used_drive()) {
    bench.enable();
    data = bench.pages(4096);
  }
  template <class Structure>
  Structure take() const {
    Structure structure;
    std::memcpy(&structure, data.bytes.data(), sizeof structure);
    return structure;
  }
  template <class Structure>
  Structure identify(spec::Cns cns, std::uint32_t nsid = 0) {
    EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::Identify{cns, Nsid{nsid}}.sqe(), data)).raw, 0);
    return take<Structure>();
  }
  template <class Page>
  Page log(spec::Lid lid) {
    EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::GetLogPage{.lid = lid, .bytes = sizeof(Page)}.sqe(), data)).raw, 0);
    return take<Page>();
  }
  std::uint32_t feature(spec::Fid fid, spec::FeatureSelect select = spec::FeatureSelect::current, std::uint32_t value = 0) {
    const Nsid nsid{fid == spec::Fid::error_recovery ? 1u : 0u};
    return bench.admin_command(spec::GetFeatures{fid, select, value, nsid}.sqe()).dw0;
  }

  DriveBench bench;
  HostPages data;
};

TEST_F(UsedDriveTest, identifies_itself_by_the_raw_bytes) {
  const auto id = identify<spec::IdentifyController>(spec::Cns::controller);
  EXPECT_EQ(id.rab, 3);
  EXPECT_EQ(static_cast<std::uint8_t>(id.sn[1]), 0xff);
  EXPECT_EQ(id.sn[2], 'A') << "the rest is as the options say";
  EXPECT_EQ(id.vendor_specific[0], 0xaa);
  EXPECT_EQ(id.mdts, 5);
  EXPECT_EQ(identify<spec::IdentifyControllerNvm>(spec::Cns::controller_of_command_set).wzsl, 7);
  const auto space = identify<spec::IdentifyNamespace>(spec::Cns::identify_namespace, 1);
  EXPECT_EQ(space.nlbaf, 1);
  EXPECT_EQ(space.lbaf[1].lbads, 12);
  EXPECT_EQ(space.vendor_specific[0], 0xbb);
  EXPECT_EQ(space.nsze, 1u << 20);
}

TEST_F(UsedDriveTest, goes_on_counting_where_it_had_come_to) {
  auto smart = log<spec::SmartLog>(spec::Lid::smart);
  EXPECT_EQ(smart.critical_warning, 0x03) << "350 kelvins are beyond the threshold, and spare was low";
  EXPECT_EQ(smart.percentage_used, 42);
  EXPECT_EQ(smart.available_spare, 100);
  EXPECT_EQ(smart.power_cycles.saturated(), 99u);
  EXPECT_EQ(smart.power_on_hours.saturated(), 5000u);
  EXPECT_EQ(smart.data_units_read.saturated(), 1000u);
  HostQueue queue = bench.create_queue_pair(1);
  EXPECT_TRUE(spec::is_success(bench.perform(queue, DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data)).status()));
  smart = log<spec::SmartLog>(spec::Lid::smart);
  EXPECT_EQ(smart.data_units_read.saturated(), 1001u);
  EXPECT_EQ(smart.host_read_commands.saturated(), 1u);
}

TEST_F(UsedDriveTest, puts_new_errors_before_those_that_it_had) {
  using Log = std::array<spec::ErrorLogEntry, 4>;
  Log errors = log<Log>(spec::Lid::error_information);
  EXPECT_EQ(errors[0].error_count, 12u);
  EXPECT_EQ(errors[0].sqid, 3);
  EXPECT_EQ(errors[1].error_count, 11u);
  EXPECT_EQ(errors[2].error_count, 0u);
  bench.admin_command(spec::admin_sqe(static_cast<spec::AdminOpcode>(0x7f)));
  errors = log<Log>(spec::Lid::error_information);
  EXPECT_EQ(errors[0].error_count, 13u);
  EXPECT_EQ(errors[1].error_count, 12u);
  EXPECT_EQ(log<spec::SmartLog>(spec::Lid::smart).error_log_entries.saturated(), 13u);
}

TEST(UsedErrorLog, counts_on_from_its_newest_entry_even_if_smart_knows_of_none) {
  DriveOptions options = plain_options();
  options.error_log = {RawErrorLogEntry{12}, RawErrorLogEntry{11}};
  DriveBench bench(options);
  bench.enable();
  bench.admin_command(spec::admin_sqe(static_cast<spec::AdminOpcode>(0x7f)));
  const HostPages data = bench.pages(4096);
  EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::GetLogPage{.lid = spec::Lid::error_information, .bytes = 64}.sqe(), data)).raw,
            0);
  EXPECT_EQ(data.bytes[0], std::byte{13});
}

TEST_F(UsedDriveTest, knows_its_firmware_slots) {
  const auto firmware = log<spec::FirmwareSlotLog>(spec::Lid::firmware_slots);
  EXPECT_EQ(firmware.afi, 2);
  EXPECT_EQ(spec::unpadded(firmware.revision[0]), "1.0");
  EXPECT_EQ(spec::unpadded(firmware.revision[1]), "2.0");
}

TEST_F(UsedDriveTest, has_its_features_by_default_and_again_after_a_reset) {
  using spec::FeatureSelect;
  using spec::Fid;
  for (const FeatureSelect select : {FeatureSelect::current, FeatureSelect::default_value, FeatureSelect::saved}) {
    EXPECT_EQ(feature(Fid::arbitration, select), 0x0302'0103u);
    EXPECT_EQ(feature(Fid::error_recovery, select), 5u);
    EXPECT_EQ(feature(Fid::volatile_write_cache, select), 0u);
    EXPECT_EQ(feature(Fid::interrupt_coalescing, select), 0x0102u);
    EXPECT_EQ(feature(Fid::write_atomicity_normal, select), 1u);
    EXPECT_EQ(feature(Fid::temperature_threshold, select), 345u);
    EXPECT_EQ(feature(Fid::temperature_threshold, select, 1u << 20), 270u);
  }
  bench.admin_command(spec::SetFeatures{Fid::arbitration, 1}.sqe());
  EXPECT_EQ(feature(Fid::arbitration), 1u);
  bench.write32(spec::offset::cc, 0);
  ASSERT_TRUE(bench.run_while_not([&] { return !bench.csts().get(spec::Csts::rdy); }));
  bench.enable();
  EXPECT_EQ(feature(Fid::arbitration), 0x0302'0103u);
}

}  // namespace
}  // namespace phasebit::sim
