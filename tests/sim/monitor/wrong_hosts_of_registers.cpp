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

template <std::uint32_t Offset, std::uint32_t Value>
void write_value(Host& t) {
  t.mark();
  t.host.b.write32(Offset, Value);
}

template <std::uint32_t Offset>
void write_one(Host& t) {
  write_value<Offset, 1>(t);
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
      {"REG-04/cap", At::write, write_one<offset::cap>},
      {"REG-04/cap_high", At::write, write_one<offset::cap + 4>},
      {"REG-04/vs", At::write, write_one<offset::vs>},
      {"REG-04/csts", At::write, write_one<offset::csts>},
      {"REG-04/cmbloc", At::write, write_one<offset::cmbloc>},
      {"REG-04/cmbsz", At::write, write_one<offset::cmbsz>},
      {"REG-04/bpinfo", At::write, write_one<offset::bpinfo>},
      {"REG-04/cmbsts", At::write, write_one<offset::cmbsts>},
      {"REG-04/cmbebs", At::write, write_one<offset::cmbebs>},
      {"REG-04/cmbswtp", At::write, write_one<offset::cmbswtp>},
      {"REG-04/crto", At::write, write_one<offset::crto>},
      {"REG-04/pmrcap", At::write, write_one<offset::pmrcap>},
      {"REG-04/pmrsts", At::write, write_one<offset::pmrsts>},
      {"REG-04/pmrebs", At::write, write_one<offset::pmrebs>},
      {"REG-04/pmrswtp", At::write, write_one<offset::pmrswtp>},
      {"REG-05/cc_low", At::write, write_value<offset::cc, 1u << 1>},
      {"REG-05/cc_high", At::write, write_value<offset::cc, 1u << 25>},
      {"REG-05/aqa_low", At::write, write_value<offset::aqa, 0x000f'100f>},
      {"REG-05/aqa_high", At::write, write_value<offset::aqa, 0x100f'000f>},
      {"REG-05/asq", At::write, write_value<offset::asq, 0x4800>},
      {"REG-05/acq", At::write, write_value<offset::acq, 0x4800>},
      {"REG-09",
       At::write,
       [](Host& t) {
         t.host.bring_up();
         t.mark();
         t.host.b.write32(offset::doorbells + 4, 1);
       },
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.doorbell_stride_exponent = 2;
         return drive;
       }},
      {"REG-10", At::write,
       [](Host& t) {
         t.host.enable();
         t.host.place(t.host.admin, spec::async_event_request());
         t.mark();
         t.host.ring_tail(0, t.host.admin.tail | 0x1'0000);
       }},
      {"REG-15/low", At::write,
       [](Host& t) {
         t.host.enable();
         write_value<offset::cmbmsc, 3>(t);
       }},
      {"REG-15/high", At::write,
       [](Host& t) {
         t.host.enable();
         write_one<offset::cmbmsc + 4>(t);
       }},
      {"RST-01",
       At::write,
       [](Host& t) {
         t.host.bring_up();
         t.host.submit(t.host.io, small_read(t));
         while (!t.host.csts().get(Csts::cfs)) {
           t.host.let_time_pass();
         }
         t.mark();
         t.host.submit(t.host.io, small_read(t));
       },
       {},
       plain_drive,
       {fatal_at_the_first_read()}},
      {"RST-04", At::write,
       [](Host& t) {
         t.host.bring_up();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::abrupt));
         t.mark();
         t.host.submit(t.host.io, small_read(t));
       }},
      {"RST-05", At::write,
       [](Host& t) {
         t.host.bring_up();
         t.mark();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::normal));
       }},
      {"RST-06/reserved", At::write,
       [](Host& t) {
         t.host.enable();
         t.mark();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::reserved));
       }},
      {"RST-06/while_under_way", At::write,
       [](Host& t) {
         t.host.enable();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::normal));
         while (t.host.csts().get(Csts::shst) != spec::Shst::occurring) {
           t.host.let_time_pass();
         }
         t.mark();
         t.host.write_cc(t.host.configuration().with(Cc::shn, spec::Shn::abrupt));
       }},
      {"RST-10", At::write,
       [](Host& t) {
         t.host.enable();
         shut_down_completely(t);
         t.mark();
         t.host.submit(t.host.admin, spec::async_event_request());
       }},
      {"RST-11", At::write,
       [](Host& t) {
         t.host.enable();
         t.remove_drive();
         (void)t.host.csts();
         t.mark();
         t.host.write_cc(t.host.configuration().with(Cc::en, false));
       }},
  };
}

}  // namespace phasebit::tests
