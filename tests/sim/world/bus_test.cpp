#include <gtest/gtest.h>

#include "tests/sim/world/hand_host.hpp"

namespace phasebit::sim {
namespace {

struct BusBench {
  explicit BusBench(std::vector<Fault> faults = {}) : world(make_world(options(std::move(faults)), region)) {}
  static WorldOptions options(std::vector<Fault> faults) {
    WorldOptions options;
    options.drives.resize(2);
    options.faults = std::move(faults);
    options.interleave = false;
    options.host_memory_bytes = 1 << 20;
    return options;
  }
  PciAddress address(std::uint8_t drive) { return world->drive(drive).address(); }
  EmulatedBus& bus() { return world->bus(); }

  Region region = Region::create(64 << 20).value();
  WorldPointer world;
};

TEST(EmulatedBus, lists_every_drive_with_the_class_of_an_nvme_controller) {
  BusBench bench;
  const auto functions = bench.bus().enumerate();
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[0].class_code, 0x010802u);
  EXPECT_NE(functions[0].address, functions[1].address);
}

TEST(EmulatedBus, a_function_is_claimed_once_and_opened_only_then) {
  BusBench bench;
  EXPECT_EQ(bench.bus().open(bench.address(0)).error(), Errc::not_ready);
  EXPECT_TRUE(bench.bus().claim(bench.address(0)).has_value());
  EXPECT_EQ(bench.bus().claim(bench.address(0)).error(), Errc::busy);
  EXPECT_TRUE(bench.bus().open(bench.address(0)).has_value());
  bench.bus().release(bench.address(0));
  EXPECT_TRUE(bench.bus().claim(bench.address(0)).has_value());
  EXPECT_EQ(bench.bus().claim(PciAddress{0, 77, 0, 0}).error(), Errc::not_found);
}

TEST(EmulatedBus, tells_of_removal_and_return_once_each) {
  BusBench bench;
  bench.world->remove(1);
  bench.world->remove(1);
  EXPECT_EQ(bench.bus().enumerate().size(), 1u);
  EXPECT_EQ(bench.bus().claim(bench.address(1)).error(), Errc::not_found);
  const auto removed = bench.bus().next_event();
  ASSERT_TRUE(removed.has_value());
  EXPECT_EQ(removed->kind, BusEvent::Kind::removed);
  EXPECT_EQ(removed->address, bench.address(1));
  EXPECT_FALSE(bench.bus().next_event().has_value());
  bench.world->give_back(1);
  bench.world->give_back(1);
  EXPECT_EQ(bench.bus().next_event()->kind, BusEvent::Kind::added);
  EXPECT_FALSE(bench.bus().next_event().has_value());
  EXPECT_EQ(bench.bus().enumerate().size(), 2u);
}

TEST(EmulatedBus, the_stream_tells_removal_from_loss_of_power) {
  struct Collector final : StreamReader {
    std::vector<EventKind> kinds;
    void on_event(std::uint64_t, const Event& event) override {
      if (event.kind == EventKind::function_gone || event.kind == EventKind::function_back || event.kind == EventKind::power_cut ||
          event.kind == EventKind::power_on) {
        kinds.push_back(event.kind);
      }
    }
  };
  using enum EventKind;
  BusBench bench;
  Collector collector;
  bench.world->stream().add_reader(collector);
  bench.world->remove(0);
  bench.world->give_back(0);
  EXPECT_EQ(collector.kinds, (std::vector{function_gone, power_cut, function_back, power_on}));
  collector.kinds.clear();
  bench.world->power_cut(0, 0);
  bench.world->power_on(0);
  EXPECT_EQ(collector.kinds, (std::vector{power_cut, power_on}));
}

Fault at_start(Verb what) {
  Fault fault;
  fault.what = what;
  fault.when.site = Site::time;
  fault.when.drive = 0;
  fault.when.not_before = Instant{1'000};
  return fault;
}

TEST(EmulatedBus, an_orderly_removal_waits_for_the_release) {
  Fault fault = at_start(Verb::orderly_removal);
  fault.delay = seconds(5);
  BusBench bench({fault});
  ASSERT_TRUE(bench.bus().claim(bench.address(0)).has_value());
  bench.world->run_until(Instant{2'000});
  EXPECT_EQ(bench.bus().next_event()->kind, BusEvent::Kind::removal_asked);
  EXPECT_EQ(bench.bus().enumerate().size(), 2u);
  bench.bus().release(bench.address(0));
  bench.world->step();
  EXPECT_EQ(bench.bus().enumerate().size(), 1u);
  EXPECT_EQ(bench.bus().next_event()->kind, BusEvent::Kind::removed);
}

TEST(EmulatedBus, an_orderly_removal_does_not_wait_for_ever) {
  Fault fault = at_start(Verb::orderly_removal);
  fault.delay = seconds(5);
  BusBench bench({fault});
  ASSERT_TRUE(bench.bus().claim(bench.address(0)).has_value());
  bench.world->run_until(Instant{} + seconds(5));
  EXPECT_EQ(bench.bus().enumerate().size(), 2u);
  bench.world->run_until(Instant{} + seconds(6));
  EXPECT_EQ(bench.bus().enumerate().size(), 1u);
}

TEST(EmulatedBus, what_was_removed_in_good_order_does_not_come_back_with_its_link) {
  Fault removal = at_start(Verb::orderly_removal);
  removal.delay = milliseconds(10);
  Fault flap = at_start(Verb::link_flap);
  flap.lasts = milliseconds(20);
  BusBench bench({removal, flap});
  ASSERT_TRUE(bench.bus().claim(bench.address(0)).has_value());
  bench.world->run_until(Instant{} + milliseconds(30));
  EXPECT_EQ(bench.bus().enumerate().size(), 1u);
  bench.world->heal();
  bench.world->step();
  EXPECT_EQ(bench.bus().enumerate().size(), 1u);
}

TEST(EmulatedBus, what_a_fault_took_for_a_while_comes_back_by_itself) {
  for (const Verb verb : {Verb::return_after_removal, Verb::power_cut, Verb::link_flap}) {
    Fault fault = at_start(verb);
    fault.lasts = milliseconds(7);
    BusBench bench({fault});
    bench.world->run_until(Instant{2'000});
    EXPECT_EQ(bench.bus().enumerate().size(), 1u) << name(verb);
    bench.world->run_until(Instant{} + milliseconds(7));
    EXPECT_EQ(bench.bus().enumerate().size(), 1u) << name(verb);
    bench.world->run_until(Instant{} + milliseconds(8));
    EXPECT_EQ(bench.bus().enumerate().size(), 2u) << name(verb);
  }
}

TEST(EmulatedBus, a_link_flap_is_not_told_and_keeps_what_the_platform_saved) {
  Fault fault = at_start(Verb::link_flap);
  BusBench bench({fault});
  HandHost host(*bench.world, 0);
  ASSERT_TRUE(bench.bus().claim(host.address()).has_value());
  EmulatedBackend& backend = *bench.bus().open(host.address()).value();
  backend.config_write16(spec::pci::config::command, 0x0406);
  bench.world->run_until(Instant{2'000});
  EXPECT_EQ(backend.read32(spec::offset::vs), spec::all_ones32);
  bench.world->run_until(Instant{} + seconds(1));
  EXPECT_NE(backend.read32(spec::offset::vs), spec::all_ones32);
  EXPECT_FALSE(bench.bus().next_event().has_value());
}

TEST(EmulatedBus, healing_brings_back_power_that_a_fault_took_for_good) {
  BusBench bench({at_start(Verb::power_cut)});
  bench.world->run_until(Instant{} + seconds(100));
  EXPECT_EQ(bench.bus().enumerate().size(), 1u);
  bench.world->heal();
  bench.world->step();
  EXPECT_EQ(bench.bus().enumerate().size(), 2u);
}

}  // namespace
}  // namespace phasebit::sim
