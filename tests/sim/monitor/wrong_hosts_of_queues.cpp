#include "tests/sim/monitor/wrong_host_parts.hpp"
#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

using sim::DriveOptions;

namespace {

using Host = WrongHostWorld;

/// Makes a completion queue after four were granted.
void create(Host& t, spec::CreateIoCompletionQueue queue) {
  t.mark();
  t.host.admin_command(queue.sqe());
}

spec::CreateIoCompletionQueue completion_queue(Host& t, std::uint16_t qid, std::uint32_t entries) {
  t.host.enable();
  t.host.ask_for_queues(4);
  return Host::Plain::create_completion(t.host.new_queue(qid, entries));
}

/// A second submission queue for CQ 1.
template <std::uint16_t SqId>
void create_another_submission_queue(Host& t) {
  t.host.bring_up();
  auto create = Host::Plain::create_submission(t.host.new_queue(SqId, 8));
  create.cqid = Qid{1};
  t.mark();
  t.host.admin_command(create.sqe());
}

template <std::uint16_t Cqid>
void create_submission_queue_for(Host& t) {
  t.host.enable();
  t.host.ask_for_queues(4);
  auto create = Host::Plain::create_submission(t.host.new_queue(1, 8));
  create.cqid = Qid{Cqid};
  t.mark();
  t.host.admin_command(create.sqe());
}

/// A submission queue of 8 entries in the drive's own memory.
void create_in_own_memory(Host& t, std::uint64_t offset, std::uint64_t bits) {
  place_memory(t, bits);
  t.host.enable();
  t.host.ask_for_queues(4);
  const PlainQueue queue = t.host.new_queue(1, 8);
  PHASEBIT_ASSERT(t.host.admin_command(Host::Plain::create_completion(queue).sqe()).status() == spec::Status{});
  auto create = Host::Plain::create_submission(queue);
  create.base = own_memory_base + offset;
  t.mark();
  t.host.admin_command(create.sqe());
}

void give_to_admin(Host& t, const spec::Sqe& sqe) {
  t.host.bring_up();
  t.mark();
  t.host.admin_command(sqe);
}

}  // namespace

std::vector<WrongHost> wrong_hosts_of_queues() {
  return {
      {"QUE-01", At::fetch, create_submission_queue_for<2>},
      {"QUE-02", At::fetch, create_submission_queue_for<0>},
      {"QUE-03/cq_in_use", At::fetch,
       [](Host& t) {
         t.host.bring_up();
         create(t, Host::Plain::create_completion(t.host.new_queue(1, 8)));
       }},
      {"QUE-03/cq_0", At::fetch, [](Host& t) { create(t, completion_queue(t, 0, 8)); }},
      {"QUE-03/cq_beyond_grant", At::fetch, [](Host& t) { create(t, completion_queue(t, 5, 8)); }},
      {"QUE-03/sq_in_use", At::fetch, create_another_submission_queue<1>},
      {"QUE-03/sq_0", At::fetch, create_another_submission_queue<0>},
      {"QUE-03/sq_beyond_grant", At::fetch, create_another_submission_queue<5>},
      {"QUE-04", At::fetch, [](Host& t) { create(t, completion_queue(t, 1, 1)); }},
      {"QUE-05", At::fetch, [](Host& t) { create(t, completion_queue(t, 1, spec::queue_entries_max(t.host.cap) + 1)); }},
      {"QUE-06",
       At::fetch,
       [](Host& t) {
         auto queue = completion_queue(t, 1, 8);
         queue.contiguous = false;
         create(t, queue);
       },
       {},
       [] {
         DriveOptions drive = plain_drive();
         drive.contiguous_queues_required = true;
         return drive;
       }},
      {"QUE-07", At::fetch,
       [](Host& t) {
         auto queue = completion_queue(t, 1, 8);
         queue.base = queue.base + 64;
         create(t, queue);
       }},
      {"QUE-11", At::fetch, [](Host& t) { give_to_admin(t, spec::delete_io_completion_queue(Qid{1})); }},
      {"QUE-12/sq", At::fetch, [](Host& t) { give_to_admin(t, spec::delete_io_submission_queue(Qid{0})); }},
      {"QUE-12/cq", At::fetch, [](Host& t) { give_to_admin(t, spec::delete_io_completion_queue(Qid{0})); }},
      {"QUE-13/sq_never_made", At::fetch, [](Host& t) { give_to_admin(t, spec::delete_io_submission_queue(Qid{2})); }},
      {"QUE-13/cq_never_made", At::fetch, [](Host& t) { give_to_admin(t, spec::delete_io_completion_queue(Qid{2})); }},
      {"QUE-13/sq_twice", At::fetch,
       [](Host& t) {
         t.host.bring_up();
         t.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
         t.mark();
         t.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
       }},
      {"QUE-13/cq_twice", At::fetch,
       [](Host& t) {
         t.host.bring_up();
         t.host.admin_command(spec::delete_io_submission_queue(Qid{1}));
         t.host.admin_command(spec::delete_io_completion_queue(Qid{1}));
         t.mark();
         t.host.admin_command(spec::delete_io_completion_queue(Qid{1}));
       }},
      {"QUE-32/not_offered", At::fetch, [](Host& t) { create_in_own_memory(t, 0, 3); }, {}, drive_with_memory<0x1c>},
      {"QUE-32/not_enabled", At::fetch, [](Host& t) { create_in_own_memory(t, 0, 1); }, {}, drive_with_memory<0x01>},
      {"QUE-32/ends_beyond",
       At::fetch,
       [](Host& t) {
         place_memory(t);
         t.host.enable();
         t.host.ask_for_queues(4);
         const PlainQueue queue = t.host.new_queue(1, 128);
         PHASEBIT_ASSERT(t.host.admin_command(Host::Plain::create_completion(queue).sqe()).status() == spec::Status{});
         auto create = Host::Plain::create_submission(queue);
         create.base = own_memory_base + (own_memory_bytes - 4096);  // of two pages
         t.mark();
         t.host.admin_command(create.sqe());
       },
       {},
       [] {
         DriveOptions drive = drive_with_memory<0x01>();
         drive.queue_entries_max = 128;
         return drive;
       }},
      {"QUE-32/completions",
       At::fetch,
       [](Host& t) {
         place_memory(t);
         auto queue = completion_queue(t, 1, 8);
         queue.base = own_memory_base;
         create(t, queue);
       },
       {},
       drive_with_memory<0x1d>},
  };
}

}  // namespace phasebit::tests
