#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

using sim::DriveOptions;
using spec::Cc;
namespace offset = spec::offset;

namespace {

using Host = WrongHostWorld;

void fill_with_phase_one(const DmaRegion& completion) {
  std::memset(completion.data, 0xff, completion.bytes);
}

/// The admin queue is made as it should be, but for one register.
template <std::uint32_t Offset, std::uint64_t Value>
void enable_with(Host& t) {
  t.host.set_admin_queue();
  t.host.b.write64(Offset, Value);
  t.mark();
  t.host.write_cc(t.host.configuration());
}

template <std::uint32_t Value>
void enable_with_attributes(Host& t) {
  t.host.set_admin_queue();
  t.host.b.write32(offset::aqa, Value);
  t.mark();
  t.host.write_cc(t.host.configuration());
}

/// Pages of 8 KiB, and one of the queues 4 KiB off them.
template <std::uint32_t Odd, std::uint32_t Even>
void enable_with_odd_queue(Host& t) {
  t.host.set_admin_queue();
  const std::uint64_t wide = (t.host.memory(4ull * 8192).iova.value + 0x1fff) & ~0x1fffull;
  t.host.b.write64(Odd, wide + 0x1000);
  t.host.b.write64(Even, wide + 0x4000);
  t.mark();
  t.host.write_cc(t.host.configuration().with(Cc::mps, 1));
}

template <std::uint32_t Mps>
void enable_with_pages(Host& t) {
  t.host.set_admin_queue();
  t.mark();
  t.host.write_cc(t.host.configuration().with(Cc::mps, Mps));
}

template <std::uint32_t Offset>
void write_while_enabled(Host& t) {
  t.host.enable();
  const Iova elsewhere = t.host.memory(4096).iova;
  t.mark();
  t.host.b.write64(Offset, elsewhere.value);
}

void reset(Host& t) {
  t.host.bring_up();
  t.host.disable();
  t.host.enable();
}

/// CAP.TO says half a second, CRTO ten: the host has read CRTO and waits for one.
void give_up_before_crto(Host& t) {
  (void)t.host.b.read32(offset::crto);
  t.host.set_admin_queue();
  t.host.write_cc(t.host.configuration());
  t.wait(seconds(1));
  t.mark();
  t.host.write_cc(t.host.configuration().with(Cc::en, false));
}

DriveOptions late_drive() {
  DriveOptions drive = plain_drive();
  drive.times.enable = seconds(5);
  drive.ready_timeout_steps = 1;
  drive.ready_with_media_steps = 20;
  return drive;
}

DriveOptions drive_with_wide_pages() {
  DriveOptions drive = plain_drive();
  drive.page_exponent_min = 1;
  return drive;
}

}  // namespace

std::vector<WrongHost> wrong_hosts_of_enabling() {
  return {
      {"INI-01", At::write,
       [](Host& t) {
         t.host.enable();
         t.host.write_cc(t.host.configuration().with(Cc::en, false));
         t.mark();
         t.host.write_cc(t.host.configuration());
       }},
      {"INI-02/at_once", At::write,
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.write_cc(t.host.configuration());
         t.mark();
         t.host.write_cc(t.host.configuration().with(Cc::en, false));
       }},
      {"INI-02/before_crto", At::write, give_up_before_crto, {}, late_drive},
      {"INI-03", At::write,
       [](Host& t) {
         t.host.enable();
         t.mark();
         t.host.b.write32(offset::aqa, 0x0003'0003);
       }},
      {"INI-04/asq", At::write, write_while_enabled<offset::asq>},
      {"INI-04/acq", At::write, write_while_enabled<offset::acq>},
      {"INI-05/asq", At::write, enable_with_odd_queue<offset::asq, offset::acq>},
      {"INI-05/acq", At::write, enable_with_odd_queue<offset::acq, offset::asq>},
      {"INI-06/asq", At::write, enable_with<offset::asq, 0x5555'0000'0000>},
      {"INI-06/acq", At::write, enable_with<offset::acq, 0x5555'0000'0000>, {"DMA-07"}},
      {"INI-07/asqs", At::write, enable_with_attributes<0x000f'0000>},
      {"INI-07/acqs", At::write, enable_with_attributes<0x0000'000f>},
      {"INI-08/above", At::write, enable_with_pages<15>, {"INI-05"}},
      {"INI-08/below", At::write, enable_with_pages<0>, {}, drive_with_wide_pages},
      {"INI-09", At::write,
       [](Host& t) {
         t.host.enable();
         t.mark();
         t.host.write_cc(t.host.configuration().with(Cc::mps, 1));
       }},
      {"INI-10", At::write,
       [](Host& t) {
         t.host.set_admin_queue();
         t.mark();
         t.host.write_cc(t.host.configuration().with(Cc::css, spec::Css::all_supported));
       }},
      {"INI-18", At::write,
       [](Host& t) {
         t.host.set_admin_queue();
         t.host.write_cc(t.host.configuration());
         t.mark();
         t.host.ring_tail(0, 1);
       }},
      {"INI-20/acq", At::new_queue,
       [](Host& t) {
         t.host.set_admin_queue();
         fill_with_phase_one(t.host.admin.completion);
         t.mark();
         t.host.write_cc(t.host.configuration());
       }},
      {"INI-20/io", At::new_queue,
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         t.host.io = t.host.new_queue(1, 8);
         fill_with_phase_one(t.host.io.completion);
         t.mark();
         t.host.admin_command(Host::Plain::create_completion(t.host.io).sqe());
       }},
      {"INI-23/never_asked", At::fetch,
       [](Host& t) {
         t.host.enable();
         t.mark();
         t.host.admin_command(Host::Plain::create_completion(t.host.new_queue(1, 8)).sqe());
       }},
      {"INI-23/not_asked_again", At::fetch,
       [](Host& t) {
         reset(t);
         t.mark();
         t.host.admin_command(Host::Plain::create_completion(t.host.new_queue(1, 8)).sqe());
       }},
      {"INI-23/beyond_grant",
       At::fetch,
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(1);
         t.host.make_io_queue(1, 8);
         t.mark();
         t.host.admin_command(Host::Plain::create_completion(t.host.new_queue(2, 8)).sqe());
       },
       {"QUE-03"}},
      {"INI-24", At::fetch,
       [](Host& t) {
         t.host.bring_up();
         t.mark();
         t.host.ask_for_queues(4);
       }},
      {"INI-27/sq", At::write,
       [](Host& t) {
         reset(t);
         t.mark();
         t.host.submit(t.host.io, small_read(t));
       }},
      {"INI-27/cq", At::write,
       [](Host& t) {
         reset(t);
         t.mark();
         t.host.ring_head(1, 1);
       }},
      {"INI-27/after_two_resets", At::write,
       [](Host& t) {
         reset(t);
         t.host.disable();
         t.host.enable();
         t.mark();
         t.host.submit(t.host.io, small_read(t));
       }},
  };
}

}  // namespace phasebit::tests
