#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

using sim::DriveOptions;
using spec::Cns;

namespace {

using Host = WrongHostWorld;

spec::Sqe with_cid(spec::Sqe sqe, std::uint16_t cid) {
  sqe.cid = cid;
  return sqe;
}

void read_with_list_entry(Host& t, std::uint64_t pointer_offset, std::uint64_t entry_offset) {
  t.host.bring_up();
  const DmaRegion data = t.host.memory(5 * 4096);
  const DmaRegion list = t.host.memory(4096);
  auto* entries = reinterpret_cast<Le64*>(list.data);
  for (std::uint64_t i = 0; i < 8; ++i) {
    entries[i] = data.iova.value + 4096 * (1 + i % 4) + (i == 1 ? entry_offset : 0);
  }
  t.host.submit(t.host.io, with_prps(read_blocks(0, 24), data.iova, list.iova + pointer_offset));
  t.host.let_time_pass(200);
}

}  // namespace

std::vector<WrongHost> wrong_hosts_of_commands() {
  return {
      {"CMD-01",
       [](Host& t) {
         t.host.bring_up();
         t.host.place(t.host.io, with_cid(small_read(t), 9));
         t.host.place(t.host.io, with_cid(small_read(t), 9));
         t.host.ring(t.host.io);
         t.host.let_time_pass(100);
       },
       {},
       slow_drive},
      {"CMD-06",
       [](Host& t) {
         t.host.bring_up();
         spec::Sqe sqe = small_read(t);
         sqe.nsid = 77;
         t.host.io_command(sqe);
       }},
      {"CMD-09",
       [](Host& t) {
         t.host.bring_up();
         spec::Sqe sqe = small_read(t);
         sqe.opcode = 0x3d;
         t.host.io_command(sqe);
       }},
      {"CMD-10",
       [](Host& t) {
         t.host.bring_up();
         t.host.io_command(with_prps(spec::Identify{.cns = Cns::controller}.sqe(), t.host.memory(4096).iova));
       }},
      {"CMD-11",
       [](Host& t) {
         t.host.bring_up();
         t.host.io_command(with_prps(read_blocks(plain_drive_blocks - 1, 2), t.host.memory(4096).iova));
       }},
      {"CMD-12",
       [](Host& t) {
         t.host.bring_up();
         const DmaRegion data = t.host.memory(5 * 4096);
         t.host.io_command(with_prps(read_blocks(0, 24), data.iova, data.iova + 4096));
       },
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.transfer_exponent_max = 1;
         return drive;
       }},
      {"CMD-15",
       [](Host& t) {
         t.host.enable();
         t.host.place(t.host.admin, spec::Abort{.sqid = Qid{1}, .cid = Cid{1}}.sqe());
         t.host.place(t.host.admin, spec::Abort{.sqid = Qid{1}, .cid = Cid{2}}.sqe());
         t.host.ring(t.host.admin);
         t.host.let_time_pass(100);
       },
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.aborts_max = 1;
         return drive;
       }},
      {"CMD-16",
       [](Host& t) {
         t.host.enable();
         t.host.submit(t.host.admin, spec::async_event_request());
         t.host.submit(t.host.admin, spec::async_event_request());
         t.host.let_time_pass(100);
       },
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.async_events_max = 1;
         return drive;
       }},
      {"DMA-01",
       [](Host& t) {
         t.host.bring_up();
         t.host.io_command(with_prps(read_blocks(0, 1), t.host.memory(4096).iova + 2));
       }},
      {"DMA-02",
       [](Host& t) {
         t.host.bring_up();
         const DmaRegion data = t.host.memory(3 * 4096);
         t.host.io_command(with_prps(read_blocks(0, 16), data.iova, data.iova + 4096 + 512));
       }},
      {"DMA-03", [](Host& t) { read_with_list_entry(t, 0, 512); }},
      {"DMA-04", [](Host& t) { read_with_list_entry(t, 4, 0); }, {"DMA-03", "DMA-07", "DMA-13"}},
      {"DMA-07",
       [](Host& t) {
         t.host.bring_up();
         t.host.io_command(with_prps(read_blocks(0, 1), Iova{0x5555'0000'0000}));
       }},
      {"DMA-08",
       [](Host& t) {
         t.host.bring_up();
         const std::span<std::byte> buffer = t.user_memory(4096);
         const auto iova = t.host.b.map(buffer, DmaRights::device_reads_and_writes);
         PHASEBIT_ASSERT(iova.has_value());
         t.host.submit(t.host.io, with_prps(read_blocks(0, 1), *iova));
         t.host.let_time_pass(500);
         (void)t.host.b.unmap(buffer);
       },
       {},
       slow_drive},
      {"DMA-13",
       [](Host& t) {
         t.host.bring_up();
         const DmaRegion data = t.host.memory(4096);
         t.host.io_command(with_prps(read_blocks(0, 16), data.iova, data.iova + 4096));
       },
       {"DMA-07"}},
  };
}

}  // namespace phasebit::tests
