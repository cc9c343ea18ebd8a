// Addresses of commands, judged from the seam.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/scenarios/interpose/bench.hpp"

namespace phasebit::scenarios {
namespace {

using Rules = std::vector<std::string>;

/// A host with 64 KiB in one piece, and pages for lists; its drive has no MDTS in the way.
class Transferring : public ::testing::Test {
 protected:
  void SetUp() override {
    bench.drive.mdts = 0;
    host.enable();
    identify(host);
    host.ask_for_queues(4);
    host.io = host.make_io_queue(1, 8);
    data = host.memory(65'536);
    list = host.memory(8192);
    bench.log.events.clear();
  }
  std::uint64_t page(std::uint64_t index) const { return data.iova.value + 4096 * index; }
  void write_list(std::uint64_t at, const std::vector<std::uint64_t>& entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Le64 entry = entries[i];
      std::memcpy(list.data + at + 8 * i, &entry, sizeof entry);
    }
  }
  /// A read of `blocks` blocks of 512 bytes.
  void read(std::uint32_t blocks, std::uint64_t prp1, std::uint64_t prp2 = 0) {
    spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, blocks);
    sqe.prp1 = prp1;
    sqe.prp2 = prp2;
    host.submit(host.io, sqe);
  }
  std::vector<std::uint32_t> roles() const {
    std::vector<std::uint32_t> roles;
    for (const Event& event : bench.log.of(EventKind::prp_entry)) {
      roles.push_back(event.a >> 16);
    }
    return roles;
  }
  /// Address and length of each piece of memory.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces;
    for (const Event& event : bench.log.of(EventKind::dma_access)) {
      pieces.emplace_back(event.b, event.c);
    }
    return pieces;
  }
  using Pieces = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  using Roles = std::vector<std::uint32_t>;  ///< 1 PRP1, 2 PRP2 as data, 3 as list, 4 list entry, 5 chain

  Bench bench;
  tests::PlainHost<Interposed<ScriptedDrive>>& host = bench.host;
  DmaRegion data;
  DmaRegion list;
};

TEST_F(Transferring, one_page_has_one_address) {
  read(8, page(0));
  EXPECT_EQ(roles(), (Roles{1}));
  EXPECT_EQ(pieces(), (Pieces{{page(0), 4096}}));
  EXPECT_EQ(bench.log.of(EventKind::dma_access)[0].a >> 16, 1u) << "the device writes";
}

TEST_F(Transferring, what_crosses_a_page_has_two) {
  read(8, page(0) + 512, page(5));
  EXPECT_EQ(roles(), (Roles{1, 2}));
  EXPECT_EQ(pieces(), (Pieces{{page(0) + 512, 3584}, {page(5), 512}}));
}

TEST_F(Transferring, more_has_a_list) {
  write_list(0, {page(3), page(2), page(1)});
  read(32, page(0), list.iova.value);
  EXPECT_EQ(roles(), (Roles{1, 3, 4, 4, 4}));
  EXPECT_EQ(pieces(), (Pieces{{page(0), 4096}, {page(3), 4096}, {page(2), 4096}, {page(1), 4096}}));
  EXPECT_EQ(bench.objections(), Rules{});
}

TEST_F(Transferring, a_list_goes_on_in_another_page_where_its_own_ends) {
  write_list(4096 - 16, {page(1), list.iova.value + 4096});
  write_list(4096, {page(2), page(3)});
  read(32, page(0), list.iova.value + 4096 - 16);
  EXPECT_EQ(roles(), (Roles{1, 3, 4, 5, 4, 4}));
  EXPECT_EQ(pieces(), (Pieces{{page(0), 4096}, {page(1), 4096}, {page(2), 4096}, {page(3), 4096}}));
}

TEST_F(Transferring, the_last_entry_of_a_page_is_data_if_it_is_the_last_of_all) {
  write_list(4096 - 16, {page(1), page(2)});
  read(24, page(0), list.iova.value + 4096 - 16);
  EXPECT_EQ(roles(), (Roles{1, 3, 4, 4}));
}

TEST_F(Transferring, a_list_that_leads_to_itself_ends) {
  spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 65'536);
  sqe.prp1 = page(0);
  sqe.prp2 = list.iova.value + 4096;  // a page of nothing but its own address
  for (std::uint64_t at = 4096; at < 8192; at += 8) {
    write_list(at, {list.iova.value + 4096});
  }
  host.submit(host.io, sqe);
  EXPECT_LT(bench.log.of(EventKind::prp_entry).size(), 20'000u);
}

TEST_F(Transferring, admin_data_and_ranges_have_addresses_too) {
  spec::Sqe log_page = spec::GetLogPage{.lid = spec::Lid::smart, .bytes = 512}.sqe();
  log_page.prp1 = page(0) + 3840;
  log_page.prp2 = page(1);
  host.submit(host.admin, log_page);
  EXPECT_EQ(pieces(), (Pieces{{page(0) + 3840, 256}, {page(1), 256}}));
  bench.log.events.clear();
  spec::Sqe trim = spec::DatasetManagement{.nsid = Nsid{1}, .ranges = 3, .deallocate = true}.sqe();
  trim.prp1 = page(0);
  host.submit(host.io, trim);
  EXPECT_EQ(pieces(), (Pieces{{page(0), 48}}));
  EXPECT_EQ(bench.log.of(EventKind::dma_access)[0].a >> 16, 0u) << "the device reads";
  bench.log.events.clear();
  host.submit(host.io, spec::flush(Nsid{1}));
  EXPECT_EQ(pieces(), Pieces{});
}

TEST_F(Transferring, of_an_unknown_length_is_not_followed) {
  spec::Sqe sqe = spec::read(Nsid{2}, Lba{0}, 8);
  sqe.prp1 = 2;
  host.submit(host.io, sqe);
  EXPECT_EQ(bench.objections(), Rules{"CMD-06"});
}

TEST_F(Transferring, a_prp1_off_its_dword_is_named) {
  read(1, page(0) + 2);
  EXPECT_EQ(bench.objections(), Rules{"DMA-01"});
}

TEST_F(Transferring, a_prp2_within_a_page_is_named) {
  read(16, page(0), page(1) + 8);
  EXPECT_EQ(bench.objections(), Rules{"DMA-02"});
}

TEST_F(Transferring, a_list_entry_within_a_page_is_named) {
  write_list(0, {page(1), page(2) + 512, page(3)});
  read(32, page(0), list.iova.value);
  EXPECT_EQ(bench.objections(), Rules{"DMA-03"});
}

TEST_F(Transferring, a_list_off_its_qword_is_named) {
  read(32, page(0), list.iova.value + 4);
  EXPECT_EQ(bench.objections(), Rules{"DMA-04"});
}

TEST_F(Transferring, memory_that_was_never_mapped_is_named) {
  read(8, 0x123'4567'8000);
  EXPECT_EQ(bench.objections(), Rules{"DMA-07"});
}

TEST_F(Transferring, a_list_that_was_never_mapped_is_named) {
  read(32, page(0), 0x123'4567'8000);
  EXPECT_EQ(bench.objections(), (Rules{"DMA-13", "DMA-07"})) << "the data before it lay in mapped memory";
}

TEST_F(Transferring, a_buffer_that_is_too_short_is_named) {
  read(16, page(15), page(16));
  EXPECT_EQ(bench.objections(), (Rules{"DMA-13", "DMA-07"}));
}

TEST_F(Transferring, memory_that_was_given_back_is_no_longer_mapped) {
  bench.seam.free_dma(data);
  read(8, page(0));
  EXPECT_EQ(bench.objections(), Rules{"DMA-07"});
}

}  // namespace
}  // namespace phasebit::scenarios
