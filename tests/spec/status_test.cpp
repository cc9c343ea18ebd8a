#include "src/spec/status.hpp"

#include <gtest/gtest.h>

#include "src/spec/completion.hpp"

namespace phasebit::spec {
namespace {

TEST(Status, puts_each_part_where_tools_print_it) {
  // The numbers that nvme-cli shows for these: 4002h, 2281h, 1000h (CRD 2).
  EXPECT_EQ(make_status(GenericStatus::invalid_field).with(Status::dnr, true).raw, 0x4002);
  EXPECT_EQ(make_status(MediaStatus::unrecovered_read_error).with(Status::m, true).raw, 0x2281);
  EXPECT_EQ(Status{}.with(Status::crd, 2).raw, 0x1000);
  EXPECT_EQ(make_status(PathStatus::command_aborted_by_host).raw, 0x371);
}

TEST(Status, is_told_by_type_and_code_alone) {
  EXPECT_TRUE(is_success(Status{0x7800}));
  EXPECT_FALSE(is_success(Status{0x0100}));
  EXPECT_TRUE(is(Status{0x6286}, MediaStatus::access_denied));
  EXPECT_FALSE(is(Status{0x0086}, MediaStatus::access_denied));
}

TEST(Status, has_the_specifications_words) {
  EXPECT_EQ(status_name(Status{0x0000}), "Successful Completion");
  EXPECT_EQ(status_name(Status{0x4002}), "Invalid Field in Command");
  EXPECT_EQ(status_name(Status{0x0080}), "LBA Out of Range");
  EXPECT_EQ(status_name(Status{0x0180}), "Conflicting Attributes");
  EXPECT_EQ(status_name(Status{0x0103}), "Abort Command Limit Exceeded");
  EXPECT_EQ(status_name(Status{0x0281}), "Unrecovered Read Error");
  EXPECT_EQ(status_name(Status{0x0371}), "Command Aborted By Host");
  EXPECT_EQ(status_name(Status{0x07aa}), "Vendor Specific");
  EXPECT_EQ(status_name(Status{0x00c0}), "Vendor Specific");
  EXPECT_EQ(status_name(Status{0x0017}), "Unknown");
}

TEST(Status, is_found_by_its_name_and_gives_it_back) {
  EXPECT_EQ(status_from_name("lba_out_of_range"), Status{0x0080});
  EXPECT_EQ(status_from_name("unrecovered_read_error"), Status{0x0281});
  EXPECT_EQ(status_from_name("invalid_interrupt_vector"), Status{0x0108});
  EXPECT_FALSE(status_from_name("").has_value());
  EXPECT_FALSE(status_from_name("lba").has_value());
  int named = 0;
  for (std::uint32_t raw = 0; raw < 0x800; ++raw) {
    const Status status{static_cast<std::uint16_t>(raw)};
    if (const auto identifier = status_identifier(status); !identifier.empty()) {
      EXPECT_EQ(status_from_name(identifier), status) << identifier;
      ++named;
    }
  }
  EXPECT_EQ(named, 105);  // 41 generic, 48 command specific, 9 media, 7 path
}

TEST(Cqe, is_the_same_by_field_and_by_dword) {
  // SQ 3 at head 0012h, CID BEEFh, phase 1, DNR with Invalid Field: DW3 = 8005BEEFh.
  const CqeDwords dwords{0x11223344, 0, 0x0003'0012, 0x8005'beef};
  const Cqe cqe = cqe_from(dwords);
  EXPECT_EQ(cqe.dw0, 0x11223344u);
  EXPECT_EQ(cqe.sqhd, 0x0012);
  EXPECT_EQ(cqe.sqid, 3);
  EXPECT_EQ(cqe.cid, 0xbeef);
  EXPECT_TRUE(cqe.phase());
  EXPECT_EQ(cqe.status(), Status{0x4002});
  EXPECT_EQ(dwords_of(cqe), dwords);
}

}  // namespace
}  // namespace phasebit::spec
