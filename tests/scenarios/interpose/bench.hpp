// A plain host on an interposed scripted drive, with a clock that the test moves, and everybody who reads the stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <vector>

#include "scenarios/interpose/interposed.hpp"
#include "sim/monitor/monitor.hpp"
#include "src/spec/dataset_management.hpp"
#include "src/spec/io_commands.hpp"
#include "tests/scenarios/interpose/scripted_drive.hpp"
#include "tests/support/plain_host.hpp"

namespace phasebit::scenarios {

struct TestClock final : Clock {
  Instant now() override { return time; }
  Instant time{1000};
};

struct EventList final : sim::StreamReader {
  void on_event(std::uint64_t, const Event& event) override { events.push_back(event); }
  std::vector<Event> of(EventKind kind) const {
    std::vector<Event> found;
    std::copy_if(events.begin(), events.end(), std::back_inserter(found), [kind](const Event& event) { return event.kind == kind; });
    return found;
  }
  std::vector<Event> events;
};

class Bench {
 public:
  explicit Bench(const std::vector<sim::Fault>& faults = {})
      : stream(std::pmr::get_default_resource()),
        plan(faults, stream, std::pmr::get_default_resource()),
        seam(drive, stream, plan, clock, std::pmr::get_default_resource()) {}
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void let_time_pass() {
    clock.time = clock.time + microseconds(10);
    drive.work();
  }
  void let_time_pass_until(Instant until) {
    while (clock.time < until) {
      let_time_pass();
    }
  }
  /// Ids of the rules that the host has broken so far.
  std::vector<std::string> objections() const {
    std::vector<std::string> ids;
    for (const sim::Violation& violation : monitor.violations()) {
      ids.emplace_back(violation.rule->id);
    }
    return ids;
  }

  TestClock clock;
  sim::Stream stream;
  sim::FaultPlan plan;
  sim::Monitor monitor;
  EventList log;
  ScriptedDrive drive;
  Interposed<ScriptedDrive> seam;
  bool listening = listen();  ///< before the host's first access
  tests::PlainHost<Interposed<ScriptedDrive>> host{seam, [this] { let_time_pass(); }};

 private:
  bool listen() {
    stream.add_reader(plan);
    stream.add_reader(monitor);
    stream.add_reader(log);
    return true;
  }
};

/// What any host does before its first I/O: controller, namespace 1.
template <Backend B>
void identify(tests::PlainHost<B>& host) {
  const DmaRegion data = host.memory(spec::identify_bytes);
  for (const spec::Identify& identify : {spec::Identify{}, spec::Identify{.cns = spec::Cns::identify_namespace, .nsid = Nsid{1}}}) {
    spec::Sqe sqe = identify.sqe();
    sqe.prp1 = data.iova.value;
    host.admin_command(sqe);
  }
}

/// A read of one block to a buffer; the scripted drive answers with the block's number in dword 0.
inline spec::Sqe read_block(std::uint32_t block, const DmaRegion& buffer) {
  spec::Sqe sqe = spec::read(Nsid{1}, Lba{block}, 1);
  sqe.prp1 = buffer.iova.value;
  return sqe;
}

/// Everything from the first register to an orderly end: bring-up, `reads` reads that go round the rings, deletion, shutdown.
template <Backend B>
void run_clean_host(tests::PlainHost<B>& host, std::uint32_t reads) {
  host.enable();
  identify(host);
  host.ask_for_queues(4);
  host.io = host.make_io_queue(1, 8);
  const DmaRegion buffer = host.memory(4096);
  for (std::uint32_t i = 0; i < reads; ++i) {
    host.io_command(read_block(i, buffer));
  }
  host.admin_command(spec::delete_io_submission_queue(Qid{1}));
  host.admin_command(spec::delete_io_completion_queue(Qid{1}));
  host.write_cc(host.configuration().with(spec::Cc::shn, spec::Shn::normal));
  for (int turn = 0; turn < 100'000 && host.csts().get(spec::Csts::shst) != spec::Shst::complete; ++turn) {
    host.let_time_pass();
  }
  host.disable();
  host.b.free_dma(buffer);
}

}  // namespace phasebit::scenarios
