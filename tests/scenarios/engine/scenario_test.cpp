#include "scenarios/engine/scenario.hpp"

#include <gtest/gtest.h>

#include "scenarios/engine/load.hpp"
#include "scenarios/engine/schema_check.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {
namespace {

std::string with(const std::string& rest) {
  return "name: story\nabout: Something happens.\n" + rest;
}

/// The first complaint without its file, or "none".
std::string complaint(const std::string& rest) {
  const Checked<Scenario> scenario = decode_scenario(with(rest), "s.yaml");
  return scenario ? "none" : to_string(scenario.error().front()).substr(7);
}

TEST(Scenario, needs_no_more_than_a_name_and_an_about) {
  const Checked<Scenario> scenario = decode_scenario(with(""), "s.yaml");
  ASSERT_TRUE(scenario) << to_string(scenario.error().front());
  EXPECT_EQ(scenario->name, "story");
  EXPECT_EQ(scenario->drives.size(), 1u);
  EXPECT_TRUE(scenario->faults.empty());
}

TEST(Scenario, is_read_whole) {
  const Checked<Scenario> read = decode_scenario(with(R"(seed: 0xff
needs: [device]
drives:
  - version: 1.4
    serial: A1
    namespaces:
      - {nsid: 3, blocks: 64k, block_bytes: 4k, eui64: "0011223344556677"}
    times:
      enable: 5ms
      read: {fixed: 80us}
      write: {quantiles: [{parts_per_million: 0, at_most: 1us}, {parts_per_million: 1000000, at_most: 2us}]}
  - {}
driver: {io_queue_entries: 64, command_timeout: 10ms, arbitration: weighted_round_robin}
workload: {nsid: 3, rw: randrw, bsrange: 4k..64k, iodepth: 16, rwmixread: 70, number_ios: 500, fsync: 8}
faults:
  - what: status
    when: {opcode: read, lbas: 0..63, nth: 3, nsid: 3, sqe: [{dword: 12, value: 7, mask: 0xffff}]}
    status: unrecovered_read_error+dnr
  - what: ready_never
    when: {row: "bring_up.enable#2", after: 10ms}
    lasts: 2s
  - {what: status, when: {opcode: identify}, status: 0x4002}
phases: {faulty: 10s}
recorded: {hash: 0xffffffffffffffff}
expect:
  objections: [durability, CMD-01]
  waive: [CMD-06]
  state: ready
  counts: {retries: 1..9, ok: 500}
)"),
                                                 "s.yaml");
  ASSERT_TRUE(read) << to_string(read.error().front());
  const Scenario& scenario = *read;
  EXPECT_EQ(scenario.recorded->hash, ~0ull);
  EXPECT_EQ(scenario.seed, 255u);
  EXPECT_EQ(scenario.drives[0].version, spec::version(1, 4));
  EXPECT_EQ(scenario.drives[0].namespaces[0].blocks, 65536u);
  EXPECT_EQ(scenario.drives[0].namespaces[0].eui64[7], 0x77);
  EXPECT_EQ(scenario.drives[0].times.read.draw(1ull << 63), microseconds(80));
  EXPECT_EQ(scenario.drives[0].times.write.quantiles[1].at_most, microseconds(2));
  EXPECT_EQ(scenario.driver.command_timeout, milliseconds(10));
  EXPECT_EQ(scenario.workloads[0].bsrange, (NumberRange{4096, 65536}));
  ASSERT_EQ(scenario.faults.size(), 3u);
  EXPECT_EQ(scenario.faults[0].value, 0x4281u);  // DNR, SCT 2, SC 81h
  EXPECT_EQ(scenario.faults[0].when.opcode, static_cast<std::uint8_t>(spec::NvmOpcode::read));
  EXPECT_EQ(scenario.faults[0].when.admin, false);
  EXPECT_EQ(scenario.faults[0].when.lbas->last, Lba{63});
  EXPECT_EQ(scenario.faults[0].when.sqe->value[48], std::byte{7});
  EXPECT_EQ(scenario.faults[0].when.sqe->mask[49], std::byte{0xff});
  EXPECT_EQ(scenario.faults[1].when.state->row, 3);
  EXPECT_EQ(scenario.faults[1].when.state->visit, 2);
  EXPECT_EQ(scenario.faults[1].when.not_before, Instant{10'000'000});
  EXPECT_EQ(scenario.faults[2].when.admin, true);
  EXPECT_EQ(scenario.expect.counts[0].name, "retries");
  EXPECT_EQ(scenario.expect.state, driver::State::ready);

  const std::string text = scenario_text(scenario);
  const Checked<Scenario> again = decode_scenario(text, "again.yaml");
  ASSERT_TRUE(again) << to_string(again.error().front()) << "\n" << text;
  EXPECT_EQ(scenario_text(*again), text);
  EXPECT_NE(text.find("status: \"unrecovered_read_error+dnr\""), std::string::npos) << text;
  EXPECT_NE(text.find("row: \"bring_up.enable#2\""), std::string::npos) << text;
}

TEST(Scenario, counts_attempts_and_visits_from_one) {
  EXPECT_EQ(complaint("faults: [{what: drop, when: {operation: 3, attempt: 1}}]\n"), "none");
  EXPECT_NE(complaint("faults: [{what: drop, when: {operation: 3, attempt: 0}}]\n").find("from 1 to 65535"), std::string::npos);
  EXPECT_EQ(complaint("faults: [{what: drop, when: {row: \"bring_up.enable#1\"}}]\n"), "none");
  EXPECT_NE(complaint("faults: [{what: drop, when: {row: \"bring_up.enable#0\"}}]\n").find("a visit from 1"), std::string::npos);
}

TEST(Scenario, bounds_a_drive_as_the_specification_does) {
  EXPECT_EQ(complaint("drive: {dataset_ranges_max: 255, io_submission_queues: 65535, namespaces_max: 1}\n"), "none");
  EXPECT_NE(complaint("drive: {dataset_ranges_max: 256}\n").find("from 0 to 255"), std::string::npos);
  EXPECT_NE(complaint("drive: {io_completion_queues: 65536}\n").find("from 1 to 65535"), std::string::npos);
  EXPECT_NE(complaint("drive: {namespaces_max: 0}\n").find("from 1 to 4294967294"), std::string::npos);
}

TEST(Scenario, refuses_impossible_combinations_where_they_stand) {
  EXPECT_EQ(complaint("workload: {nsid: 2}\n"), "3:18: drive 0 has no namespace 2");
  EXPECT_EQ(complaint("workload: {drive: 1}\n"), "3:19: there is no drive 1; there are 1, counted from 0");
  EXPECT_EQ(complaint("workload: {bs: 513}\n"), "3:16: write a multiple of the namespace's block of 512 bytes");
  EXPECT_EQ(complaint("workload: {size: 1t}\n"), "3:18: lies beyond the namespace, which ends at 512m");
  EXPECT_EQ(complaint("workload: {offset: 512m}\n"), "3:20: lies beyond the namespace, which ends at 512m");
  EXPECT_EQ(complaint("workload: {size: 8k, bs: 16k}\n"), "3:11: operations of 16k do not fit into the 8k that are used");
  EXPECT_EQ(complaint("workload: {bs: 4k, bsrange: 4k..8k}\n"), "3:29: bs is given too, and means the same; write one of them");
  EXPECT_EQ(complaint("faults:\n  - {what: status, value: 2, status: internal_error}\n"),
            "4:27: status is given too, and means the same; write one of them");
  EXPECT_EQ(complaint("workload: {numjobs: 9}\n"), "3:21: 9 jobs need as many queues; driver.io_queues_max is 4");
  EXPECT_EQ(complaint("workload: {number_ios: 0}\n"), "3:11: would never end; write number_ios or runtime");
  EXPECT_EQ(complaint("faults:\n  - {what: drop, when: {queue: 9}}\n"), "4:32: there is no queue 9; driver.io_queues_max is 4");
  EXPECT_EQ(complaint("faults:\n  - {what: drop, when: {drive: 2}}\n"), "4:32: there is no drive 2; there are 1, counted from 0");
  EXPECT_EQ(complaint("faults:\n  - {what: drop, when: {nsid: 7}}\n"), "4:31: no drive that is meant has a namespace 7");
  EXPECT_EQ(complaint("faults:\n  - {what: drop, when: {lbas: 2000000..2000001}}\n"),
            "4:31: lies beyond the end of every namespace that is meant");
  EXPECT_EQ(complaint("faults:\n  - {what: drop, when: {after: 2s, before: 1s}}\n"), "4:5: the time ends before it begins");
  EXPECT_EQ(complaint("faults:\n  - {what: lost_doorbell, when: {site: dma}}\n").substr(0, 5), "4:5: ");
  EXPECT_EQ(complaint("drive: {namespaces: [{block_bytes: 520}]}\n").substr(0, 6), "3:36: ");
  EXPECT_EQ(complaint("host: {interval_min: 2us, interval_max: 1us}\n").substr(0, 6), "3:22: ");
}

TEST(Scenario, refuses_a_SQLite_database_where_there_cannot_be_one) {
  EXPECT_EQ(complaint("workload: {}\nsqlite: {}\n"), "3:11: a SQLite database takes the place of workloads; write one of them");
  EXPECT_EQ(complaint("sqlite: {}\nworkloads: [{}, {}]\n"), "4:12: a SQLite database takes the place of workloads; write one of them");
  EXPECT_EQ(complaint("sqlite: {page_size: 1000}\n"), "3:21: write a power of two from 512 to 64k");
  EXPECT_EQ(complaint("sqlite: {page_size: 3k}\n"), "3:21: write a power of two from 512 to 64k");
  EXPECT_EQ(complaint("sqlite: {wal_autocheckpoint: 9}\n"), "3:30: there is no log to fold in; write journal_mode: wal");
  EXPECT_EQ(complaint("sqlite: {}\ndrive: {namespaces: []}\n"), "4:21: a SQLite database needs a namespace of the first drive");
  EXPECT_EQ(complaint("sqlite: {}\ndrive: {namespaces: [{blocks: 257}]}\n"), "4:31: a SQLite database needs at least 258 blocks");
  EXPECT_EQ(complaint("sqlite: {}\ndrive: {namespaces: [{active: false}, {nsid: 2}]}\n"),
            "4:31: a SQLite database is on the first namespace, which is not attached");
  EXPECT_EQ(complaint("sqlite: {page_size: 512}\ndrive: {namespaces: [{blocks: 258}]}\n"), "none");
}

TEST(Scenario, refuses_unknown_words_and_offers_the_right_one) {
  EXPECT_EQ(complaint("workloda: {}\n"), "3:1: unknown key \"workloda\"; did you mean \"workload\"?");
  EXPECT_EQ(complaint("driver: {io_queue_entrys: 3}\n"), "3:10: unknown key \"io_queue_entrys\"; did you mean \"io_queue_entries\"?");
  EXPECT_NE(complaint("faults: [{what: explode}]\n").find("write one of status, delay"), std::string::npos);
  EXPECT_NE(complaint("faults: [{what: drop, when: {row: bring_up.dance}}]\n").find("bring_up.enable"), std::string::npos);
  EXPECT_NE(complaint("faults: [{what: drop, when: {opcode: raed}}]\n").find("an opcode by its name"), std::string::npos);
  EXPECT_NE(complaint("expect: {waive: [durability]}\n").find("the id of a rule"), std::string::npos);
  EXPECT_NE(complaint("expect: {counts: {retries: 9..1}}\n").find("a range such as"), std::string::npos);
}

TEST(Scenario, tells_of_twenty_mistakes_at_most) {
  std::string faults = "faults:\n";
  for (int i = 0; i < 100; ++i) {
    faults += "  - {what: explode}\n";
  }
  const Checked<Scenario> scenario = decode_scenario(with(faults), "s.yaml");
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().size(), 21u);
}

TEST(Schema, objects_at_the_deepest_node_that_fails) {
  const Checked<Document> document = read_yaml(with("faults:\n  - what: drop\n    when: {nth: many}\n"), "s.yaml");
  const Diagnostics complaints = check_schema(*document);
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_EQ(complaints[0].place.line, 5u);
  EXPECT_EQ(complaints[0].place.column, 17u);
  EXPECT_NE(complaints[0].text.find("\"/faults/0/when/nth\""), std::string::npos) << complaints[0].text;
}

TEST(Schema, accepts_what_the_writer_writes) {
  const Checked<Scenario> scenario = decode_scenario(with("workload: {}\nfaults: [{what: drop}]\n"), "s.yaml");
  ASSERT_TRUE(scenario);
  const Checked<Document> document = read_yaml(scenario_text(*scenario), "again.yaml");
  for (const Diagnostic& complaint : check_schema(*document)) {
    ADD_FAILURE() << to_string(complaint);
  }
}

}  // namespace
}  // namespace phasebit::scenarios
