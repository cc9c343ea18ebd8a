#include "scenarios/traces/trace.hpp"

#include <gtest/gtest.h>

namespace phasebit::scenarios {
namespace {

TEST(FioIolog, of_version_3_gives_each_request_its_time_stamp) {
  const auto trace = parse_trace(
      "fio version 3 iolog\n14 /tmp/fio.dat add\n159 /tmp/fio.dat open\n163 /tmp/fio.dat read 0 4096\n597 /tmp/fio.dat write 28672 4096\n"
      "771 /tmp/fio.dat sync 61440 0\n800 /tmp/fio.dat trim 8192 512\n12019 /tmp/fio.dat close\n");
  ASSERT_TRUE(trace.has_value()) << trace.error().message;
  const Trace expected = {{microseconds(163), TraceAction::read, false, 0, 4096},
                          {microseconds(597), TraceAction::write, false, 28672, 4096},
                          {microseconds(771), TraceAction::flush, false, 0, 0},
                          {microseconds(800), TraceAction::trim, false, 8192, 512}};
  EXPECT_EQ(*trace, expected);
}

TEST(FioIolog, of_version_2_moves_time_on_by_its_waits) {
  const auto trace = parse_trace(
      "fio version 2 iolog\r\n/dev/x add\r\n/dev/x open\r\n/dev/x read 512 512\r\n/dev/x wait 250 0\r\n/dev/x datasync 0 0\r\n");
  ASSERT_TRUE(trace.has_value()) << trace.error().message;
  const Trace expected = {{microseconds(0), TraceAction::read, false, 512, 512}, {microseconds(250), TraceAction::flush, false, 0, 0}};
  EXPECT_EQ(*trace, expected);
}

TEST(Blkparse, takes_what_was_issued_to_the_driver) {
  const auto trace = parse_trace(
      "  8,0    3        1     0.000000000   697  Q   W 223490 + 8 [kjournald]\n"
      "  8,0    3        2     0.000001829   697  D   W 223490 + 8 [kjournald]\n"
      "  8,0    3        3     1.000002500     0  D WFS 1 + 1 [fsync]\n"
      "  8,0    3        4     1.000003000     0  D  FN [kworker/0:1H]\n"
      "  8,0    3        5     1.000003100     0  D RAM 16 + 4 [ls]\n"
      "  8,0    3        6     1.000003200     0  D  DS 64 + 128 [fstrim]\n"
      "  8,0    3        7     1.000004000     0  C   W 223490 + 8 [0]\n"
      "CPU3 (sda):\n Reads Queued:           0,        0KiB\t Writes Queued:           1,        4KiB\n");
  ASSERT_TRUE(trace.has_value()) << trace.error().line << ": " << trace.error().message;
  const Trace expected = {{nanoseconds(1829), TraceAction::write, false, 223490ull * 512, 4096},
                          {nanoseconds(1'000'002'500), TraceAction::write, true, 512, 512},
                          {nanoseconds(1'000'003'000), TraceAction::flush, false, 0, 0},
                          {nanoseconds(1'000'003'100), TraceAction::read, false, 16ull * 512, 2048},
                          {nanoseconds(1'000'003'200), TraceAction::trim, false, 64ull * 512, 65536}};
  EXPECT_EQ(*trace, expected);
}

TEST(Blkparse, splits_a_write_that_flushes_first) {
  const auto trace = parse_trace("  8,0    3        2     0.000001829   697  D FWFS 8 + 8 [x]\n");
  ASSERT_TRUE(trace.has_value());
  const Trace expected = {{nanoseconds(1829), TraceAction::flush, false, 0, 0}, {nanoseconds(1829), TraceAction::write, true, 4096, 4096}};
  EXPECT_EQ(*trace, expected);
}

struct BadTrace {
  const char* text;
  std::uint32_t line;
  const char* says;
};

TEST(Trace, says_which_line_is_wrong_and_what_would_be_right) {
  const BadTrace bad[] = {
      {"", 0, "no request"},
      {"fio version 4 iolog\n", 1, "version 2"},
      {"fio version 2 iolog\n", 0, "no request"},
      {"fio version 2 iolog\n/x read 0\n", 2, "OFFSET LENGTH"},
      {"fio version 2 iolog\n/x read 0 -1\n", 2, "offset and length"},
      {"fio version 2 iolog\n/x read 18446744073709551615 512\n", 2, "offset and length"},
      {"fio version 2 iolog\n/x read 0 0\n", 2, "0 bytes"},
      {"fio version 2 iolog\n/x read 0 16777216\n/x write 0 16777217\n", 3, "16777217 bytes; 1 to 16777216 are done"},
      {"fio version 2 iolog\n/x trim 0 4294967296\n/x trim 0 4294967297\n", 3, "4294967297 bytes; 1 to 4294967296 are done"},
      {"fio version 2 iolog\n/x wait 900000000000000 0\n/x wait 100000000000001 0\n", 3, "waits 100000000000001 us"},
      {"  8,0 3 1 0.000000000 697 D W 16 + 32769 [x]\n", 1, "16777728 bytes; 1 to 16777216 are done"},
      {"fio version 2 iolog\n/x jump 0 512\n", 2, "unknown action \"jump\""},
      {"fio version 2 iolog\n/x jump\n", 2, "unknown file action"},
      {"fio version 3 iolog\n1 /x wait 5 0\n", 2, "unknown action \"wait\""},
      {"fio version 3 iolog\n/x read 0 512\n", 2, "time stamp"},
      {"fio version 2 iolog\n/x add\n/y add\n", 3, "second file"},
      {"hello world\n", 1, "event of blkparse"},
      {"  8,0    3        2     0.000001829   697  D   W\n", 1, "SECTOR"},
      {"  8,0    3        2     0.000001829   697\n", 1, "RWBS"},
      {"  8,0    3        2     0.18   697  D   W 1 + 1 [x]\n", 1, "NANOSECONDS"},
      {"  8,0    3        2     0.000000001   697  D   W 36028797018963968 + 1 [x]\n", 1, "SECTOR"},
  };
  for (const BadTrace& trace : bad) {
    const auto parsed = parse_trace(trace.text);
    ASSERT_FALSE(parsed.has_value()) << trace.text;
    EXPECT_EQ(parsed.error().line, trace.line) << trace.text;
    EXPECT_NE(parsed.error().message.find(trace.says), std::string::npos) << parsed.error().message;
  }
}

}  // namespace
}  // namespace phasebit::scenarios
