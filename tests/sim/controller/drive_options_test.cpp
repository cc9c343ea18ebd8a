#include "sim/controller/drive_options.hpp"

#include <gtest/gtest.h>

#include "src/spec/register_units.hpp"

namespace phasebit::sim {
namespace {

TEST(DriveOptions, are_sane_as_they_come) {
  EXPECT_EQ(validate(DriveOptions{}), "");
}

TEST(DriveOptions, name_the_field_and_what_would_be_right) {
  DriveOptions options;
  options.doorbell_stride_exponent = 16;
  EXPECT_EQ(validate(options), "doorbell_stride_exponent is 16: 0 to 15");
  options = {};
  options.namespaces[0].block_bytes = 520;
  EXPECT_EQ(validate(options), "namespaces[0].block_bytes is 520: 512 or 4096");
  options = {};
  options.namespaces = {NamespaceOptions{Nsid{2}}, NamespaceOptions{Nsid{2}}};
  EXPECT_EQ(validate(options), "namespaces[1].nsid is 2: greater than the one before");
  options = {};
  options.namespaces[0].blocks = (1ull << 40) + 1;
  EXPECT_EQ(validate(options), "namespaces[0].blocks is 1099511627777: 1 to 2^40");
  options = {};
  options.times.read.quantiles = {{0, microseconds(2)}, {1'000'000, microseconds(1)}};
  EXPECT_EQ(validate(options), "times.read: a latency table ascends: each point has more parts and at least the time of the one before");
  options = {};
  options.version = spec::version(1, 1);
  EXPECT_EQ(validate(options), "version is 65792: 1.2, 1.3, 1.4 or 2.0");
}

TEST(DriveOptions, have_a_memory_of_their_own_only_where_there_can_be_one) {
  const auto complaint = [](const ControllerMemoryOptions& memory, spec::Vs version = spec::version(2, 0)) {
    DriveOptions options;
    options.version = version;
    options.controller_memory = memory;
    return validate(options);
  };
  ControllerMemoryOptions memory;
  memory.bar = 9;
  EXPECT_EQ(complaint(memory, spec::version(1, 2)), "") << "without bytes there is none to complain of";
  memory.bytes = 4096;
  EXPECT_EQ(complaint(memory), "controller_memory.bar is 9: 0, 2 or 4");
  memory.bar = 0;
  EXPECT_EQ(complaint(memory), "");
  EXPECT_EQ(complaint(memory, spec::version(1, 4)), "");
  EXPECT_EQ(complaint(memory, spec::version(1, 3)), "controller_memory.bytes is 4096: 0 before version 1.4");
  memory.bytes = 4097;
  EXPECT_EQ(complaint(memory), "controller_memory.bytes is 4097: whole pages of 4096, at most 16 MiB");
  memory.bytes = (16 << 20) + 4096;
  EXPECT_EQ(complaint(memory), "controller_memory.bytes is 16781312: whole pages of 4096, at most 16 MiB");
  memory.bytes = 4096;
  memory.offset = 512;
  EXPECT_EQ(complaint(memory), "controller_memory.offset is 512: whole pages of 4096, at most 16 MiB");
}

TEST(DriveOptions, go_as_far_as_the_specification_does) {
  DriveOptions options;
  options.dataset_ranges_max = 255;  // DMRL is one byte
  options.io_submission_queues = options.io_completion_queues = 65535;
  options.namespaces_max = 1;
  EXPECT_EQ(validate(options), "");
  options.dataset_ranges_max = 256;
  EXPECT_EQ(validate(options), "dataset_ranges_max is 256: 0 to 255");
  options = {};
  options.io_submission_queues = 65536;
  EXPECT_EQ(validate(options), "io_submission_queues is 65536: 1 to 65535");
  options = {};
  options.namespaces_max = 0;
  EXPECT_EQ(validate(options), "namespaces_max is 0: 1 to 4294967294");
}

// CAP of a drive with MQES 1023, CQR, WRR, TO 20, DSTRD 3, CSS NVM, MPSMIN 1, MPSMAX 4, CRMS 11b, put together by hand.
TEST(DriveOptions, make_the_capabilities_register) {
  DriveOptions options;
  options.queue_entries_max = 1024;
  options.doorbell_stride_exponent = 3;
  options.page_exponent_min = 1;
  options.ready_modes = 3;
  EXPECT_EQ(capabilities(options).raw, 0x18410023140303ffull);
  options.version = spec::version(1, 4);
  EXPECT_EQ(capabilities(options).raw, 0x00410023140303ffull);
}

TEST(DriveOptions, need_a_bar_that_holds_the_last_doorbell) {
  DriveOptions options;
  options.io_submission_queues = options.io_completion_queues = 64;
  EXPECT_EQ(bar_bytes_min(options), 0x2000u);
  options.doorbell_stride_exponent = 15;
  options.io_submission_queues = 1;
  options.io_completion_queues = 3;
  EXPECT_EQ(bar_bytes_min(options), 0x200000u);
}

TEST(Latency, follows_its_quantiles) {
  const LatencyTable table{{{0, nanoseconds(100)}, {500'000, nanoseconds(200)}, {1'000'000, nanoseconds(1200)}}};
  EXPECT_EQ(table.draw(0), nanoseconds(100));
  EXPECT_EQ(table.draw(0x4000'0000'0000'0000), nanoseconds(150));
  EXPECT_EQ(table.draw(0x8000'0000'0000'0000), nanoseconds(200));
  EXPECT_EQ(table.draw(0xc000'0000'0000'0000), nanoseconds(700));
  EXPECT_LE(table.draw(~0ull), nanoseconds(1200));
  EXPECT_EQ(LatencyTable::fixed(microseconds(3)).draw(~0ull), microseconds(3));
}

}  // namespace
}  // namespace phasebit::sim
