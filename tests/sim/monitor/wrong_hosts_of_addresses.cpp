#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

namespace {

using Host = WrongHostWorld;

/// `good` of the walk's addresses, or of the data's pieces, are in order.
void give(Host& t, const spec::Sqe& sqe, unsigned good) {
  t.mark(good);
  t.host.io_command(sqe);
}

/// PRP1 and a list of two; the offence is the fourth address, or the pointer to the list.
void read_with_list_entry(Host& t, std::uint64_t pointer_offset, std::uint64_t entry_offset) {
  t.host.bring_up();
  const DmaRegion data = t.host.memory(5ull * 4096);
  const DmaRegion list = t.host.memory(4096);
  auto* entries = reinterpret_cast<Le64*>(list.data);
  for (std::uint64_t i = 0; i < 8; ++i) {
    entries[i] = data.iova.value + 4096 * (1 + i % 4) + (i == 1 ? entry_offset : 0);
  }
  t.mark(pointer_offset != 0 ? 1 : 3);
  t.host.submit(t.host.io, with_prps(read_blocks(0, 24), data.iova, list.iova + pointer_offset));
  t.host.let_time_pass(200);
}

}  // namespace

std::vector<WrongHost> wrong_hosts_of_addresses() {
  return {
      {"DMA-01", At::address,
       [](Host& t) {
         t.host.bring_up();
         give(t, with_prps(read_blocks(0, 1), t.host.memory(4096).iova + 2), 0);
       }},
      {"DMA-02", At::address,
       [](Host& t) {
         t.host.bring_up();
         const DmaRegion data = t.host.memory(3ull * 4096);
         give(t, with_prps(read_blocks(0, 16), data.iova, data.iova + 4096 + 512), 1);
       }},
      {"DMA-03", At::address, [](Host& t) { read_with_list_entry(t, 0, 512); }},
      {"DMA-04", At::address, [](Host& t) { read_with_list_entry(t, 4, 0); }, {"DMA-03", "DMA-07", "DMA-13"}},
      {"DMA-07", At::transfer,
       [](Host& t) {
         t.host.bring_up();
         give(t, with_prps(read_blocks(0, 1), Iova{0x5555'0000'0000}), 0);
       }},
      {"DMA-08",
       At::unmapping,
       [](Host& t) {
         t.host.bring_up();
         const std::span<std::byte> buffer = t.user_memory(4096);
         const auto iova = t.host.b.map(buffer, DmaRights::device_reads_and_writes);
         PHASEBIT_ASSERT(iova.has_value());
         t.host.submit(t.host.io, with_prps(read_blocks(0, 1), *iova));
         t.host.let_time_pass(500);
         t.mark();
         (void)t.host.b.unmap(buffer);
       },
       {},
       slow_drive},
      {"DMA-13",
       At::transfer,
       [](Host& t) {
         t.host.bring_up();
         const DmaRegion data = t.host.memory(4096);
         give(t, with_prps(read_blocks(0, 16), data.iova, data.iova + 4096), 1);
       },
       {"DMA-07"}},
      {"DMA-21/not_enabled",
       At::address,
       [](Host& t) {
         place_memory(t, 1);
         t.host.bring_up();
         give(t, with_prps(read_blocks(0, 1), own_memory_base), 0);
       },
       {"DMA-07"},
       drive_with_memory<0x18>},
      {"DMA-21/reads",
       At::address,
       [](Host& t) {
         place_memory(t);
         t.host.bring_up();
         give(t, with_prps(read_blocks(0, 1), own_memory_base), 0);
       },
       {},
       drive_with_memory<0x15>},
      {"DMA-21/writes",
       At::address,
       [](Host& t) {
         place_memory(t);
         t.host.bring_up();
         give(t, with_prps(spec::write(Nsid{1}, Lba{0}, 16), own_memory_base, own_memory_base + 4096), 0);
       },
       {},
       drive_with_memory<0x0d>},
      {"DMA-21/second_page",
       At::address,
       [](Host& t) {
         place_memory(t);
         t.host.bring_up();
         give(t, with_prps(spec::write(Nsid{1}, Lba{0}, 16), t.host.memory(4096).iova, own_memory_base), 1);
       },
       {},
       drive_with_memory<0x0d>},
      {"DMA-21/list",
       At::address,
       [](Host& t) {
         place_memory(t);
         t.host.bring_up();
         give(t, with_prps(read_blocks(0, 24), t.host.memory(4096).iova, own_memory_base), 1);
       },
       {},
       drive_with_memory<0x19>},
  };
}

}  // namespace phasebit::tests
