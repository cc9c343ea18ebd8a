#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

using sim::DriveOptions;

namespace {

using Host = WrongHostWorld;

Event finished(std::uint16_t qid, std::uint16_t cid) {
  Event event;
  event.kind = EventKind::command_finished;
  event.queue = qid;
  event.a = cid;
  return event;
}

/// Three completions posted and consumed, none acknowledged: the queue of four is full.
void consume_without_acknowledging(Host& t) {
  t.host.enable();
  t.host.ask_for_queues(4);
  t.host.io = t.host.make_io_queue(1, 4);
  const spec::Sqe sqe = small_read(t);
  for (int i = 0; i < 3; ++i) {
    const std::uint16_t cid = t.host.place(t.host.io, sqe);
    t.host.ring(t.host.io);
    spec::Cqe cqe;
    PHASEBIT_ASSERT(t.host.wait_for(t.host.io, cqe));
    t.host.b.record(finished(1, cid));
  }
  t.host.submit(t.host.io, sqe);
}

}  // namespace

std::vector<WrongHost> wrong_hosts_of_queues() {
  return {
      {"QUE-01",
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         t.host.admin_command(Host::Plain::create_submission(t.host.new_queue(2, 8)).sqe());
       }},
      {"QUE-02",
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         auto create = Host::Plain::create_submission(t.host.new_queue(1, 8));
         create.cqid = Qid{0};
         t.host.admin_command(create.sqe());
       }},
      {"QUE-03",
       [](Host& t) {
         t.host.bring_up();
         t.host.admin_command(Host::Plain::create_completion(t.host.new_queue(1, 8)).sqe());
       }},
      {"QUE-04",
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         t.host.admin_command(Host::Plain::create_completion(t.host.new_queue(1, 1)).sqe());
       }},
      {"QUE-05",
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         t.host.admin_command(Host::Plain::create_completion(t.host.new_queue(1, spec::queue_entries_max(t.host.cap) + 1)).sqe());
       }},
      {"QUE-06",
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         auto create = Host::Plain::create_completion(t.host.new_queue(1, 8));
         create.contiguous = false;
         t.host.admin_command(create.sqe());
       },
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.contiguous_queues_required = true;
         return drive;
       }},
      {"QUE-07",
       [](Host& t) {
         t.host.enable();
         t.host.ask_for_queues(4);
         auto create = Host::Plain::create_completion(t.host.new_queue(1, 8));
         create.base = create.base + 64;
         t.host.admin_command(create.sqe());
       }},
      {"QUE-11",
       [](Host& t) {
         t.host.bring_up();
         t.host.admin_command(spec::delete_io_completion_queue(Qid{1}));
       }},
      {"QUE-12",
       [](Host& t) {
         t.host.enable();
         t.host.admin_command(spec::delete_io_submission_queue(Qid{0}));
       }},
      {"QUE-13",
       [](Host& t) {
         t.host.bring_up();
         t.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
         t.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
       }},
      {"QUE-15",
       [](Host& t) {
         t.host.bring_up();
         t.host.ring_tail(3, 1);
       }},
      {"QUE-16",
       [](Host& t) {
         t.host.bring_up();
         t.host.ring_tail(1, t.host.io.entries);
       }},
      {"QUE-17",
       [](Host& t) {
         t.host.bring_up();
         t.host.ring_head(1, t.host.io.entries);
       }},
      {"QUE-18",
       [](Host& t) {
         t.host.bring_up();
         t.host.io_command(small_read(t));
         t.host.ring(t.host.io);
       }},
      {"QUE-19",
       [](Host& t) {
         t.host.bring_up();
         const spec::Sqe sqe = small_read(t);
         for (int i = 0; i < 7; ++i) {
           t.host.place(t.host.io, sqe);
         }
         t.host.ring_tail(1, 7);
         t.host.ring_tail(1, 6);
       },
       {"QUE-21"}},
      {"QUE-20",
       [](Host& t) {
         t.host.bring_up();
         t.host.ring_head(1, 3);
       }},
      {"QUE-21",
       [](Host& t) {
         t.host.bring_up();
         const spec::Sqe sqe = small_read(t);
         for (int i = 0; i < 7; ++i) {
           t.host.place(t.host.io, sqe);
         }
         t.host.ring(t.host.io);
         t.host.let_time_pass(3);
         for (int i = 0; i < 4; ++i) {
           t.host.place(t.host.io, sqe);
         }
         t.host.ring(t.host.io);
       },
       {},
       slow_drive},
      {"QUE-24",
       [](Host& t) {
         t.host.bring_up();
         const std::uint16_t cid = t.host.place(t.host.io, small_read(t));
         Event pushed;
         pushed.kind = EventKind::command_pushed;
         pushed.queue = 1;
         pushed.a = cid;
         t.host.b.record(pushed);
         t.host.ring(t.host.io);
         t.host.b.record(finished(1, cid));
       },
       {},
       slow_drive},
      {"QUE-25",
       [](Host& t) {
         t.host.bring_up(4);
         const spec::Sqe sqe = small_read(t);
         for (int i = 0; i < 5; ++i) {
           t.host.io_command(sqe);
         }
         t.host.ring_head(1, 2);
       },
       {"QUE-20"}},
      {"QUE-27", consume_without_acknowledging},
  };
}

}  // namespace phasebit::tests
