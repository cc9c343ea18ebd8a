#include "sim/controller/identify.hpp"

#include "src/spec/identify_lists.hpp"
#include "tests/sim/controller/drive_bench.hpp"
#include "tests/sim/controller/statuses.hpp"

namespace phasebit::sim {
namespace {

using namespace statuses;

DriveOptions named_namespaces(spec::Vs version = spec::version(2, 0)) {
  DriveOptions options = plain_options();
  options.version = version;
  NamespaceOptions one{Nsid{1}, 1000, 512};
  one.eui64 = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
  one.nguid = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf};
  NamespaceOptions three{Nsid{3}, 1ull << 40, 4096};
  options.namespaces = {one, NamespaceOptions{Nsid{2}, 5, 512, false}, three};
  return options;
}

class IdentifyTest : public testing::Test {
 protected:
  explicit IdentifyTest(spec::Vs version = spec::version(2, 0)) : bench(named_namespaces(version)) {
    bench.enable();
    data = bench.pages(4096);
  }
  std::uint16_t ask(spec::Cns cns, std::uint32_t nsid = 0, spec::Csi csi = spec::Csi::nvm) {
    DriveBench::fill(data.bytes, '?');
    return bench.admin_status(DriveBench::with_data(spec::Identify{cns, Nsid{nsid}, 0, 0, csi}.sqe(), data)).raw;
  }
  std::vector<std::uint32_t> list() const {
    std::vector<std::uint32_t> nsids;
    for (std::size_t i = 0; i < 1024; ++i) {
      Le32 nsid;
      std::memcpy(&nsid, data.bytes.data() + i * 4, 4);
      if (nsid == 0) {
        break;
      }
      nsids.push_back(nsid);
    }
    return nsids;
  }
  std::uint8_t byte(std::size_t at) const { return static_cast<std::uint8_t>(data.bytes[at]); }

  DriveBench bench;
  HostPages data;
};

TEST_F(IdentifyTest, lists_active_namespaces_that_come_after_the_one_given) {
  EXPECT_EQ(ask(spec::Cns::active_namespaces, 0), 0);
  EXPECT_EQ(list(), (std::vector<std::uint32_t>{1, 3}));
  EXPECT_EQ(ask(spec::Cns::active_namespaces, 1), 0);
  EXPECT_EQ(list(), (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(ask(spec::Cns::active_namespaces, 3), 0);
  EXPECT_EQ(list(), std::vector<std::uint32_t>{});
  EXPECT_EQ(ask(spec::Cns::active_namespaces, 0xffff'fffd), 0);
  EXPECT_EQ(ask(spec::Cns::active_namespaces, 0xffff'fffe), invalid_namespace);
  EXPECT_EQ(ask(spec::Cns::active_namespaces, 0xffff'ffff), invalid_namespace);
}

TEST_F(IdentifyTest, gives_zeroes_for_an_inactive_namespace_and_refuses_one_that_cannot_be) {
  EXPECT_EQ(ask(spec::Cns::identify_namespace, 2), 0);
  EXPECT_TRUE(std::ranges::all_of(data.bytes, [](std::byte b) { return b == std::byte{0}; }));
  EXPECT_EQ(ask(spec::Cns::identify_namespace, 0), invalid_namespace);
  EXPECT_EQ(ask(spec::Cns::identify_namespace, 17), invalid_namespace);
  EXPECT_EQ(ask(spec::Cns::identify_namespace, 0xffff'ffff), invalid_namespace);
}

TEST_F(IdentifyTest, describes_a_namespace_by_each_identifier_that_it_has) {
  EXPECT_EQ(ask(spec::Cns::namespace_descriptors, 1), 0);
  EXPECT_EQ(byte(0), 1);  // EUI-64
  EXPECT_EQ(byte(1), 8);
  EXPECT_EQ(byte(4), 0x01);
  EXPECT_EQ(byte(12), 2);  // NGUID
  EXPECT_EQ(byte(13), 16);
  EXPECT_EQ(byte(16), 0xa0);
  EXPECT_EQ(byte(32), 4);  // CSI
  EXPECT_EQ(byte(33), 1);
  EXPECT_EQ(byte(36), 0);
  EXPECT_EQ(byte(37), 0);
  EXPECT_EQ(ask(spec::Cns::namespace_descriptors, 3), 0);
  EXPECT_EQ(byte(0), 4);
  EXPECT_EQ(ask(spec::Cns::namespace_descriptors, 2), invalid_field);
  EXPECT_EQ(ask(spec::Cns::namespace_descriptors, 99), invalid_namespace);
}

TEST_F(IdentifyTest, refuses_structures_that_it_does_not_have) {
  for (const std::uint8_t cns : {0x04, 0x09, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0xff}) {
    EXPECT_EQ(ask(static_cast<spec::Cns>(cns), 1), invalid_field) << int{cns};
  }
  EXPECT_EQ(ask(spec::Cns::controller_of_command_set, 0, spec::Csi::zoned), invalid_field);
  EXPECT_EQ(ask(spec::Cns::controller_of_command_set, 0), 0);
  EXPECT_EQ(ask(spec::Cns::namespace_of_command_set, 1), 0);
  EXPECT_EQ(ask(spec::Cns::active_namespaces_of_command_set, 0), 0);
  EXPECT_EQ(list(), (std::vector<std::uint32_t>{1, 3}));
  EXPECT_EQ(ask(spec::Cns::namespace_independent, 1), 0);
  EXPECT_EQ(byte(14), 1);
}

TEST(IdentifyByVersion, offers_what_its_version_knows) {
  const auto status = [](spec::Vs version, spec::Cns cns, std::uint32_t nsid) {
    DriveBench bench(named_namespaces(version));
    bench.enable();
    const HostPages data = bench.pages(4096);
    return bench.admin_status(DriveBench::with_data(spec::Identify{cns, Nsid{nsid}}.sqe(), data)).raw;
  };
  EXPECT_EQ(status(spec::version(1, 2), spec::Cns::namespace_descriptors, 1), invalid_field);
  EXPECT_EQ(status(spec::version(1, 3), spec::Cns::namespace_descriptors, 1), 0);
  EXPECT_EQ(status(spec::version(1, 4), spec::Cns::controller_of_command_set, 0), invalid_field);
  EXPECT_EQ(identify_controller(named_namespaces(spec::version(1, 3))).cntrltype, 0);
  EXPECT_EQ(identify_controller(named_namespaces(spec::version(1, 4))).cntrltype, 1);
  EXPECT_EQ(identify_controller(named_namespaces(spec::version(1, 2))).lpa & 4, 0);
}

TEST(IdentifyCommandSets, are_listed_where_several_may_be_enabled) {
  DriveOptions options = plain_options();
  options.command_sets = 0x41;
  DriveBench bench(options);
  bench.enable(16, 16, spec::Cc{}.with(spec::Cc::css, spec::Css::all_supported));
  const HostPages data = bench.pages(4096);
  EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::Identify{spec::Cns::io_command_sets}.sqe(), data)).raw, 0);
  EXPECT_EQ(data.bytes[0], std::byte{1});
}

TEST(IdentifyCommandSets, are_known_to_an_older_drive_that_says_so_in_its_capabilities) {
  DriveOptions options = named_namespaces(spec::version(1, 4));
  options.command_sets = 0x41;
  DriveBench bench(options);
  bench.enable();
  const HostPages data = bench.pages(4096);
  const auto ask = [&](spec::Cns cns, std::uint32_t nsid) {
    return bench.admin_status(DriveBench::with_data(spec::Identify{cns, Nsid{nsid}}.sqe(), data)).raw;
  };
  EXPECT_EQ(ask(spec::Cns::io_command_sets, 0), 0);
  EXPECT_EQ(data.bytes[0], std::byte{1});
  EXPECT_EQ(ask(spec::Cns::namespace_of_command_set, 1), 0);
  EXPECT_EQ(ask(spec::Cns::controller_of_command_set, 0), 0);
  EXPECT_EQ(ask(spec::Cns::active_namespaces_of_command_set, 0), 0);
  EXPECT_EQ(data.bytes[0], std::byte{1});
  EXPECT_EQ(ask(spec::Cns::namespace_descriptors, 3), 0);
  EXPECT_EQ(data.bytes[0], std::byte{4}) << "NIDT of the CSI";
  EXPECT_EQ(ask(spec::Cns::namespace_independent, 1), invalid_field) << "that came with VS 2.0";
}

TEST(ActiveList, goes_on_beyond_1024_namespaces) {
  DriveOptions options = plain_options();
  options.namespaces_max = 3000;
  options.namespaces.clear();
  for (std::uint32_t nsid = 1; nsid <= 2100; ++nsid) {
    options.namespaces.push_back(NamespaceOptions{Nsid{nsid}, 8});
  }
  DriveBench bench(options);
  bench.enable();
  const HostPages data = bench.pages(4096);
  std::uint32_t last = 0;
  std::size_t count = 0;
  for (int page = 0; page < 3; ++page) {
    EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::Identify{spec::Cns::active_namespaces, Nsid{last}}.sqe(), data)).raw, 0);
    spec::NamespaceList list;
    std::memcpy(&list, data.bytes.data(), sizeof(list));
    for (const Le32& nsid : list.nsid) {
      if (nsid != 0) {
        EXPECT_EQ(nsid, last + 1);
        last = nsid;
        ++count;
      }
    }
  }
  EXPECT_EQ(count, 2100u);
}

}  // namespace
}  // namespace phasebit::sim
