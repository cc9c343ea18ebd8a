// A sound drive passes; of a defective one the check fails that is about the defect, and no other.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "sim/world/world.hpp"
#include "src/cli/emulated_drive.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/driver/bring_up.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/failed_checks.hpp"

namespace phasebit::cli {
namespace {

using sim::DriveOptions;
using sim::Fault;
using sim::Verb;

Fault forever(Verb what, bool admin, std::uint8_t opcode) {
  Fault fault;
  fault.what = what;
  fault.when.site = sim::Site::command;
  fault.when.admin = admin;
  fault.when.opcode = opcode;
  fault.times = 0;
  return fault;
}
Fault io(Verb what, spec::NvmOpcode opcode) {
  return forever(what, false, static_cast<std::uint8_t>(opcode));
}
Fault admin(Verb what, spec::AdminOpcode opcode) {
  return forever(what, true, static_cast<std::uint8_t>(opcode));
}
Fault failing(Fault fault, spec::Status status = spec::make_status(spec::GenericStatus::internal_error)) {
  fault.what = Verb::status;
  fault.value = status.with(spec::Status::dnr, 1).raw;
  return fault;
}

struct Defect {
  std::string name;
  std::vector<Fault> faults;
  DriveOptions options;
  std::set<std::string> fails;  ///< checks

  friend void PrintTo(const Defect& defect, std::ostream* out) { *out << defect.name; }
};

using Checks = std::function<void(DriveAccess&, Validation&)>;

/// What `checks` say of an emulated drive, which has time of its own.
template <class Time = WorldClock>
Validation checked(const DriveOptions& options, const std::vector<Fault>& faults, const Checks& checks) {
  sim::WorldOptions world_options;
  world_options.drives = {options};
  world_options.faults = faults;
  sim::Region region = sim::Region::create(1ull << 30).value();
  const sim::WorldPointer world = sim::make_world(world_options, region);
  Time clock(*world);
  Session session(world->bus(), clock, world->drive(0).address());
  const auto function = session.find();
  if (!function || !session.attach() || !session.open_channel()) {
    ADD_FAILURE() << "the drive cannot be attached";
    return {};
  }
  DriveAccessOf drive(session, clock, *function);
  Validation validation;
  checks(drive, validation);
  return validation;
}

Validation validated(const DriveOptions& options, const std::vector<Fault>& faults, const std::optional<std::string>& read_only = {}) {
  return checked(options, faults, [&](DriveAccess& drive, Validation& validation) { validation = validate(drive, read_only, {}); });
}

class OfADefectiveDrive : public ::testing::TestWithParam<Defect> {};

TEST_P(OfADefectiveDrive, the_check_fails_that_is_about_the_defect) {
  EXPECT_EQ(failures(validated(GetParam().options, GetParam().faults)), GetParam().fails);
}

DriveOptions with_serial(const char* serial) {
  DriveOptions options;
  options.serial = serial;
  return options;
}

DriveOptions with_power_states(std::uint32_t states) {
  DriveOptions options;
  options.power_states = states;
  return options;
}

Fault at_lbas(Fault fault, std::uint64_t first, std::uint64_t last) {
  fault.when.lbas = sim::LbaRange{Lba{first}, Lba{last}};
  return fault;
}

/// Reads of more blocks than this many less one, by their NLB.
Fault large_reads_fail() {
  Fault fault = failing(io(Verb::status, spec::NvmOpcode::read), spec::make_status(spec::GenericStatus::invalid_field));
  sim::SqeMatch match;
  match.value[48] = std::byte{0xff};  // NLB 255: the 128 KiB that MDTS allows
  match.mask[48] = std::byte{0xff};
  fault.when.sqe = match;
  return fault;
}

Fault power_management_fails() {
  Fault fault = failing(admin(Verb::status, spec::AdminOpcode::set_features));
  sim::SqeMatch match;
  match.value[40] = static_cast<std::byte>(spec::Fid::power_management);
  match.mask[40] = std::byte{0xff};
  fault.when.sqe = match;
  return fault;
}

Fault slow_reads() {
  Fault fault = io(Verb::delay, spec::NvmOpcode::read);
  fault.delay = milliseconds(250);
  return fault;
}

Fault duplicated_flushes() {
  Fault fault = io(Verb::duplicate, spec::NvmOpcode::flush);
  fault.when.site = sim::Site::completion;
  return fault;
}

Fault never_ready_again() {
  Fault fault;
  fault.what = Verb::ready_never;
  fault.when.state = sim::StateMatch{0, static_cast<std::uint16_t>(driver::BringUpRow::enable), 2};
  fault.times = 0;
  return fault;
}

const std::uint64_t last_block = DriveOptions{}.namespaces[0].blocks - 1;

INSTANTIATE_TEST_SUITE_P(
    Validate, OfADefectiveDrive,
    ::testing::Values(
        Defect{"blank_serial", {}, with_serial(""), {"identity.names"}},
        Defect{"namespace_too_small",
               {at_lbas(failing(io(Verb::status, spec::NvmOpcode::read), spec::make_status(spec::GenericStatus::lba_out_of_range)),
                        last_block, last_block)},
               {},
               {"limits.last_block", "data.reads_are_stable", "data.writes_are_read"}},
        Defect{"media_error_in_the_middle",
               {at_lbas(failing(io(Verb::status, spec::NvmOpcode::read), spec::make_status(spec::MediaStatus::unrecovered_read_error)),
                        last_block / 2, last_block / 2)},
               {},
               {"data.reads_are_stable", "data.writes_are_read"}},
        Defect{"mdts_is_a_lie", {large_reads_fail()}, {}, {"limits.largest_transfer", "data.reads_are_stable", "data.writes_are_read"}},
        Defect{"flush_fails", {failing(io(Verb::status, spec::NvmOpcode::flush))}, {}, {"data.flush"}},
        Defect{"writes_are_lost", {io(Verb::lose, spec::NvmOpcode::write)}, {}, {"data.writes_are_read"}},
        Defect{"write_zeroes_fails", {failing(io(Verb::status, spec::NvmOpcode::write_zeroes))}, {}, {"data.write_zeroes"}},
        Defect{"deallocate_fails", {failing(io(Verb::status, spec::NvmOpcode::dataset_management))}, {}, {"data.deallocate"}},
        Defect{"compare_fails", {failing(io(Verb::status, spec::NvmOpcode::compare))}, {}, {"limits.compare"}},
        Defect{"verify_fails", {failing(io(Verb::status, spec::NvmOpcode::verify))}, {}, {"limits.verify"}},
        Defect{"slow", {slow_reads()}, {}, {"latency.reads"}},
        Defect{"logs_fail",
               {failing(admin(Verb::status, spec::AdminOpcode::get_log_page))},
               {},
               {"logs.smart", "logs.errors", "logs.firmware", "logs.effects", "logs.unknown"}},
        Defect{"power_states_cannot_be_set", {power_management_fails()}, with_power_states(3), {"power.switching"}},
        Defect{"answers_twice", {duplicated_flushes()}, {}, {"conduct.completions"}},
        Defect{"never_ready_again", {never_ready_again()}, {}, {"reset.under_load", "conduct.answers"}}),
    [](const auto& defect) { return defect.param.name; });

TEST(Validate, finds_nothing_wrong_with_a_sound_drive) {
  EXPECT_EQ(failures(validated({}, {})), std::set<std::string>{});
}

TEST(Validate, finds_nothing_wrong_with_an_odd_drive_that_keeps_to_the_specification) {
  DriveOptions options;
  options.version = spec::version(1, 2);
  options.ready_modes = 0;
  options.queue_entries_max = 2;
  options.doorbell_stride_exponent = 3;
  options.transfer_exponent_max = 1;
  options.io_submission_queues = options.io_completion_queues = 1;
  options.power_states = 5;
  options.commands = {};
  options.volatile_cache = false;
  options.namespaces[0].block_bytes = 4096;
  options.namespaces[0].blocks = 3;
  EXPECT_EQ(failures(validated(options, {})), std::set<std::string>{});
}

TEST(Validate, fails_a_drive_that_hangs_on_abort) {
  Fault lost_read = io(Verb::drop, spec::NvmOpcode::read);
  lost_read.times = 1;
  const std::vector<Fault> faults{lost_read, admin(Verb::drop, spec::AdminOpcode::abort)};
  EXPECT_EQ(failures(checked({}, faults, check_abort)), std::set<std::string>{"abort.under_load"});
}

/// For waits of minutes: lets more time pass at once than a program would.
class HastyClock {
 public:
  explicit HastyClock(sim::World& world) : world_(world) {}
  Instant now() const { return world_.now(); }
  void pass(Instant until) { world_.run_until(std::max(until, now() + milliseconds(1))); }

 private:
  sim::World& world_;
};

TEST(Validate, leaves_memory_to_a_drive_that_may_take_minutes_to_stop) {
  DriveOptions options;
  options.ready_timeout_steps = 255;
  Fault stuck;
  stuck.what = Verb::ready_stuck;
  stuck.when.state = sim::StateMatch{0, static_cast<std::uint16_t>(driver::BringUpRow::disable), 2};
  stuck.times = 0;
  Fault silent = io(Verb::drop, spec::NvmOpcode::read);
  const Validation validation = checked<HastyClock>(options, {stuck, silent}, check_reset);
  EXPECT_EQ(failures(validation), std::set<std::string>{"reset.under_load"});
  const std::string what = validation.checks().front().what;
  EXPECT_TRUE(contains(what, "of 64 reads 64 ") && contains(what, "the drive is failed after ")) << what;
}

Fault asking_for_the_drive(Duration after) {
  Fault fault;
  fault.what = Verb::orderly_removal;
  fault.when.site = sim::Site::time;
  fault.when.drive = 0;
  fault.when.not_before = Instant{} + after;
  fault.delay = seconds(5);
  return fault;
}

TEST(Validate, ends_early_if_somebody_asks_for_the_drive) {
  const Validation validation = validated({}, {asking_for_the_drive(milliseconds(20))});
  ASSERT_FALSE(validation.checks().empty());
  EXPECT_EQ(validation.checks().back().name, "validate");
  EXPECT_EQ(failures(validation), std::set<std::string>{});
}

TEST(Validate, writes_nothing_where_it_may_only_read) {
  const Validation validation = validated({}, {failing(io(Verb::status, spec::NvmOpcode::write))}, "the drive is only read");
  EXPECT_EQ(failures(validation), std::set<std::string>{});
  EXPECT_EQ(validation.count(Check::Verdict::skipped), 2u) << "writes, and the change of power states where there is one";
}

TEST(ValidateVerb, prints_a_line_for_each_check_and_a_sum) {
  const Ended ended = run({"validate"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.out, "pass  limits.last_block")) << ended.out;
  EXPECT_TRUE(contains(ended.out, " 0 failed, 1 skipped\n")) << ended.out;
}

TEST(ValidateVerb, tells_json_the_same) {
  const Ended ended = run({"validate", "--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const auto verdict = nlohmann::json::parse(ended.out);
  EXPECT_EQ(verdict["failed"], 0);
  EXPECT_EQ(verdict["total"], verdict["checks"].size());
  EXPECT_EQ(verdict["checks"][0]["name"], "identity.names");
}

TEST(ValidateVerb, refuses_flags_that_make_no_sense) {
  EXPECT_EQ(run({"validate", "--destructive"}).code, 2);
  EXPECT_EQ(run({"validate", "--latency-max", "0"}).code, 2);
  EXPECT_EQ(run({"validate", "--device", "nonsense"}).code, 2);
  EXPECT_EQ(run({"validate", "--device", "0000:ff:1f.7"}).code, 5);
}

}  // namespace
}  // namespace phasebit::cli
