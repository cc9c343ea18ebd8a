#include "sim/world/world.hpp"

#include <gtest/gtest.h>

#include "src/spec/identify_controller.hpp"
#include "tests/sim/world/story.hpp"

namespace phasebit::sim {
namespace {

TEST(World, a_host_enables_identifies_makes_queues_writes_and_reads_whatever_the_seed) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Region region = Region::create(64 << 20).value();
    WorldOptions options = story_options(seed);
    options.drives[0].serial = "S" + std::to_string(seed);
    const WorldPointer world = make_world(options, region);
    Story story(*world);
    ASSERT_TRUE(story.begin()) << "seed " << seed;
    const auto page = world->allocate_buffer(4096).value();
    ASSERT_TRUE(story.host().identify(spec::Cns::controller, nsid_none, page)) << "seed " << seed;
    ASSERT_EQ(std::memcmp(page.data() + 4, options.drives[0].serial.data(), options.drives[0].serial.size()), 0) << "seed " << seed;
    ASSERT_TRUE(story.go_on(5)) << "seed " << seed;
  }
}

TEST(World, drives_do_not_know_of_one_another) {
  Region region = Region::create(64 << 20).value();
  const WorldPointer world = make_world(story_options(5, 3), region);
  Story first(*world, 0);
  Story third(*world, 2);
  ASSERT_TRUE(first.begin());
  ASSERT_TRUE(third.begin());
  world->remove(1);
  EXPECT_TRUE(first.go_on(3));
  world->remove(0);
  EXPECT_TRUE(third.go_on(3));
  EXPECT_FALSE(first.go_on(1));
}

TEST(World, a_restored_snapshot_is_the_same_world_and_has_the_same_future) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Region region = Region::create(64 << 20).value();
    const WorldPointer world = make_world(story_options(seed), region);
    Story& story = *std::pmr::polymorphic_allocator<>(region.resource()).new_object<Story>(*world);
    ASSERT_TRUE(story.begin());
    ASSERT_TRUE(story.go_on(3));

    const std::uint64_t fingerprint = world->fingerprint();
    const RegionSnapshot snapshot = world->snapshot();
    ASSERT_TRUE(story.go_on(5));
    const std::uint64_t hash = world->stream().hash();
    EXPECT_NE(world->fingerprint(), fingerprint);

    for (int again = 0; again < 2; ++again) {
      world->restore(snapshot);
      ASSERT_EQ(world->fingerprint(), fingerprint) << "seed " << seed;
      ASSERT_TRUE(story.go_on(5));
      ASSERT_EQ(world->stream().hash(), hash) << "seed " << seed;
    }
  }
}

TEST(World, memory_that_a_command_owns_cannot_be_unmapped) {
  Region region = Region::create(64 << 20).value();
  WorldOptions options = story_options(1);
  options.drives[0].times.read = LatencyTable::fixed(milliseconds(1));
  const WorldPointer world = make_world(options, region);
  Story story(*world);
  ASSERT_TRUE(story.begin());
  HandHost& host = story.host();
  const auto buffer = world->allocate_buffer(512).value();
  const Iova iova = host.backend().map(buffer, DmaRights::device_writes).value();
  spec::Sqe sqe = spec::read(Nsid{1}, Lba{0}, 1);
  sqe.prp1 = iova.value;
  sqe.prp2 = (iova.value + 511) & ~0xfffull;  // Where it crosses into a second page; else it is not looked at.
  host.submit(host.io(), sqe);
  world->run_until(world->now() + microseconds(500));
  EXPECT_EQ(host.backend().unmap(buffer).error(), Errc::busy);
  ASSERT_TRUE(host.wait([&] { return host.reap(host.io()).has_value(); }));
  EXPECT_TRUE(host.backend().unmap(buffer).has_value());
}

TEST(World, queues_own_their_rings_until_the_controller_is_reset) {
  Region region = Region::create(64 << 20).value();
  const WorldPointer world = make_world(story_options(2), region);
  Story story(*world);
  ASSERT_TRUE(story.begin());
  const DmaRegion ring = story.host().io().completion;
  const std::size_t before = world->host().allocations();
  story.host().backend().free_dma(ring);
  EXPECT_EQ(world->host().allocations(), before) << "refused: the device may still write there";
  ASSERT_TRUE(story.host().disable());
  story.host().backend().free_dma(ring);
  EXPECT_EQ(world->host().allocations(), before - 1);
}

TEST(World, what_a_device_owns_may_be_unmapped_once_it_cannot_reach_memory) {
  Region region = Region::create(64 << 20).value();
  const WorldPointer world = make_world(story_options(2), region);
  Story story(*world);
  ASSERT_TRUE(story.begin());
  const DmaRegion ring = story.host().io().completion;
  const std::size_t before = world->host().allocations();
  story.host().backend().config_write16(spec::pci::config::command, 0x0402);  // Bus master off.
  story.host().backend().free_dma(ring);
  EXPECT_EQ(world->host().allocations(), before - 1);
}

TEST(World, what_was_flushed_before_a_power_cut_is_there_afterwards_and_a_fresh_host_reads_it) {
  Region region = Region::create(64 << 20).value();
  const WorldPointer world = make_world(story_options(3), region);
  Story story(*world);
  ASSERT_TRUE(story.begin());
  const auto out = world->allocate_buffer(512).value();
  std::memset(out.data(), 0x5a, out.size());
  ASSERT_TRUE(story.host().write(Lba{77}, out));
  ASSERT_TRUE(story.host().flush());
  std::memset(out.data(), 0xa5, out.size());
  ASSERT_TRUE(story.host().write(Lba{78}, out));
  world->power_cut(0, 0);
  EXPECT_FALSE(story.host().write(Lba{79}, out));
  world->bus().release(story.host().address());
  world->power_on(0);

  Story second(*world);
  ASSERT_TRUE(second.begin());
  const auto in = world->allocate_buffer(512).value();
  ASSERT_TRUE(second.host().read(Lba{77}, in));
  EXPECT_EQ(in[0], std::byte{0x5a});
  ASSERT_TRUE(second.host().read(Lba{78}, in));
  EXPECT_EQ(in[0], std::byte{0}) << "outcome 0 keeps nothing of the cache";
}

TEST(WorldOptions, names_the_field_that_cannot_be) {
  WorldOptions options;
  EXPECT_EQ(validate(options), "");
  options.cycle = Duration{0};
  EXPECT_EQ(validate(options), "cycle is 0 ns: 1 to 1000000");
  options = {};
  options.drives.clear();
  EXPECT_EQ(validate(options), "drives are 0: 1 to 32");
  options = {};
  options.drives[0].namespaces[0].block_bytes = 520;
  EXPECT_TRUE(validate(options).starts_with("drives[0].namespaces[0].block_bytes"));
  options = {};
  options.faults.emplace_back();
  options.faults[0].what = Verb::drop;
  options.faults[0].when.drive = 1;
  EXPECT_EQ(validate(options), "faults[0].drive is 1: less than 1");
}

}  // namespace
}  // namespace phasebit::sim
