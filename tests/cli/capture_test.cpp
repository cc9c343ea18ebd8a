// What capture prints is a scenario: it runs, and its drive captured again gives the same text.
#include <fmt/format.h>

#include "scenarios/engine/load.hpp"
#include "sim/controller/identify.hpp"
#include "src/base/random.hpp"
#include "src/cli/captured_drive.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/slow_build.hpp"

namespace phasebit::cli {
namespace {

using tests::is_slow_build;

/// The text without what was measured: a line of comment, and the quantiles of reads.
std::string without_latencies(const std::string& text) {
  std::string kept;
  bool in_read = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool of_times = line.starts_with("    ") && !line.starts_with("     ");
    in_read = line == "    read:" || (in_read && !of_times && line.starts_with("     "));
    kept += in_read || line.starts_with("# times.read") ? "" : line + "\n";
  }
  return kept;
}

std::string capture_of(const std::string& file) {
  const Ended ended = run({"capture", "--drive", file});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  return ended.out;
}

scenarios::Scenario decoded(const std::string& text) {
  const auto scenario = scenarios::decode_scenario(text, "captured");
  EXPECT_TRUE(scenario) << to_string(scenario.error().front()) << "\n" << text;
  return scenario ? *scenario : scenarios::Scenario{};
}

/// A scenario around the lines of a drive.
std::string with_drive(const std::string& lines) {
  return story("a", "drive:\n" + lines);
}

/// Of the kind that firms sell: older, with several namespaces, a past, and much to say.
const char* const used_drive = R"(  version: 1.4
  queue_entries_max: 4096
  contiguous_queues_required: false
  weighted_round_robin: false
  ready_timeout_steps: 120
  page_exponent_max: 0
  serial: "   S: \"4\" #"
  model: "ACME \\ PRO'"
  vendor_id: 0x144d
  device_id: 0xa808
  subsystem_id: 0xa801
  ieee_oui: 0x002538
  transfer_exponent_max: 9
  namespaces_max: 32
  aborts_max: 8
  async_events_max: 16
  error_log_entries: 256
  power_states: 5
  shutdown_latency: 8s
  atomic_blocks_power_fail: 8
  optimal_io_boundary_blocks: 256
  retry_delay_steps_2: 3
  commands: {write_uncorrectable: false, verify: false}
  io_submission_queues: 128
  io_completion_queues: 120
  grants_more_than_asked: true
  interrupt_vectors: 33
  namespaces:
    - {nsid: 1, blocks: 1m, eui64: "0025385b71b0a1c2"}
    - nsid: 7
      blocks: 1000
      block_bytes: 4096
      uuid: "000102030405060708090a0b0c0d0e0f"
      raw: [{offset: 25, bytes: "0101030100"}, {offset: 128, bytes: "0000090200000c00"}, {offset: 4000, bytes: "c0ffee"}]
  features: {arbitration: 2, power_management: 3, temperature_over: 354, temperature_under: 270, error_recovery: 50, interrupt_coalescing: 0x0102}
  smart: {temperature: 311, data_units_read: 123456789, power_cycles: 1200, power_on_hours: 20000, error_log_entries: 40}
  error_log: ["2800000000000000000011000440000000000000000000000100000000000000)"
                               R"(0000000000000000000000000000000000000000000000000000000000000000"]
  raw:
    identify_controller: [{offset: 72, bytes: "02"}, {offset: 266, bytes: "62016401"}, {offset: 3072, bytes: "deadbeef"}]
    smart_log: [{offset: 0, bytes: "04"}, {offset: 3, bytes: "640a11"}, {offset: 200, bytes: "37013b01"}]
    firmware_log: [{offset: 0, bytes: "13"}, {offset: 24, bytes: "3245533132323030"}]
)";

TEST(Capture, of_the_emulated_drive_is_a_scenario_that_passes_and_only_reads) {
  const Folder folder;
  const Ended captured = run({"capture"});
  ASSERT_EQ(captured.code, 0) << captured.err;
  EXPECT_TRUE(
      captured.out.starts_with("# Captured from Phasebit Emulated Drive, serial PHASEBIT0001, firmware 1.0, NVMe 2.0, PCI 1b36:0010.\n"));
  EXPECT_FALSE(contains(captured.out, "differs")) << captured.out;
  EXPECT_FALSE(contains(captured.out, "raw:")) << captured.out;
  const scenarios::Scenario scenario = decoded(captured.out);
  ASSERT_EQ(scenario.workloads.size(), 1u);
  EXPECT_EQ(scenario.workloads[0].rw, scenarios::Pattern::randread);
  const Ended ran = run({"run", folder.write("drive.yaml", captured.out)});
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_TRUE(contains(ran.out, "pass  captured-drive")) << ran.out;
}

TEST(Capture, of_a_captured_drive_gives_the_same_text_but_for_what_is_measured) {
  const Folder folder;
  const std::string first = run({"capture"}).out;
  const std::string second = capture_of(folder.write("first.yaml", first));
  EXPECT_EQ(without_latencies(first), without_latencies(second));
  EXPECT_LT(without_latencies(first).size(), first.size());
  EXPECT_EQ(capture_of(folder.path("first.yaml")), second) << "in virtual time latencies are the same each time";
}

TEST(Capture, finds_everything_that_makes_a_drive_another_one) {
  const Folder folder;
  const std::string first = capture_of(folder.write("used.yaml", with_drive(used_drive)));
  const sim::DriveOptions wanted = decoded(with_drive(used_drive)).drives[0];
  const sim::DriveOptions found = decoded(first).drives[0];
  EXPECT_EQ(found.serial, "   S: \"4\" #");
  EXPECT_EQ(found.model, "ACME \\ PRO'");
  EXPECT_EQ(sim::capabilities(found).raw, sim::capabilities(wanted).raw);
  const auto bytes = [](const auto& structure) { return std::string(reinterpret_cast<const char*>(&structure), sizeof structure); };
  EXPECT_EQ(bytes(sim::identify_controller(found)), bytes(sim::identify_controller(wanted)));
  ASSERT_EQ(found.namespaces.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(bytes(sim::identify_namespace(sim::first_state(found.namespaces[i]), found)),
              bytes(sim::identify_namespace(sim::first_state(wanted.namespaces[i]), wanted)));
  }
  EXPECT_EQ(found.namespaces[1].uuid, wanted.namespaces[1].uuid);
  // What is in no structure is compared as it would be written.
  for (const char* line : {"device_id: 43016\n",
                           "subsystem_id: 43009\n",
                           "io_submission_queues: 128\n",
                           "io_completion_queues: 120\n",
                           "grants_more_than_asked: true\n",
                           "interrupt_vectors: 33\n",
                           "power_management: 3\n",
                           "temperature_over: 354\n",
                           "temperature_under: 270\n",
                           "error_recovery: 50\n",
                           "interrupt_coalescing: 258\n",
                           "arbitration: 2\n",
                           "data_units_read: 123456789\n",
                           "power_cycles: 1200\n",
                           "power_on_hours: 20000\n",
                           "temperature: 311\n",
                           "error_log_entries: 40\n",
                           "bytes: \"37013b01\"\n",
                           "bytes: \"3245533132323030\"\n",
                           "error_log: [\"28000000"}) {
    EXPECT_TRUE(contains(first, line)) << line << first;
  }
  const std::string second = capture_of(folder.write("first.yaml", first));
  EXPECT_EQ(without_latencies(first), without_latencies(second));
  EXPECT_EQ(run({"run", folder.path("first.yaml")}).code, 0);
}

TEST(Capture, asks_an_older_drive_too_for_its_nvm_command_set_if_it_has_several_sets) {
  const Folder folder;
  const std::string lines = "  version: 1.4\n  command_sets: 0x41\n  raw: {identify_controller_nvm: [{offset: 0, bytes: \"07\"}]}\n";
  const std::string text = capture_of(folder.write("old.yaml", with_drive(lines)));
  ASSERT_EQ(decoded(text).drives[0].raw.identify_controller_nvm.size(), 1u) << text;
  EXPECT_EQ(decoded(text).drives[0].command_sets, 0x41u);
}

TEST(Capture, measures_the_latency_of_reads) {
  const Folder folder;
  const auto times = decoded(capture_of(folder.write("slow.yaml", with_drive("  times: {read: {fixed: 700us}}\n")))).drives[0].times;
  ASSERT_EQ(times.read.quantiles.size(), 6u);
  for (const sim::LatencyQuantile& quantile : times.read.quantiles) {
    EXPECT_GE(quantile.at_most, microseconds(700));
    EXPECT_LE(quantile.at_most, microseconds(720));
  }
}

TEST(Capture, of_a_drive_without_namespaces_has_none_and_no_workload) {
  const Folder folder;
  const std::string text = capture_of(folder.write("empty.yaml", "name: a\nabout: A.\ndrive: {namespaces: []}\n"));
  EXPECT_TRUE(contains(text, "no read was measured")) << text;
  const scenarios::Scenario scenario = decoded(text);
  EXPECT_TRUE(scenario.drives[0].namespaces.empty());
  EXPECT_TRUE(scenario.workloads.empty());
  EXPECT_EQ(run({"run", folder.write("again.yaml", text)}).code, 0);
}

/// A drive that says the same as the default one; tests change what it says.
CapturedDrive plain_capture() {
  const sim::DriveOptions options;
  CapturedDrive drive;
  drive.cap = sim::capabilities(options);
  drive.vs = options.version;
  drive.function = {{}, 0x010802, options.vendor_id, options.device_id, options.subsystem_vendor_id, options.subsystem_id};
  drive.interrupt_vectors = 9;
  drive.controller = sim::identify_controller(options);
  drive.namespaces.push_back({Nsid{1}, true, sim::identify_namespace(sim::first_state(options.namespaces[0]), options)});
  drive.smart = spec::SmartLog{};
  return drive;
}

TEST(CaptureText, holds_whatever_bytes_a_drive_has_for_names) {
  Random random(1);
  for (int i = 0; i < (is_slow_build ? 50 : 500); ++i) {
    CapturedDrive drive = plain_capture();
    const auto scribble = [&](auto& field) {
      for (char& c : field) {
        constexpr std::string_view awkward = "\"'\\#:&*!|>{}[]%@`-?~ \t\n\r\0\x7f\xff\xc3";
        c = random.chance(1, 2) ? awkward[random.below(awkward.size())] : static_cast<char>(random.below(256));
      }
    };
    scribble(drive.controller.sn);
    scribble(drive.controller.mn);
    scribble(drive.controller.fr);
    const scenarios::Scenario scenario = decoded(capture_text(drive));
    const spec::IdentifyController answered = sim::identify_controller(scenario.drives[0]);
    ASSERT_EQ(answered.sn, drive.controller.sn) << "of round " << i;
    ASSERT_EQ(answered.mn, drive.controller.mn) << "of round " << i;
    ASSERT_EQ(answered.fr, drive.controller.fr) << "of round " << i;
  }
}

TEST(CaptureText, is_a_scenario_whatever_a_drive_says) {
  Random random(2);
  for (int i = 0; i < (is_slow_build ? 20 : 200); ++i) {
    CapturedDrive drive = plain_capture();
    const auto scribble = [&](auto& structure, std::uint64_t parts) {
      for (std::byte& byte : std::as_writable_bytes(std::span(&structure, 1))) {
        byte = random.chance(parts, 100) ? static_cast<std::byte>(random.next()) : byte;
      }
    };
    scribble(drive.cap.raw, 50);
    scribble(drive.vs.raw, 20);
    scribble(drive.crto.raw, 50);
    scribble(drive.controller, 30);
    scribble(drive.controller_nvm, 30);
    scribble(drive.namespaces[0].identify, 3);
    scribble(*drive.smart, 50);
    scribble(drive.firmware.emplace(), 50);
    scribble(drive.features, 0);
    drive.features.power_management = static_cast<std::uint32_t>(random.next());
    drive.features.temperature_over = static_cast<std::uint32_t>(random.next());
    drive.error_log.resize(random.below(std::min(drive.controller.elpe + 1u, 64u) + 1));
    drive.io_submission_queues = static_cast<std::uint32_t>(random.below(65536) + 1);
    drive.reads.add({random.next() >> random.below(64)});
    const scenarios::Scenario scenario = decoded(capture_text(drive));
    ASSERT_EQ(scenario.name, "captured-drive") << "round " << i;
  }
}

TEST(CaptureText, says_what_the_emulated_drive_does_not_take_over) {
  CapturedDrive drive = plain_capture();
  drive.controller.oacs = 0x12a;
  drive.controller.sgls = 1;
  drive.vs = spec::version(1, 3, 1);
  drive.cap = drive.cap.with(spec::Cap::cmbs, 1);
  drive.interrupt_vectors = 0;
  drive.namespaces.push_back(drive.namespaces[0]);
  drive.namespaces[0].nsid = Nsid{3};
  drive.namespaces[0].identify.lbaf[0].ms = 8;
  drive.namespaces[1].nsid = Nsid{4};
  drive.namespaces[1].identify.nsattr = 1;
  drive.has_more_namespaces = true;
  drive.features.error_recovery = 1u << 16 | 7;
  drive.smart.reset();
  const std::string text = capture_text(drive);
  for (const char* line : {"#   CAP is ", "#   VS is 10301h, here 10300h\n", "#   OACS is 12ah, here 0h\n", "#   SGLS is 1h, here 0h\n",
                           "#   there is no MSI-X, here there are 65 vectors\n", "#   namespace 4: NSATTR bit 0 is 1h, here 0h\n",
                           "#   namespace 3 is left out: its blocks are 2^9 bytes with 8 bytes of metadata, not 512 or 4096 bytes\n",
                           "#   there are more than 2 namespaces; the others are left out\n",
                           "#   reads of deallocated blocks are errors (DULBE), here they are not\n",
                           "#   SMART / Health Information cannot be read", "#   no read was measured"}) {
    EXPECT_TRUE(contains(text, line)) << line << text;
  }
  EXPECT_EQ(decoded(text).drives[0].namespaces.size(), 1u);
  EXPECT_EQ(decoded(text).workloads[0].nsid, 4u);
}

TEST(Capture, says_what_hinders_it) {
  const Folder folder;
  const Ended absent = run({"capture", "--device", "ffff:ff:1f.7"});
  EXPECT_EQ(absent.code, 5);
  EXPECT_EQ(absent.out, "");
  EXPECT_TRUE(contains(absent.err, "ffff:ff:1f.7: there is no such PCI function")) << absent.err;
  EXPECT_EQ(run({"capture", "--device", "nvme0"}).code, 2);
  const Ended both = run({"capture", "--device", "ffff:ff:1f.7", "--drive", "x.yaml"});
  EXPECT_EQ(both.code, 2);
  EXPECT_TRUE(contains(both.err, "--device excludes --drive")) << both.err;
  for (const char* verb : {"capture", "identify"}) {
    const Ended missing = run({verb, "--drive", "/no/such/file.yaml"});
    EXPECT_EQ(missing.code, 2);
    EXPECT_TRUE(contains(missing.err, "/no/such/file.yaml: cannot be read: No such file or directory")) << missing.err;
    const std::string wrong = folder.write("wrong.yaml", with_drive("  raw:\n    identify_controller: [{offset: 77, bytes: \"09\"}]\n"));
    const Ended refused = run({verb, "--drive", wrong});
    EXPECT_EQ(refused.code, 2);
    EXPECT_EQ(refused.out, "");
    EXPECT_TRUE(contains(refused.err, wrong + ":6:47: raw.identify_controller[0].bytes changes MDTS")) << refused.err;
  }
  const Ended full = run({"capture"}, [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); });
  EXPECT_EQ(full.code, 5);
  EXPECT_TRUE(contains(full.err, "standard output cannot be written: No space left on device")) << full.err;
}

TEST(Capture, of_a_drive_that_cannot_be_attached_ends_with_the_reason) {
  const Folder folder;
  const Ended ended = run({"capture", "--drive", folder.write("lie.yaml", with_drive("  queue_entries_max: 1\n"))});
  EXPECT_EQ(ended.code, 5);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(contains(ended.err, "capture: the drive cannot be attached")) << ended.err;
}

TEST(Identify, shows_the_drive_of_a_scenario_file) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", with_drive("  serial: ACME9\n  transfer_exponent_max: 9\n"));
  const Ended ended = run({"identify", "--json", "--drive", file});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.out, "\"sn\": \"ACME9\"")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "\"mdts\": 9")) << ended.out;
}

}  // namespace
}  // namespace phasebit::cli
