// What the emulated drive answers to Identify, read through libnvme's structures, which were written by others.
#include <gtest/gtest.h>
#include <libnvme.h>

#include <cstring>

#include "tests/sim/controller/drive_bench.hpp"

namespace phasebit::sim {
namespace {

/// libnvme keeps its fields as they lie in memory.
template <class Value>
Value host(Value little_endian) {
  return swap_if_big_endian(little_endian);
}

template <class Structure>
Structure ask(DriveBench& bench, spec::Cns cns, Nsid nsid) {
  const HostPages data = bench.pages(4096);
  EXPECT_EQ(bench.admin_status(DriveBench::with_data(spec::Identify{cns, nsid}.sqe(), data)).raw, 0);
  Structure structure;
  static_assert(sizeof(structure) == 4096);
  std::memcpy(&structure, data.bytes.data(), sizeof(structure));
  return structure;
}

TEST(IdentifyAsOthersReadIt, gives_every_limit_of_the_controller) {
  DriveOptions options = plain_options();
  options.serial = "S123";
  options.transfer_exponent_max = 6;
  options.aborts_max = 3;
  options.async_events_max = 5;
  options.error_log_entries = 17;
  options.shutdown_latency = milliseconds(1234);
  options.namespaces_max = 77;
  options.atomic_blocks_power_fail = 9;
  options.keep_alive_steps = 10;
  options.retry_delay_steps = {1, 2, 3};
  DriveBench bench(options);
  bench.enable();
  const auto id = ask<nvme_id_ctrl>(bench, spec::Cns::controller, nsid_none);
  EXPECT_EQ(std::string(id.sn, 20), "S123                ");
  EXPECT_EQ(std::string(id.fr, 8), "1.0     ");
  EXPECT_EQ(host(id.vid), 0x1b36);
  EXPECT_EQ(id.mdts, 6);
  EXPECT_EQ(host(id.ver), 0x0002'0000u);
  EXPECT_EQ(host(id.rtd3e), 1'234'000u);
  EXPECT_EQ(host(id.oaes), 0x100u);
  EXPECT_EQ(id.cntrltype, 1);
  EXPECT_EQ(host(id.crdt1), 1);
  EXPECT_EQ(host(id.crdt3), 3);
  EXPECT_EQ(id.acl, 2);
  EXPECT_EQ(id.aerl, 4);
  EXPECT_EQ(id.elpe, 16);
  EXPECT_EQ(id.npss, 0);
  EXPECT_EQ(id.frmw, 0x03);
  EXPECT_EQ(id.lpa, NVME_CTRL_LPA_CMD_EFFECTS | NVME_CTRL_LPA_EXTENDED | 1 << 5);
  EXPECT_EQ(host(id.wctemp), 343);
  EXPECT_EQ(host(id.kas), 10);
  EXPECT_EQ(id.sqes, 0x66);
  EXPECT_EQ(id.cqes, 0x44);
  EXPECT_EQ(host(id.nn), 77u);
  EXPECT_EQ(host(id.oncs), NVME_CTRL_ONCS_COMPARE | NVME_CTRL_ONCS_WRITE_UNCORRECTABLE | NVME_CTRL_ONCS_DSM | NVME_CTRL_ONCS_WRITE_ZEROES |
                               NVME_CTRL_ONCS_SAVE_FEATURES | NVME_CTRL_ONCS_VERIFY);
  EXPECT_EQ(id.vwc, NVME_CTRL_VWC_PRESENT | NVME_CTRL_VWC_FLUSH);
  EXPECT_EQ(host(id.awupf), 8);
  EXPECT_EQ(host(id.oacs), 0);
  EXPECT_EQ(host(id.sgls), 0u);
  EXPECT_EQ(host(id.psd[0].mp), 2500);
  EXPECT_EQ(std::string(id.subnqn), "nqn.2024-01.example.phasebit:drive:S123");
}

TEST(IdentifyAsOthersReadIt, gives_size_and_format_of_a_namespace) {
  DriveOptions options = plain_options();
  options.optimal_io_boundary_blocks = 64;
  options.namespaces = {NamespaceOptions{Nsid{2}, 12345, 4096}};
  options.namespaces[0].nguid[0] = 0xab;
  options.namespaces[0].eui64[7] = 0xcd;
  DriveBench bench(options);
  bench.enable();
  const auto id = ask<nvme_id_ns>(bench, spec::Cns::identify_namespace, Nsid{2});
  EXPECT_EQ(host(id.nsze), 12345u);
  EXPECT_EQ(host(id.ncap), 12345u);
  EXPECT_EQ(id.nlbaf, 0);
  EXPECT_EQ(id.flbas, 0);
  EXPECT_EQ(id.lbaf[0].ds, 12);
  EXPECT_EQ(host(id.lbaf[0].ms), 0);
  EXPECT_EQ(host(id.noiob), 64);
  EXPECT_EQ(id.dlfeat & 7, 1);
  EXPECT_EQ(id.nguid[0], 0xab);
  EXPECT_EQ(id.eui64[7], 0xcd);
}

}  // namespace
}  // namespace phasebit::sim
