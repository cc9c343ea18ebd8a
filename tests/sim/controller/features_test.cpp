#include "tests/sim/controller/drive_bench.hpp"
#include "tests/sim/controller/statuses.hpp"

namespace phasebit::sim {
namespace {

using namespace statuses;

using spec::FeatureSelect;
using spec::Fid;

class FeaturesTest : public testing::Test {
 protected:
  explicit FeaturesTest(const DriveOptions& options = plain_options()) : bench(options) {
    bench.enable();
    data = bench.pages(8192);
  }
  std::uint16_t set(Fid fid, std::uint32_t value, std::uint32_t nsid = 0, bool save = false) {
    return bench.admin_status(DriveBench::with_data(spec::SetFeatures{fid, value, Nsid{nsid}, save}.sqe(), data)).raw;
  }
  std::uint32_t get(Fid fid, FeatureSelect select = FeatureSelect::current, std::uint32_t value = 0, std::uint32_t nsid = 0) {
    const spec::Cqe cqe = bench.admin_command(DriveBench::with_data(spec::GetFeatures{fid, select, value, Nsid{nsid}}.sqe(), data));
    return spec::is_success(cqe.status()) ? cqe.dw0.get() : 0xbad0'0000u | spec::verdict_of(cqe.status()).raw;
  }
  void reset() {
    bench.write32(spec::offset::cc, 0);
    ASSERT_TRUE(bench.run_while_not([&] { return !bench.csts().get(spec::Csts::rdy); }));
    bench.enable();
  }

  DriveBench bench;
  HostPages data;
};

TEST_F(FeaturesTest, have_current_default_and_saved_values) {
  EXPECT_EQ(get(Fid::arbitration), 0u);
  EXPECT_EQ(set(Fid::arbitration, 0x0302'0103), 0);
  EXPECT_EQ(get(Fid::arbitration), 0x0302'0103u);
  EXPECT_EQ(get(Fid::arbitration, FeatureSelect::saved), 0u);
  EXPECT_EQ(get(Fid::arbitration, FeatureSelect::default_value), 0u);
  EXPECT_EQ(set(Fid::interrupt_coalescing, 0x0507, 0, true), 0);
  EXPECT_EQ(get(Fid::interrupt_coalescing, FeatureSelect::saved), 0x0507u);
  EXPECT_EQ(get(Fid::arbitration, FeatureSelect::supported_capabilities), 5u);       // saveable, changeable
  EXPECT_EQ(get(Fid::error_recovery, FeatureSelect::supported_capabilities), 7u);    // and of a namespace
  EXPECT_EQ(get(Fid::number_of_queues, FeatureSelect::supported_capabilities), 4u);  // changeable
  reset();
  EXPECT_EQ(get(Fid::arbitration), 0u);
  EXPECT_EQ(get(Fid::interrupt_coalescing), 0x0507u);
}

TEST_F(FeaturesTest, refuse_what_they_do_not_know_or_cannot_take) {
  for (const std::uint8_t fid : {0x00, 0x03, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x19, 0x1f, 0x80, 0x84, 0xc0}) {
    EXPECT_EQ(set(static_cast<Fid>(fid), 0), invalid_field) << int{fid};
    EXPECT_EQ(get(static_cast<Fid>(fid)), 0xbad0'0002u) << int{fid};
  }
  EXPECT_EQ(get(Fid::arbitration, static_cast<FeatureSelect>(5)), 0xbad0'0002u);
  EXPECT_EQ(set(Fid::power_management, 1), invalid_field);
  EXPECT_EQ(set(Fid::error_recovery, 1u << 16, 1), invalid_field);
  EXPECT_EQ(set(Fid::temperature_threshold, 3u << 16 | 300), invalid_field);
  EXPECT_EQ(set(Fid::interrupt_vector_configuration, 65), invalid_field);
}

TEST_F(FeaturesTest, know_what_can_be_saved_and_what_belongs_to_a_namespace) {
  EXPECT_EQ(set(Fid::number_of_queues, 0, 0, true), not_saveable);
  EXPECT_EQ(set(Fid::arbitration, 0, 1), not_namespace_specific);
  EXPECT_EQ(set(Fid::arbitration, 0, 0xffff'ffff), 0);
  EXPECT_EQ(set(Fid::arbitration, 0, 99), invalid_namespace);
  EXPECT_EQ(set(Fid::error_recovery, 3, 1), 0);
  EXPECT_EQ(set(Fid::error_recovery, 3, 2), invalid_field);
}

TEST_F(FeaturesTest, of_a_namespace_are_set_for_one_or_all_and_got_of_one) {
  EXPECT_EQ(set(Fid::error_recovery, 3, 0xffff'ffff), 0);
  EXPECT_EQ(get(Fid::error_recovery, FeatureSelect::current, 0, 1), 3u);
  EXPECT_EQ(set(Fid::error_recovery, 4, 0), invalid_namespace);
  for (const std::uint32_t nsid : {0u, 99u, 0xffff'ffffu}) {
    EXPECT_EQ(get(Fid::error_recovery, FeatureSelect::current, 0, nsid), 0xbad0'000bu) << nsid;
  }
  EXPECT_EQ(get(Fid::error_recovery, FeatureSelect::current, 0, 2), 0xbad0'0002u);
  EXPECT_EQ(get(Fid::arbitration, FeatureSelect::current, 0, 0xffff'ffff), 0u) << "which is of no namespace";
}

TEST_F(FeaturesTest, keep_thresholds_and_vectors_apart) {
  EXPECT_EQ(get(Fid::temperature_threshold), 343u);
  EXPECT_EQ(set(Fid::temperature_threshold, 350), 0);
  EXPECT_EQ(set(Fid::temperature_threshold, 1u << 20 | 280), 0);
  EXPECT_EQ(get(Fid::temperature_threshold), 350u);
  EXPECT_EQ(get(Fid::temperature_threshold, FeatureSelect::current, 1u << 20), 280u);
  EXPECT_EQ(set(Fid::interrupt_vector_configuration, 1u << 16 | 3), 0);
  EXPECT_EQ(get(Fid::interrupt_vector_configuration, FeatureSelect::current, 3), 0x1'0003u);
  EXPECT_EQ(get(Fid::interrupt_vector_configuration, FeatureSelect::current, 4), 4u);
}

TEST_F(FeaturesTest, take_and_give_host_behavior_as_data) {
  std::ranges::fill(data.bytes, std::byte{0});
  data.bytes[0] = std::byte{1};
  EXPECT_EQ(set(Fid::host_behavior_support, 0), 0);
  std::ranges::fill(data.bytes, std::byte{0x55});
  EXPECT_EQ(get(Fid::host_behavior_support), 0u);
  EXPECT_EQ(data.bytes[0], std::byte{1});
  EXPECT_EQ(data.bytes[511], std::byte{0});
  EXPECT_EQ(data.bytes[512], std::byte{0x55});
}

TEST_F(FeaturesTest, without_save_and_select_only_give_current_values) {
  DriveOptions options = plain_options();
  options.save_and_select = false;
  DriveBench plain(options);
  plain.enable();
  EXPECT_EQ(plain.admin_status(spec::GetFeatures{Fid::arbitration, FeatureSelect::saved}.sqe()).raw, invalid_field);
  EXPECT_EQ(plain.admin_status(spec::SetFeatures{Fid::arbitration, 0, Nsid{}, true}.sqe()).raw, not_saveable);
}

class LogPagesTest : public FeaturesTest {
 protected:
  std::uint16_t read(spec::Lid lid, std::uint64_t bytes, std::uint64_t offset = 0, std::uint32_t nsid = 0xffff'ffff) {
    DriveBench::fill(data.bytes, '?');
    return bench.admin_status(DriveBench::with_data(spec::GetLogPage{lid, Nsid{nsid}, bytes, offset}.sqe(), data)).raw;
  }
  std::uint32_t dword(std::size_t index) const {
    Le32 value;
    std::memcpy(&value, data.bytes.data() + index * 4, 4);
    return value;
  }
};

TEST_F(LogPagesTest, that_exist_are_listed_and_the_others_refused) {
  EXPECT_EQ(read(spec::Lid::supported_log_pages, 1024), 0);
  for (std::uint32_t lid = 0; lid < 256; ++lid) {
    const bool listed = (dword(lid) & 1) != 0;
    EXPECT_EQ(listed, lid <= 5) << lid;
  }
  for (std::uint32_t lid = 0; lid < 256; ++lid) {
    EXPECT_EQ(read(static_cast<spec::Lid>(lid), 4), lid <= 5 ? 0 : invalid_log_page) << lid;
  }
}

TEST_F(LogPagesTest, name_the_commands_and_their_effects) {
  EXPECT_EQ(read(spec::Lid::command_effects, 4096), 0);
  EXPECT_EQ(dword(0x06), 1u);        // Identify
  EXPECT_EQ(dword(0x18), 0u);        // Keep Alive is not offered
  EXPECT_EQ(dword(256 + 0x01), 3u);  // Write changes content
  EXPECT_EQ(dword(256 + 0x02), 1u);  // Read does not
  EXPECT_EQ(dword(256 + 0x0d), 0u);
}

TEST_F(LogPagesTest, name_the_commands_of_one_command_set_if_there_can_be_several) {
  DriveOptions options = plain_options();
  options.command_sets = 0x41;  // NVM, and what Identify lists
  DriveBench several(options);
  several.enable(16, 16, spec::Cc{}.with(spec::Cc::css, spec::Css::all_supported));
  const auto read_from = [](DriveBench& drive, spec::Csi csi) {
    spec::GetLogPage command{spec::Lid::command_effects, nsid_all, 4096};
    command.csi = csi;
    return drive.admin_status(DriveBench::with_data(command.sqe(), drive.pages(8192))).raw;
  };
  EXPECT_EQ(read_from(several, spec::Csi::nvm), 0);
  EXPECT_EQ(read_from(several, static_cast<spec::Csi>(1)), invalid_field);
  EXPECT_EQ(read_from(bench, static_cast<spec::Csi>(1)), 0) << "where CC.CSS knows of one only, the field has no meaning";
}

TEST_F(LogPagesTest, begin_at_their_offset_and_end_in_zeroes) {
  EXPECT_EQ(read(spec::Lid::firmware_slots, 512), 0);
  EXPECT_EQ(dword(0), 1u);
  EXPECT_EQ(dword(2), 0x20302e31u);  // "1.0 "
  EXPECT_EQ(read(spec::Lid::firmware_slots, 1024, 8), 0);
  EXPECT_EQ(dword(0), 0x20302e31u);
  EXPECT_EQ(dword(255), 0u);
  EXPECT_EQ(read(spec::Lid::firmware_slots, 4, 6), invalid_field);
  EXPECT_EQ(read(spec::Lid::firmware_slots, 4, 516), invalid_field);
  EXPECT_EQ(read(spec::Lid::smart, 512, 0, 1), invalid_field);
  EXPECT_EQ(read(spec::Lid::smart, 512, 0, 99), invalid_namespace);
}

TEST_F(LogPagesTest, of_changed_namespaces_are_cleared_by_reading_unless_retained) {
  bench.controller->set_namespace_active(Nsid{1}, false);
  const auto read_changed = [&](bool retain) {
    spec::GetLogPage command{spec::Lid::changed_namespaces, nsid_all, 4096};
    command.retain_asynchronous_event = retain;
    EXPECT_EQ(bench.admin_status(DriveBench::with_data(command.sqe(), data)).raw, 0);
    return dword(0);
  };
  EXPECT_EQ(read_changed(true), 1u);
  EXPECT_EQ(read_changed(false), 1u);
  EXPECT_EQ(read_changed(false), 0u);
}

}  // namespace
}  // namespace phasebit::sim
