#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

namespace {

using Host = WrongHostWorld;

Event told(EventKind kind, std::uint16_t qid, std::uint16_t cid) {
  Event event;
  event.kind = kind;
  event.queue = qid;
  event.a = cid;
  return event;
}

template <std::uint16_t Qid, std::uint32_t Value>
void ring_tail(Host& t) {
  t.host.bring_up();
  t.mark();
  t.host.ring_tail(Qid, Value);
}

template <std::uint16_t Qid, std::uint32_t Value>
void ring_head(Host& t) {
  t.host.bring_up();
  t.mark();
  t.host.ring_head(Qid, Value);
}

void place_seven_reads(Host& t) {
  t.host.bring_up();
  const spec::Sqe sqe = small_read(t);
  for (int i = 0; i < 7; ++i) {
    t.host.place(t.host.io, sqe);
  }
}

/// Takes one entry of CQ 1 and says so, without ringing.
void consume(Host& t) {
  spec::Cqe cqe;
  PHASEBIT_ASSERT(t.host.wait_for(t.host.io, cqe));
  t.host.b.record(told(EventKind::command_finished, 1, cqe.cid));
}

/// Three completions posted and consumed, none acknowledged: the queue of four is full.
void submit_to_full_queue(Host& t) {
  t.host.bring_up(4);
  const spec::Sqe sqe = small_read(t);
  for (int i = 0; i < 3; ++i) {
    t.host.submit(t.host.io, sqe);
    consume(t);
  }
  t.mark();
  t.host.submit(t.host.io, sqe);
}

/// The same of four commands that are out together, of which the last never gets room; the host waits in vain, and ends it.
void wait_with_full_queue(Host& t, spec::Cc ending) {
  t.host.enable();
  t.host.ask_for_queues(4);
  t.host.io = t.host.new_queue(1, 8);
  auto create = Host::Plain::create_completion(t.host.io);
  create.entries = 4;
  t.host.admin_command(create.sqe());
  t.host.admin_command(Host::Plain::create_submission(t.host.io).sqe());
  const spec::Sqe sqe = small_read(t);
  for (int i = 0; i < 4; ++i) {
    t.host.place(t.host.io, sqe);
  }
  t.host.ring(t.host.io);
  for (int i = 0; i < 3; ++i) {
    consume(t);
  }
  t.wait(seconds(1));
  t.mark();
  t.host.write_cc(ending);
}

}  // namespace

std::vector<WrongHost> wrong_hosts_of_doorbells() {
  return {
      {"QUE-15/sq", At::write, ring_tail<3, 1>},
      {"QUE-15/cq", At::write, ring_head<3, 1>},
      {"QUE-16", At::write, ring_tail<1, 8>},
      {"QUE-17", At::write, ring_head<1, 8>},
      {"QUE-18/sq", At::write,
       [](Host& t) {
         t.host.bring_up();
         t.host.io_command(small_read(t));
         t.mark();
         t.host.ring(t.host.io);
       }},
      {"QUE-18/cq", At::write,
       [](Host& t) {
         t.host.bring_up();
         t.host.io_command(small_read(t));
         t.mark();
         t.host.ring_head(1, t.host.io.head.slot);
       }},
      {"QUE-19",
       At::write,
       [](Host& t) {
         place_seven_reads(t);
         t.host.ring_tail(1, 7);
         t.mark();
         t.host.ring_tail(1, 6);
       },
       {"QUE-21"}},
      {"QUE-20", At::write, ring_head<1, 3>},
      {"QUE-21",
       At::write,
       [](Host& t) {
         place_seven_reads(t);
         t.host.ring(t.host.io);
         t.host.let_time_pass(3);
         for (int i = 0; i < 4; ++i) {
           t.host.place(t.host.io, small_read(t));
         }
         t.mark();
         t.host.ring(t.host.io);
       },
       {},
       slow_drive},
      {"QUE-24",
       At::report,
       [](Host& t) {
         t.host.bring_up();
         const std::uint16_t cid = t.host.place(t.host.io, small_read(t));
         t.host.b.record(told(EventKind::command_pushed, 1, cid));
         t.host.ring(t.host.io);
         t.mark();
         t.host.b.record(told(EventKind::command_finished, 1, cid));
       },
       {},
       slow_drive},
      {"QUE-25",
       At::write,
       [](Host& t) {
         t.host.bring_up(4);
         const spec::Sqe sqe = small_read(t);
         for (int i = 0; i < 5; ++i) {
           t.host.io_command(sqe);
         }
         t.mark();
         t.host.ring_head(1, 2);
       },
       {"QUE-20"}},
      {"QUE-27/submits", At::write, submit_to_full_queue},
      {"QUE-27/resets", At::write, [](Host& t) { wait_with_full_queue(t, t.host.configuration().with(spec::Cc::en, false)); }},
      {"QUE-27/shuts_down", At::write,
       [](Host& t) { wait_with_full_queue(t, t.host.configuration().with(spec::Cc::shn, spec::Shn::abrupt)); }},
  };
}

}  // namespace phasebit::tests
