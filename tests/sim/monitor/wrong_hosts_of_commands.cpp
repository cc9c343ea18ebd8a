#include "src/spec/dataset_management.hpp"
#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

using sim::DriveOptions;
using spec::AdminOpcode;
using spec::Cns;

namespace {

using Host = WrongHostWorld;

spec::Sqe with_cid(spec::Sqe sqe, std::uint16_t cid) {
  sqe.cid = cid;
  return sqe;
}

/// An I/O command on the first blocks, with a page for its data.
void give_command(Host& t, spec::Sqe sqe) {
  t.host.bring_up();
  sqe.prp1 = t.host.memory(4096).iova.value;
  t.mark();
  t.host.io_command(sqe);
}

/// Names the first block, and then a range of its own.
void give_ranges(Host& t, std::uint64_t lba, std::uint32_t blocks, bool deallocate) {
  t.host.bring_up();
  const DmaRegion list = t.host.memory(4096);
  spec::DatasetRange ranges[2];
  ranges[0].blocks = 1;
  ranges[1].slba = lba;
  ranges[1].blocks = blocks;
  std::memcpy(list.data, ranges, sizeof ranges);
  t.mark(1);
  t.host.io_command(with_prps(spec::DatasetManagement{.nsid = Nsid{1}, .ranges = 2, .deallocate = deallocate}.sqe(), list.iova));
}

template <std::uint32_t Number>
void read_of_namespace(Host& t) {
  give_command(t, spec::read(Nsid{Number}, Lba{0}, 1));
}

template <Cns What, std::uint32_t Number>
void identify_namespace(Host& t) {
  t.host.enable();
  const spec::Sqe sqe = with_prps(spec::Identify{.cns = What, .nsid = Nsid{Number}}.sqe(), t.host.memory(4096).iova);
  t.mark();
  t.host.admin_command(sqe);
}

template <AdminOpcode Opcode, std::uint32_t Number>
void give_admin(Host& t) {
  t.host.enable();
  const spec::Sqe sqe = with_prps(spec::admin_sqe(Opcode, Nsid{Number}), t.host.memory(4096).iova);
  t.mark();
  t.host.admin_command(sqe);
}

/// A transfer of 12288 bytes where MDTS allows 8192.
void move_three_pages(Host& t, spec::Sqe sqe, spec::Cqe (Host::Plain::*command)(const spec::Sqe&)) {
  const DmaRegion data = t.host.memory(3ull * 4096);
  const DmaRegion list = t.host.memory(4096);
  const Le64 entries[2] = {data.iova.value + 4096, data.iova.value + 8192};
  std::memcpy(list.data, entries, sizeof entries);
  t.mark();
  (t.host.*command)(with_prps(sqe, data.iova, list.iova));
}

template <AdminOpcode Opcode, std::uint32_t Cdw10, std::uint32_t Cdw11>
void move_three_pages_of_admin(Host& t) {
  t.host.enable();
  spec::Sqe sqe = spec::admin_sqe(Opcode);
  sqe.cdw10 = Cdw10;
  sqe.cdw11 = Cdw11;
  move_three_pages(t, sqe, &Host::Plain::admin_command);
}

DriveOptions small_transfers() {
  DriveOptions drive = plain_drive();
  drive.transfer_exponent_max = 1;
  return drive;
}

/// One of what otherwise there may be several of.
DriveOptions one_abort() {
  DriveOptions drive = plain_drive();
  drive.aborts_max = 1;
  return drive;
}

DriveOptions one_event_request() {
  DriveOptions drive = plain_drive();
  drive.async_events_max = 1;
  return drive;
}

DriveOptions without_verify() {
  DriveOptions drive = plain_drive();
  drive.commands.verify = false;
  return drive;
}

/// NN is 16, namespace 2 is there but not active.
DriveOptions inactive_second() {
  DriveOptions drive = plain_drive();
  drive.namespaces.push_back({.nsid = Nsid{2}, .blocks = plain_drive_blocks, .active = false});
  return drive;
}

constexpr std::uint32_t dwords_of_three_pages = 3 * 4096 / 4 - 1;  // zero-based

}  // namespace

std::vector<WrongHost> wrong_hosts_of_commands() {
  return {
      {"CMD-01",
       At::fetch,
       [](Host& t) {
         t.host.bring_up();
         const spec::Sqe sqe = with_cid(small_read(t), 9);
         t.host.place(t.host.io, sqe);
         t.host.place(t.host.io, sqe);
         t.mark(1);
         t.host.ring(t.host.io);
         t.host.let_time_pass(100);
       },
       {},
       slow_drive},
      {"CMD-06",
       At::fetch,
       read_of_namespace<1>,
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.namespaces[0].active = false;
         return drive;
       }},
      {"CMD-06/zero", At::fetch, read_of_namespace<0>},
      {"CMD-06/beyond_nn", At::fetch, read_of_namespace<17>},
      {"CMD-06/not_active", At::fetch, read_of_namespace<2>, {}, inactive_second},
      {"CMD-06/read_of_all", At::fetch, read_of_namespace<0xffff'ffff>},
      {"CMD-06/identify_zero", At::fetch, identify_namespace<Cns::identify_namespace, 0>},
      {"CMD-06/identify_beyond_nn", At::fetch, identify_namespace<Cns::identify_namespace, 17>},
      {"CMD-06/descriptors_of_all", At::fetch, identify_namespace<Cns::namespace_descriptors, 0xffff'ffff>},
      {"CMD-06/format_of_none", At::fetch, give_admin<AdminOpcode::format_nvm, 0>, {"CMD-09"}},
      {"CMD-06/lba_status_of_all", At::fetch, give_admin<AdminOpcode::get_lba_status, 0xffff'ffff>, {"CMD-09"}},
      {"CMD-06/lba_status_not_active", At::fetch, give_admin<AdminOpcode::get_lba_status, 2>, {"CMD-09"}, inactive_second},
      {"CMD-09/reserved", At::fetch,
       [](Host& t) {
         spec::Sqe sqe = read_blocks(0, 1);
         sqe.opcode = 0x3d;
         give_command(t, sqe);
       }},
      {"CMD-09/reserved_admin", At::fetch, give_admin<static_cast<AdminOpcode>(0x3d), 0>},
      {"CMD-09/not_in_oncs", At::fetch, [](Host& t) { give_command(t, spec::verify(Nsid{1}, Lba{0}, 1)); }, {}, without_verify},
      {"CMD-09/not_in_oacs", At::fetch, give_admin<AdminOpcode::format_nvm, 1>},
      {"CMD-10/admin_on_io_queue", At::fetch, [](Host& t) { give_command(t, spec::Identify{.cns = Cns::controller}.sqe()); }},
      {"CMD-10/io_on_admin_queue", At::fetch, give_admin<static_cast<AdminOpcode>(spec::NvmOpcode::reservation_report), 1>},
      {"CMD-11", At::fetch, [](Host& t) { give_command(t, read_blocks(plain_drive_blocks - 1, 2)); }},
      {"CMD-11/in_a_list", At::range, [](Host& t) { give_ranges(t, plain_drive_blocks - 1, 2, true); }},
      {"CMD-11/in_a_list_begins_beyond", At::range, [](Host& t) { give_ranges(t, plain_drive_blocks + 1, 0, false); }},
      {"CMD-12/read",
       At::fetch,
       [](Host& t) {
         t.host.bring_up();
         move_three_pages(t, read_blocks(0, 24), &Host::Plain::io_command);
       },
       {},
       small_transfers},
      {"CMD-12/log_page",
       At::fetch,
       move_three_pages_of_admin<AdminOpcode::get_log_page, dwords_of_three_pages << 16 | 1, 0>,
       {},
       small_transfers},
      {"CMD-12/firmware_image",
       At::fetch,
       move_three_pages_of_admin<AdminOpcode::firmware_image_download, dwords_of_three_pages, 0>,
       {"CMD-09"},
       small_transfers},
      {"CMD-12/security", At::fetch, move_three_pages_of_admin<AdminOpcode::security_receive, 0, 3 * 4096>, {"CMD-09"}, small_transfers},
      {"CMD-15",
       At::fetch,
       [](Host& t) {
         t.host.enable();
         t.host.place(t.host.admin, spec::Abort{.sqid = Qid{1}, .cid = Cid{1}}.sqe());
         t.host.place(t.host.admin, spec::Abort{.sqid = Qid{1}, .cid = Cid{2}}.sqe());
         t.mark(1);
         t.host.ring(t.host.admin);
         t.host.let_time_pass(100);
       },
       {},
       one_abort},
      {"CMD-16",
       At::fetch,
       [](Host& t) {
         t.host.enable();
         t.mark(1);
         t.host.submit(t.host.admin, spec::async_event_request());
         t.host.submit(t.host.admin, spec::async_event_request());
         t.host.let_time_pass(100);
       },
       {},
       one_event_request},
  };
}

}  // namespace phasebit::tests
