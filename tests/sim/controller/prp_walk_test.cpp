#include "sim/controller/prp_walk.hpp"

#include "tests/sim/controller/drive_bench.hpp"
#include "tests/sim/controller/statuses.hpp"

namespace phasebit::sim {
namespace {

using namespace statuses;

/// Walks against lists made by hand.
class PrpWalk : public testing::Test {
 protected:
  spec::Status walk(std::uint64_t prp1, std::uint64_t prp2, std::uint64_t bytes, std::uint32_t page_bytes = 4096) {
    pieces.clear();
    bench.keeper.events.clear();
    const Wiring wiring{0, bench.options, bench.port, bench.plan, bench.stream, bench.media, bench.interrupts, 1, bench.region.resource()};
    return walk_prp({Qid{1}, Cid{9}, prp1, prp2, bytes, page_bytes}, wiring, pieces);
  }
  /// Writes entries into a list at an offset.
  static void put(const HostPages& list, std::uint64_t offset, const std::vector<std::uint64_t>& entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Le64 entry = entries[i];
      std::memcpy(list.bytes.data() + offset + i * 8, &entry, 8);
    }
  }
  std::vector<std::uint64_t> addresses() const {
    std::vector<std::uint64_t> found;
    for (const DmaPiece& piece : pieces) {
      found.push_back(piece.iova.value);
    }
    return found;
  }
  std::uint64_t total() const {
    std::uint64_t bytes = 0;
    for (const DmaPiece& piece : pieces) {
      bytes += piece.bytes;
    }
    return bytes;
  }
  std::vector<std::uint32_t> roles() const {
    std::vector<std::uint32_t> found;
    for (const Event& event : bench.keeper.of(EventKind::prp_entry)) {
      found.push_back(event.a >> 16);
    }
    return found;
  }

  DriveBench bench;
  std::pmr::vector<DmaPiece> pieces;
};

TEST_F(PrpWalk, needs_prp1_alone_for_what_lies_in_one_page) {
  EXPECT_EQ(walk(0x10000, 0xdead, 4096).raw, 0);
  EXPECT_EQ(addresses(), (std::vector<std::uint64_t>{0x10000}));
  EXPECT_EQ(walk(0x10ffc, 0xdead, 4).raw, 0);
  EXPECT_EQ(total(), 4u);
  EXPECT_EQ(roles(), (std::vector<std::uint32_t>{1}));
}

TEST_F(PrpWalk, takes_prp2_as_data_when_the_rest_fits_one_page) {
  EXPECT_EQ(walk(0x10e00, 0x30000, 512 + 4096).raw, 0);
  EXPECT_EQ(addresses(), (std::vector<std::uint64_t>{0x10e00, 0x30000}));
  EXPECT_EQ(pieces[0].bytes, 512u);
  EXPECT_EQ(pieces[1].bytes, 4096u);
  EXPECT_EQ(roles(), (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(PrpWalk, refuses_a_prp1_that_is_not_dword_aligned_and_a_prp2_with_an_offset) {
  EXPECT_EQ(walk(0x10001, 0, 512).raw, prp_offset_invalid);
  EXPECT_EQ(walk(0x10002, 0, 512).raw, prp_offset_invalid);
  EXPECT_EQ(walk(0x10004, 0, 512).raw, 0);
  EXPECT_EQ(walk(0x10000, 0x20004, 8192).raw, prp_offset_invalid);
  EXPECT_EQ(walk(0x10000, 0x20800, 4097).raw, prp_offset_invalid);
}

TEST_F(PrpWalk, reads_a_list_where_two_entries_do_not_do) {
  const HostPages list = bench.pages(4096);
  put(list, 0, {0x20000, 0x40000});
  EXPECT_EQ(walk(0x10000, list.iova.value, 3 * 4096 - 100).raw, 0);
  EXPECT_EQ(addresses(), (std::vector<std::uint64_t>{0x10000, 0x20000, 0x40000}));
  EXPECT_EQ(pieces[2].bytes, 4096u - 100);
  EXPECT_EQ(roles(), (std::vector<std::uint32_t>{1, 3, 4, 4}));
}

TEST_F(PrpWalk, lets_a_list_begin_within_its_page_but_only_at_a_qword) {
  const HostPages list = bench.pages(4096);
  put(list, 4096 - 16, {0x20000, 0x40000});
  EXPECT_EQ(walk(0x10000, list.iova.value + 4080, 3ull * 4096).raw, 0);
  EXPECT_EQ(addresses(), (std::vector<std::uint64_t>{0x10000, 0x20000, 0x40000}));
  EXPECT_EQ(walk(0x10000, list.iova.value + 4076, 3ull * 4096).raw, prp_offset_invalid);
}

TEST_F(PrpWalk, ends_exactly_at_the_end_of_a_list_page_without_chaining) {
  const HostPages list = bench.pages(4096);
  std::vector<std::uint64_t> entries(512);
  for (std::size_t i = 0; i < 512; ++i) {
    entries[i] = 0x100'0000 + i * 0x2000;
  }
  put(list, 0, entries);
  EXPECT_EQ(walk(0x10000, list.iova.value, 513ull * 4096).raw, 0);
  EXPECT_EQ(pieces.size(), 513u);
  EXPECT_EQ(pieces.back().iova.value, entries.back());
  EXPECT_EQ(total(), 513u * 4096);
}

TEST_F(PrpWalk, takes_the_last_slot_as_a_chain_when_more_entries_follow) {
  const HostPages first = bench.pages(4096);
  const HostPages second = bench.pages(4096);
  std::vector<std::uint64_t> entries(512);
  for (std::size_t i = 0; i < 511; ++i) {
    entries[i] = 0x100'0000 + i * 0x2000;
  }
  entries[511] = second.iova.value;
  put(first, 0, entries);
  put(second, 0, {0x900'0000, 0x902'0000});
  EXPECT_EQ(walk(0x10000, first.iova.value, 514ull * 4096).raw, 0);
  EXPECT_EQ(pieces.size(), 514u);
  EXPECT_EQ(pieces[511].iova.value, entries[510]);
  EXPECT_EQ(pieces[512].iova.value, 0x900'0000u);
  EXPECT_EQ(pieces[513].iova.value, 0x902'0000u);
  EXPECT_EQ(roles()[2 + 511], 5u);
}

TEST_F(PrpWalk, chains_at_once_from_the_last_slot_of_a_page) {
  const HostPages first = bench.pages(4096);
  const HostPages second = bench.pages(4096);
  put(first, 4088, {second.iova.value});
  put(second, 0, {0x20000, 0x30000});
  EXPECT_EQ(walk(0x10000, first.iova.value + 4088, 3ull * 4096).raw, 0);
  EXPECT_EQ(addresses(), (std::vector<std::uint64_t>{0x10000, 0x20000, 0x30000}));
}

TEST_F(PrpWalk, refuses_entries_and_chains_with_an_offset) {
  const HostPages first = bench.pages(4096);
  const HostPages second = bench.pages(4096);
  put(first, 0, {0x20000, 0x30008});
  EXPECT_EQ(walk(0x10000, first.iova.value, 3ull * 4096).raw, prp_offset_invalid);
  put(first, 4088, {second.iova.value + 8});
  EXPECT_EQ(walk(0x10000, first.iova.value + 4088, 3ull * 4096).raw, prp_offset_invalid);
}

TEST_F(PrpWalk, ends_with_an_error_where_a_list_is_not_mapped) {
  EXPECT_EQ(walk(0x10000, 0x5000'0000'0000, 3ull * 4096).raw, data_transfer_error);
}

TEST_F(PrpWalk, follows_the_page_size_that_the_host_chose) {
  const HostPages list = bench.pages(8192);
  ASSERT_EQ(list.iova.value % 4096, 0u);
  const std::uint64_t base = (list.iova.value + 8191) / 8192 * 8192;
  EXPECT_EQ(walk(0x1'1000, 0x2'0000, 4096 + 8192, 8192).raw, 0);
  EXPECT_EQ(addresses(), (std::vector<std::uint64_t>{0x1'1000, 0x2'0000}));
  EXPECT_EQ(walk(0x1'0000, 0x2'1000, 16384, 8192).raw, prp_offset_invalid);
  EXPECT_EQ(base % 8192, 0u);
}

// Every offset in the first page and every length to three pages, against the plain arithmetic of §4.1.1 with a list of pages in a row.
TEST_F(PrpWalk, covers_every_byte_once_for_every_dword_offset_and_length) {
  const HostPages list = bench.pages(4096);
  put(list, 0, {0x20000, 0x21000, 0x22000, 0x23000});
  for (std::uint64_t offset = 0; offset < 4096; offset += 4) {
    for (const std::uint64_t bytes : {4ull, 512ull, 4096ull - offset, 4096ull, 8192ull - offset, 8192ull, 12288ull - offset, 12288ull}) {
      const std::uint64_t rest = bytes > 4096 - offset ? bytes - (4096 - offset) : 0;
      const std::uint64_t prp2 = rest > 4096 ? list.iova.value : 0x20000;
      ASSERT_EQ(walk(0x1f000 + offset, prp2, bytes).raw, 0) << offset << " " << bytes;
      ASSERT_EQ(total(), bytes);
      std::uint64_t expected = 0x1f000 + offset;
      for (const DmaPiece& piece : pieces) {
        ASSERT_EQ(piece.iova.value, expected);
        expected += piece.bytes;
      }
    }
  }
}

}  // namespace
}  // namespace phasebit::sim
