#include "tests/sim/controller/drive_bench.hpp"

namespace phasebit::sim {
namespace {

using spec::Cc;
using spec::Csts;
using spec::Shn;
using spec::Shst;

constexpr Cc usual_cc = Cc{}.with(Cc::iosqes, 6).with(Cc::iocqes, 4);

Fault state_fault(Verb verb, Duration delay = {}, Duration lasts = {}) {
  Fault fault;
  fault.what = verb;
  fault.delay = delay;
  fault.lasts = lasts;
  return fault;
}

void prepare_admin(DriveBench& bench) {
  bench.admin = bench.make_rings(admin_qid, 16, 16);
  bench.write32(spec::offset::aqa, 0x000f'000f);
  bench.write64(spec::offset::asq, bench.admin.sq.iova.value);
  bench.write64(spec::offset::acq, bench.admin.cq.iova.value);
}

bool ready(DriveBench& bench) {
  return bench.csts().get(Csts::rdy);
}

TEST(Lifecycle, becomes_ready_and_not_ready_exactly_when_the_options_say) {
  DriveBench bench;
  prepare_admin(bench);
  bench.write32(spec::offset::cc, usual_cc.with(Cc::en, true).raw);
  bench.run_until(bench.now() + Duration{milliseconds(20).ns - 4});
  EXPECT_FALSE(ready(bench));
  bench.run(nanoseconds(4));
  EXPECT_TRUE(ready(bench));
  bench.write32(spec::offset::cc, usual_cc.raw);
  bench.run_until(bench.now() + Duration{milliseconds(2).ns - 4});
  EXPECT_TRUE(ready(bench));
  bench.run(nanoseconds(4));
  EXPECT_FALSE(ready(bench));
}

TEST(Lifecycle, keeps_the_admin_queue_registers_over_a_controller_reset_only) {
  DriveBench bench;
  bench.enable();
  bench.write32(spec::offset::cc, usual_cc.raw);
  ASSERT_TRUE(bench.run_while_not([&] { return !ready(bench); }));
  EXPECT_EQ(bench.read32(spec::offset::aqa), 0x000f'000fu);
  EXPECT_EQ(bench.read64(spec::offset::asq), bench.admin.sq.iova.value);
  bench.controller->reset(ResetKind::function_level);
  EXPECT_EQ(bench.read32(spec::offset::aqa), 0u);
  EXPECT_EQ(bench.read64(spec::offset::asq), 0u);
  EXPECT_EQ(bench.read32(spec::offset::cc), 0u);
}

TEST(Lifecycle, can_be_enabled_again_after_every_kind_of_reset) {
  DriveBench bench;
  for (const ResetKind kind : {ResetKind::function_level, ResetKind::conventional, ResetKind::subsystem}) {
    bench.enable();
    ASSERT_TRUE(ready(bench));
    bench.controller->reset(kind);
    EXPECT_FALSE(ready(bench));
  }
  bench.enable();
  EXPECT_TRUE(ready(bench));
}

TEST(Lifecycle, resets_the_subsystem_when_nssr_is_written_with_nvme) {
  DriveOptions options = plain_options();
  options.subsystem_reset = true;
  DriveBench bench(options);
  bench.enable();
  bench.write32(spec::offset::nssr, 0x4e56'4d64);
  EXPECT_TRUE(ready(bench));
  bench.write32(spec::offset::nssr, 0x4e56'4d65);
  EXPECT_EQ(bench.csts().raw, 0x10u);
  bench.write32(spec::offset::csts, 0x10);
  EXPECT_EQ(bench.csts().raw, 0u);
}

TEST(Lifecycle, shuts_down_and_flushes_its_cache) {
  DriveBench bench;
  bench.enable();
  HostQueue queue = bench.create_queue_pair(1);
  const HostPages data = bench.pages(512);
  DriveBench::fill(data.bytes, 'a');
  bench.perform(queue, DriveBench::with_data(spec::write(Nsid{1}, Lba{0}, 1), data));
  EXPECT_EQ(bench.media.cached_writes(), 1u);
  bench.write32(spec::offset::cc, usual_cc.with(Cc::en, true).with(Cc::shn, Shn::normal).raw);
  bench.run(nanoseconds(4));
  EXPECT_EQ(bench.csts().get(Csts::shst), Shst::occurring);
  bench.run(milliseconds(50));
  EXPECT_EQ(bench.csts().get(Csts::shst), Shst::complete);
  EXPECT_EQ(bench.media.cached_writes(), 0u);
  EXPECT_TRUE(bench.ledger.holdings().empty());
}

TEST(Lifecycle, fetches_nothing_after_a_shutdown_until_it_is_reset) {
  DriveBench bench;
  bench.enable();
  bench.write32(spec::offset::cc, usual_cc.with(Cc::en, true).with(Cc::shn, Shn::abrupt).raw);
  bench.run(milliseconds(60));
  bench.push(bench.admin, spec::keep_alive());
  bench.ring(bench.admin);
  EXPECT_FALSE(bench.wait(bench.admin, milliseconds(10)));
  bench.write32(spec::offset::cc, usual_cc.raw);
  ASSERT_TRUE(bench.run_while_not([&] { return !ready(bench); }));
  EXPECT_EQ(bench.csts().raw, 0u);
  bench.enable();
  EXPECT_TRUE(ready(bench));
}

// CC.EN and CSTS as they may be found, and what a host has to do to get a working controller from each.
TEST(Lifecycle, forgets_a_shutdown_that_a_reset_overtakes) {
  DriveOptions options = plain_options();
  options.found.shutdown = Shst::occurring;
  options.times.shutdown = milliseconds(100);
  DriveBench bench(options);
  EXPECT_EQ(bench.csts().get(Csts::shst), Shst::occurring);
  bench.enable();
  bench.run(milliseconds(200));
  EXPECT_EQ(bench.csts().get(Csts::shst), Shst::normal_operation);
  EXPECT_TRUE(ready(bench));
}

TEST(Lifecycle, can_be_brought_up_from_every_state_that_it_may_be_found_in) {
  for (const bool enabled : {false, true}) {
    for (const bool is_ready : {false, true}) {
      for (const bool fatal : {false, true}) {
        for (const Shst shutdown : {Shst::normal_operation, Shst::occurring, Shst::complete}) {
          DriveOptions options = plain_options();
          options.found = {enabled, is_ready, fatal, shutdown};
          DriveBench bench(options);
          EXPECT_EQ(Cc{bench.read32(spec::offset::cc)}.get(Cc::en), enabled);
          EXPECT_EQ(ready(bench), is_ready);
          EXPECT_EQ(bench.csts().get(Csts::cfs), fatal);
          EXPECT_EQ(bench.csts().get(Csts::shst), shutdown);
          if (enabled && !is_ready && !fatal) {
            EXPECT_TRUE(bench.run_while_not([&] { return ready(bench); }));
          }
          if (!enabled && fatal && !is_ready) {  // an enable shows it, a reset clears it
            bench.enable();
            EXPECT_TRUE(bench.csts().get(Csts::cfs));
          }
          bench.write32(spec::offset::cc, 0);
          ASSERT_TRUE(bench.run_while_not([&] { return !ready(bench) && !bench.csts().get(Csts::cfs); }));
          bench.enable();
          EXPECT_TRUE(ready(bench)) << enabled << is_ready << fatal << static_cast<int>(shutdown);
          EXPECT_EQ(bench.csts().raw, 1u);
        }
      }
    }
  }
}

TEST(Lifecycle, does_not_become_ready_with_a_configuration_that_cannot_work) {
  const Cc good = usual_cc.with(Cc::en, true);
  const std::vector<Cc> bad = {good.with(Cc::mps, 5), good.with(Cc::css, spec::Css::all_supported),
                               good.with(Cc::css, spec::Css::admin_only), good.with(Cc::ams, spec::Ams::vendor_specific)};
  for (const Cc cc : bad) {
    DriveBench bench;
    prepare_admin(bench);
    bench.write32(spec::offset::cc, cc.raw);
    bench.run(seconds(1));
    EXPECT_FALSE(ready(bench)) << cc.raw;
  }
  for (const std::uint32_t aqa : {0x0000'000fu, 0x000f'0000u}) {
    DriveBench bench;
    prepare_admin(bench);
    bench.write32(spec::offset::aqa, aqa);
    bench.write32(spec::offset::cc, good.raw);
    bench.run(seconds(1));
    EXPECT_FALSE(ready(bench)) << aqa;
  }
  DriveBench bench;
  prepare_admin(bench);
  bench.write64(spec::offset::asq, 0x1000);
  bench.write32(spec::offset::cc, good.with(Cc::mps, 1).raw);  // 8 KiB pages: the base is not aligned to them
  bench.run(seconds(1));
  EXPECT_FALSE(ready(bench));
}

TEST(Lifecycle, comes_ready_late_never_or_does_not_leave_ready_as_faults_say) {
  DriveBench late(plain_options(), {state_fault(Verb::ready_late, seconds(3))});
  prepare_admin(late);
  late.write32(spec::offset::cc, usual_cc.with(Cc::en, true).raw);
  late.run(seconds(3));
  EXPECT_FALSE(ready(late));
  late.run(milliseconds(20));
  EXPECT_TRUE(ready(late));

  DriveBench never_ready(plain_options(), {state_fault(Verb::ready_never)});
  prepare_admin(never_ready);
  never_ready.write32(spec::offset::cc, usual_cc.with(Cc::en, true).raw);
  never_ready.run(seconds(100));
  EXPECT_FALSE(ready(never_ready));
  never_ready.plan.heal();
  never_ready.run(nanoseconds(8));
  EXPECT_TRUE(ready(never_ready));

  DriveBench stuck(plain_options(), {state_fault(Verb::ready_stuck)});
  stuck.enable();
  stuck.write32(spec::offset::cc, usual_cc.raw);
  stuck.run(seconds(100));
  EXPECT_TRUE(ready(stuck));
  stuck.plan.heal();
  stuck.run(nanoseconds(8));
  EXPECT_FALSE(ready(stuck));
}

TEST(Lifecycle, takes_its_time_to_shut_down_as_faults_say) {
  DriveBench bench(plain_options(), {state_fault(Verb::shutdown_late, seconds(2)), state_fault(Verb::shutdown_stuck, {}, seconds(9))});
  bench.enable();
  bench.write32(spec::offset::cc, usual_cc.with(Cc::en, true).with(Cc::shn, Shn::normal).raw);
  bench.run(milliseconds(8900));
  EXPECT_EQ(bench.csts().get(Csts::shst), Shst::occurring);
  bench.run(milliseconds(200));
  EXPECT_EQ(bench.csts().get(Csts::shst), Shst::complete);
}

TEST(Lifecycle, stops_when_it_is_fatal_and_works_again_after_a_reset) {
  DriveBench bench;
  bench.enable();
  bench.push(bench.admin, spec::admin_sqe(spec::AdminOpcode::get_features));
  bench.ring(bench.admin);
  bench.controller->make_fatal();
  EXPECT_FALSE(bench.wait(bench.admin, seconds(1)));
  EXPECT_EQ(bench.csts().raw, 3u);
  bench.write32(spec::offset::cc, usual_cc.raw);
  ASSERT_TRUE(bench.run_while_not([&] { return bench.csts().raw == 0; }));
  bench.enable();
  EXPECT_EQ(bench.csts().raw, 1u);
}

TEST(Lifecycle, is_ready_before_its_media_where_the_host_asks_for_that) {
  DriveOptions options = plain_options();
  options.ready_modes = 3;
  options.times.media_ready = milliseconds(500);
  DriveBench bench(options);
  bench.enable(16, 16, Cc{}.with(Cc::crime, true));
  EXPECT_LT(bench.now().ns, milliseconds(30).ns);
  HostQueue queue = bench.create_queue_pair(1);
  const HostPages data = bench.pages(512);
  const spec::Sqe read = DriveBench::with_data(spec::read(Nsid{1}, Lba{0}, 1), data);
  EXPECT_EQ(spec::verdict_of(bench.perform(queue, read).status()).raw, 0x0082);  // Namespace Not Ready
  bench.run(milliseconds(500));
  EXPECT_EQ(bench.perform(queue, read).status().raw, 0);

  DriveBench patient(options);
  patient.enable();
  EXPECT_GT(patient.now().ns, milliseconds(519).ns);
}

TEST(Lifecycle, says_every_change_of_csts_in_an_event) {
  DriveBench bench;
  bench.enable();
  bench.write32(spec::offset::cc, usual_cc.raw);
  bench.run(milliseconds(5));
  std::vector<std::uint64_t> values;
  for (const Event& event : bench.keeper.of(EventKind::register_changed)) {
    ASSERT_EQ(event.a, spec::offset::csts);
    values.push_back(event.b);
  }
  EXPECT_EQ(values, (std::vector<std::uint64_t>{1, 0}));
}

TEST(Lifecycle, stops_when_the_host_has_gone_silent_beyond_its_keep_alive_time) {
  DriveOptions options = plain_options();
  options.keep_alive_steps = 10;
  DriveBench bench(options);
  bench.enable();
  EXPECT_EQ(bench.admin_command(spec::SetFeatures{spec::Fid::keep_alive_timer, 2000}.sqe()).status().raw, 0);
  bench.run(milliseconds(1500));
  EXPECT_EQ(bench.admin_command(spec::keep_alive()).status().raw, 0);
  bench.run(milliseconds(1500));
  EXPECT_FALSE(bench.csts().get(Csts::cfs));
  bench.run(milliseconds(600));
  EXPECT_TRUE(bench.csts().get(Csts::cfs));
}

TEST(Lifecycle, tells_the_facts_that_rules_need_once_at_power_on) {
  DriveBench bench;
  bench.run(nanoseconds(4));
  const auto facts = bench.keeper.of(EventKind::drive_fact);
  std::vector<std::uint32_t> kinds;
  for (const Event& fact : facts) {
    kinds.push_back(fact.a);
  }
  EXPECT_EQ(kinds, (std::vector<std::uint32_t>{1, 2, 7, 5, 4}));
  EXPECT_EQ(facts[0].b, bench.read64(0));
  EXPECT_EQ(facts[0].c, 0x0002'0000u);
  EXPECT_EQ(facts[1].b, 0x0000'0010'0703'0305ull);  // MDTS 5, ACL 3, AERL 3, VWC 7, NN 16
  EXPECT_EQ(facts[1].c, 0x03e8'0000'009f'0000ull);  // ONCS 9Fh, AWUPF 0, RTD3E 1000 ms
  EXPECT_EQ(facts[4].b, 0x0000'0901'0000'0001ull);  // NSID 1, active, 512 bytes
  EXPECT_EQ(facts[4].c, 1u << 20);
}

}  // namespace
}  // namespace phasebit::sim
