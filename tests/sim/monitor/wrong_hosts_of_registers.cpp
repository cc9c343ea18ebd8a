#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

using sim::DriveOptions;
using spec::Cc;
using spec::Csts;
using spec::NvmOpcode;
namespace offset = spec::offset;

namespace {

using Host = WrongHostWorld;

void fill_with_phase_one(const DmaRegion& completion) {
  std::memset(completion.data, 0xff, completion.bytes);
}

void shut_down_completely(Host& t) {
  t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::normal));
  while (t.host.csts().get(Csts::shst) != spec::Shst::complete) {
    t.host.let_time_pass();
  }
}

sim::Fault fatal_at_the_first_read() {
  sim::Fault fault;
  fault.what = sim::Verb::fatal;
  fault.when.site = sim::Site::command;
  fault.when.admin = false;
  fault.when.opcode = static_cast<std::uint8_t>(NvmOpcode::read);
  return fault;
}

}  // namespace

std::vector<WrongHost> wrong_hosts_of_registers() {
  return {
      {"REG-04", [](Host& t) { t.host.b.write32(offset::vs, 1); }},
      {"REG-05", [](Host& t) { t.host.write_cc(Cc{1u << 1}); }},
      {"REG-09",
       [](Host& t) {
         t.host.bring_up();
         t.host.b.write32(offset::doorbells + 4, 1);
       },
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.doorbell_stride_exponent = 2;
         return drive;
       }},
      {"REG-10",
       [](Host& t) {
         t.host.enable();
         t.host.place(t.host.admin, spec::async_event_request());
         t.host.ring_tail(0, t.host.admin.tail | 0x1'0000);
       }},
      {"INI-01",
       [](Host& t) {
         t.host.enable();
         t.host.write_cc(t.host.configuration().with(Cc::en, false));
         t.host.write_cc(t.host.configuration());
       }},
      {"INI-02",
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.write_cc(t.host.configuration());
         t.host.write_cc(t.host.configuration().with(Cc::en, false));
       }},
      {"INI-03",
       [](Host& t) {
         t.host.enable();
         t.host.b.write32(offset::aqa, 0x0003'0003);
       }},
      {"INI-04",
       [](Host& t) {
         t.host.enable();
         t.host.b.write64(offset::asq, t.host.memory(4096).iova.value);
       }},
      {"INI-05",
       [](Host& t) {
         t.host.set_admin_queue();
         const DmaRegion wide = t.host.memory(4 * 8192);
         const std::uint64_t odd = (wide.iova.value & ~0x1fffull) + 0x2000 + 0x1000;
         t.host.b.write64(offset::asq, odd);
         t.host.b.write64(offset::acq, (wide.iova.value & ~0x1fffull) + 0x4000);
         t.host.write_cc(t.host.configuration().with(Cc::mps, 1));
       }},
      {"INI-06",
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.b.write64(offset::asq, 0x5555'0000'0000);
         t.host.write_cc(t.host.configuration());
       }},
      {"INI-07",
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.b.write32(offset::aqa, 0);
         t.host.write_cc(t.host.configuration());
       }},
      {"INI-08",
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.write_cc(t.host.configuration().with(Cc::mps, 15));
       },
       {"INI-05"}},
      {"INI-09",
       [](Host& t) {
         t.host.enable();
         t.host.write_cc(t.host.configuration().with(Cc::mps, 1));
       }},
      {"INI-10",
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.write_cc(t.host.configuration().with(Cc::css, spec::Css::all_supported));
       }},
      {"INI-18",
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.write_cc(t.host.configuration());
         t.host.ring_tail(0, 1);
       }},
      {"INI-20",
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         t.host.io = t.host.new_queue(1, 8);
         fill_with_phase_one(t.host.io.completion);
         t.host.admin_command(Host::Plain::create_completion(t.host.io).sqe());
       }},
      {"INI-23",
       [](Host& t) {
         t.host.enable();
         t.host.admin_command(Host::Plain::create_completion(t.host.new_queue(1, 8)).sqe());
       }},
      {"INI-24",
       [](Host& t) {
         t.host.bring_up();
         t.host.ask_for_queues(4);
       }},
      {"INI-27",
       [](Host& t) {
         t.host.bring_up();
         t.host.disable();
         t.host.enable();
         t.host.submit(t.host.io, small_read(t));
       }},
      {"RST-01",
       [](Host& t) {
         t.host.bring_up();
         t.host.submit(t.host.io, small_read(t));
         while (!t.host.csts().get(Csts::cfs)) {
           t.host.let_time_pass();
         }
         t.host.submit(t.host.io, small_read(t));
       },
       {},
       plain_drive,
       {fatal_at_the_first_read()}},
      {"RST-04",
       [](Host& t) {
         t.host.bring_up();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::abrupt));
         t.host.submit(t.host.io, small_read(t));
       }},
      {"RST-05",
       [](Host& t) {
         t.host.bring_up();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::normal));
       }},
      {"RST-06",
       [](Host& t) {
         t.host.enable();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::reserved));
       }},
      {"RST-10",
       [](Host& t) {
         t.host.enable();
         shut_down_completely(t);
         t.host.submit(t.host.admin, spec::async_event_request());
       }},
      {"RST-11",
       [](Host& t) {
         t.host.enable();
         t.remove_drive();
         (void)t.host.csts();
         t.host.write_cc(t.host.configuration().with(Cc::en, false));
       }},
  };
}

}  // namespace phasebit::tests
