// The keys of a scenario file (drives: drive_fields.hpp, faults: fault_fields.hpp).
#pragma once

#include <algorithm>
#include <string>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/drive_fields.hpp"
#include "scenarios/engine/fault_fields.hpp"
#include "scenarios/engine/reader.hpp"
#include "scenarios/engine/row_name.hpp"
#include "scenarios/engine/scenario.hpp"
#include "scenarios/engine/scenario_words.hpp"

namespace phasebit::driver {

// Found by the archives through its argument.
template <class Archive>
void fields(Archive& archive, Options& options) {
  using scenarios::Size;
  using scenarios::Time;
  using scenarios::Whole;
  archive.field("admin_queue_entries", options.admin_queue_entries, Whole{2, 4096});
  archive.field("io_queues_max", options.io_queues_max, Whole{1, 64});
  archive.field("io_queue_entries", options.io_queue_entries, Whole{2, 65536});
  archive.field("namespaces_max", options.namespaces_max, Whole{1, 65536}, "a drive with more makes the driver ask for a rescan");
  archive.field("events_max", options.events_max, Whole{1, 65536});
  archive.field("transfer_bytes_max", options.transfer_bytes_max, Size{4096, 64 << 20}, "of one command");
  archive.field("page_bytes", options.page_bytes, Size{4096, 65536}, "wished memory page size");
  archive.field("command_timeout", options.command_timeout, Time{microseconds(1), seconds(3600)});
  archive.field("admin_timeout", options.admin_timeout, Time{microseconds(1), seconds(3600)});
  archive.field("abort_timeout", options.abort_timeout, Time{microseconds(1), seconds(3600)},
                "from asking for an abort to asking for a reset");
  archive.field("ready_timeout_floor", options.ready_timeout_floor, Time{}, "at least so long, whatever CAP.TO says");
  archive.field("shutdown_timeout_floor", options.shutdown_timeout_floor, Time{}, "at least so long, whatever RTD3E says");
  archive.field("removal_grace", options.removal_grace, Time{}, "how long all ones may last around a change of CC.EN");
  archive.field("async_event_interval_min", options.async_event_interval_min, Time{}, "between two re-arms after the first few");
  archive.field("poll_interval", options.poll_interval, Time{microseconds(1), seconds(10)}, "of CSTS while ready");
  archive.field("interrupts", options.interrupts, scenarios::Truth{}, "the host sleeps until one tells of a completion");
  archive.field("interrupt_poll_interval", options.interrupt_poll_interval, Time{microseconds(1), seconds(10)},
                "in place of poll_interval with interrupts");
  archive.field("retries_max", options.retries_max, Whole{0, 254});
  archive.field("retry_delay", options.retry_delay, Time{}, "before the first retry when CRD is 0");
  archive.field("resets_max", options.resets_max, Whole{0, 1000}, "in a row without one completed command");
  archive.field("async_events_max", options.async_events_max, Whole{0, 256}, "outstanding requests");
  archive.field("arbitration", options.arbitration, scenarios::Choice<spec::Ams>{scenarios::arbitration_names});
  archive.field("controller_memory", options.controller_memory,
                scenarios::Choice<driver::ControllerMemoryUse>{scenarios::controller_memory_names},
                "what lies in the controller memory buffer of drives that have one");
  archive.field("command_generations", options.command_generations, scenarios::Truth{}, "false: a CID is the slot, as some drives need");
}

}  // namespace phasebit::driver

namespace phasebit::scenarios {

template <class Archive>
void fields(Archive& archive, WorkloadOptions& work) {
  constexpr Whole per_cent{0, 100};
  archive.field("drive", work.drive, Whole{0, 255}, "index in drives");
  archive.field("nsid", work.nsid, Whole{1, 0xffff'fffe});
  archive.field("rw", work.rw, Choice<Pattern>{pattern_names});
  std::optional<std::uint64_t> bs;
  std::optional<NumberRange> bsrange;
  if (!Archive::reads) {
    bs = work.bsrange.first == work.bsrange.last ? std::optional(work.bsrange.first) : std::nullopt;
    bsrange = bs ? std::nullopt : std::optional(work.bsrange);
  }
  archive.field("bs", bs, Size{512, 16 << 20}, "bytes of one operation");
  archive.field("bsrange", bsrange, SizeRange{}, "drawn for each operation, instead of bs");
  if (Archive::reads) {
    work.bsrange = bsrange ? *bsrange : bs ? NumberRange{*bs, *bs} : work.bsrange;
  }
  archive.field("iodepth", work.iodepth, Whole{1, 4096}, "operations outstanding per job");
  archive.field("numjobs", work.numjobs, Whole{1, 64}, "jobs, each with its own queue");
  archive.field("submission_queues", work.submission_queues, Whole{1, driver::channel_submission_queues_max},
                "of each job, taken in turn; all answer to its one completion queue");
  archive.field("priority", work.priority, Choice<spec::QueuePriority>{priority_names},
                "of its submission queues; counts under weighted_round_robin only");
  archive.field("rwmixread", work.rwmixread, per_cent, "per cent of reads");
  archive.field("rare", work.rare, per_cent, "per cent of compare, verify, write zeroes, deallocate and write uncorrectable");
  archive.field("offset", work.offset, Size{}, "bytes before the first block that is used");
  archive.field("size", work.size, Size{}, "bytes that are used; 0: to the end of the namespace");
  archive.field("number_ios", work.number_ios, Whole{0, 100'000'000}, "operations of all jobs together");
  archive.field("runtime", work.runtime, Time{}, "ends earlier; 0: not by time");
  archive.field("fsync", work.fsync, Whole{0, 1'000'000}, "a flush after so many writes");
  archive.field("fua", work.fua, per_cent, "per cent of writes with Force Unit Access");
  archive.field("regions", work.regions, Whole{1, 16}, "pieces of memory that a buffer is made of, at most");
  archive.field("verify", work.verify, Truth{}, "content is judged");
  archive.field("read_back", work.read_back, Truth{}, "at the end every block that was written is read once more");
  archive.field("trace", work.trace, Text{0, 1000}, "a recorded block trace gives the operations instead");
}

template <class Archive>
void fields(Archive& archive, SqliteOptions& sqlite) {
  archive.field("journal_mode", sqlite.settings.journal, Choice<SqliteJournal>{sqlite_journal_names},
                "with synchronous=EXTRA, or FULL for wal");
  archive.field("page_size", sqlite.settings.page_bytes, Size{512, 65536}, "bytes, a power of two");
  archive.field("wal_autocheckpoint", sqlite.settings.wal_autocheckpoint_pages, Whole{1, 1000}, "pages");
  archive.field("transactions", sqlite.transactions, Whole{1, 1000}, "besides the one that makes the schema");
  archive.field("cut_power", sqlite.cut_power, Truth{}, "at every write and flush, with everything that a cut may leave behind");
}

template <class Archive>
void fields(Archive& archive, HostOptions& host) {
  archive.field("interval_min", host.interval_min, Time{nanoseconds(1), seconds(1)}, "between two turns of the host, at least");
  archive.field("interval_max", host.interval_max, Time{nanoseconds(1), seconds(1)}, "and at most");
}

template <class Archive>
void fields(Archive& archive, Phases& phases) {
  archive.field("faulty", phases.faulty, Time{nanoseconds(1), seconds(86'400)}, "faults strike until the workloads are done or so long");
  archive.field("drain", phases.drain, Time{nanoseconds(1), seconds(86'400)},
                "virtual time in which all outstanding work has to end after heal");
  archive.field("shutdown_abrupt", phases.shutdown_abrupt, Truth{}, "how the driver is shut down at the end");
}

/// A mapping from each name that is known to a range.
template <std::span<const std::string_view> (*names)()>
struct CountRanges {
  std::vector<CountRange> ranges;
};

template <class Archive, std::span<const std::string_view> (*names)()>
void fields(Archive& archive, CountRanges<names>& counts) {
  for (const std::string_view name : names()) {
    const auto found =
        std::find_if(counts.ranges.begin(), counts.ranges.end(), [&](const CountRange& count) { return count.name == name; });
    std::optional<NumberRange> range = found == counts.ranges.end() ? std::nullopt : std::optional(found->range);
    archive.field(name.data(), range, Range{});
    if (Archive::reads && range) {
      counts.ranges.push_back({std::string(name), *range});
    }
  }
}

template <class Archive>
void fields(Archive& archive, Expect& expect) {
  archive.words("objections", expect.objections, Judge{}, Counts{0, 64}, "judges that have to object");
  archive.words("waive", expect.waive, Judge{true}, Counts{0, 64}, "rules that may be broken");
  archive.field("work", expect.work, Choice<Work>{work_names},
                "how much of it had ended, not rejected, aborted or gone, when the faults were lifted");
  archive.field("state_before_heal", expect.state_before_heal, Choice<driver::State>{state_names},
                "of the first drive's driver when the faults are about to be lifted");
  archive.field("state", expect.state, Choice<driver::State>{state_names}, "of the first drive's driver when all work has ended");
  archive.field("faults_may_miss", expect.faults_may_miss, Truth{}, "a fault that never strikes is no failure, as in drawn worlds");
  archive.field("anything_may_happen", expect.anything_may_happen, Truth{},
                "nothing is presumed of work and attachments, as in drawn worlds");
  archive.field("slowest_operation", expect.slowest_operation, Times{}, "how long it took, retries included");
  CountRanges<count_names> counts{expect.counts};
  archive.section("counts", counts, "ranges for what the run counted; attached once each and never lost, unless it is said here");
  CountRanges<row_result_names> rows{expect.rows};
  archive.section("rows", rows, "how often each row of the driver's machines was left in each way; what is absent is not looked at");
  if (Archive::reads) {
    expect.counts = counts.ranges;
    expect.rows = rows.ranges;
  }
}

template <class Archive>
void fields(Archive& archive, Recorded& recorded) {
  archive.field("hash", recorded.hash, Hash{}, "of the stream");
  archive.field("exit_code", recorded.exit_code, Whole{0, 255});
  archive.field("objection", recorded.objection, Text{0, 4000});
}

template <class Archive>
void fields(Archive& archive, Scenario& scenario) {
  archive.must("name", scenario.name, Text{1, 80, true}, "what it shows, as a word");
  archive.must("about", scenario.about, Text{1, 500}, "the story in one sentence");
  archive.field("seed", scenario.seed, Seed{}, "where everything that is not said here is drawn from");
  archive.words("needs", scenario.needs, Choice<Need>{need_names}, Counts{0, 3}, "of the backend");
  archive.one_or_many("drive", "drives", scenario.drives, Counts{1, 8}, "the emulated drives");
  archive.section("driver", scenario.driver, "options of the driver");
  archive.section("host", scenario.host, "when the simulated host runs");
  archive.one_or_many("workload", "workloads", scenario.workloads, Counts{0, 16}, "what the host does with its drives");
  archive.section("sqlite", scenario.sqlite, "a SQLite database instead of workloads");
  archive.list("faults", scenario.faults, Counts{0, 4096}, "what goes wrong");
  archive.section("phases", scenario.phases);
  archive.section("expect", scenario.expect, "what has to be so at the end");
  archive.section("recorded", scenario.recorded, "of a failure file: what came of the run that it was written from");
}

}  // namespace phasebit::scenarios
