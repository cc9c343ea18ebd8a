// One short story for tests of whole worlds: a host attaches, identifies, writes and reads, and what it reads is right.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "src/base/random.hpp"
#include "tests/sim/world/hand_host.hpp"

namespace phasebit::sim {

/// A world that is quick to step: its controller needs microseconds where others need milliseconds.
inline WorldOptions story_options(std::uint64_t seed, std::size_t drives = 1) {
  WorldOptions options;
  options.seed = seed;
  options.host_memory_bytes = 1 << 20;
  options.drives.resize(drives);
  for (DriveOptions& drive : options.drives) {
    drive.times.enable = microseconds(50);
    drive.times.disable = microseconds(10);
    drive.doorbell_stride_exponent = static_cast<std::uint32_t>(keyed(seed, 1) % 4);
    drive.interrupt_vectors = 4;
    drive.io_submission_queues = 4;
    drive.io_completion_queues = 4;
  }
  return options;
}

/// The host's side of the story; lives in the region, so that it is part of a snapshot.
class Story {
 public:
  explicit Story(World& world, std::uint8_t drive = 0) : world_(world), host_(world, drive) {}

  bool begin() { return host_.attach() && host_.make_io_queues(); }

  /// Writes and reads back `rounds` times at drawn places; every block's content is its own.
  bool go_on(std::uint64_t rounds) {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      if (!one_round()) {
        return false;
      }
    }
    return true;
  }

  HandHost& host() { return host_; }

 private:
  bool one_round() {
    Random random(keyed(world_.seed(), 0x570, round_++));
    const std::uint64_t blocks = random.between(1, 8);
    const Lba lba{random.below((1 << 20) - blocks)};
    const auto out = world_.allocate_buffer(blocks * 512).value();
    const auto in = world_.allocate_buffer(blocks * 512).value();
    for (std::byte& byte : out) {
      byte = static_cast<std::byte>(random.next());
    }
    const bool right = host_.write(lba, out) && host_.read(lba, in) && std::memcmp(out.data(), in.data(), out.size()) == 0;
    return world_.free_buffer(out).has_value() && world_.free_buffer(in).has_value() && right;
  }

  World& world_;
  HandHost host_;
  std::uint64_t round_ = 0;
};

/// How a story ended.
struct StoryEnd {
  bool told = false;
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  Instant at;
};

/// Tells the whole story in a region of its own.
inline StoryEnd tell_story(const WorldOptions& options, std::uint64_t rounds, bool skipping = true, unsigned region_candidate = 0) {
  Region region = Region::create(64 << 20, region_candidate).value();
  const WorldPointer world = make_world(options, region);
  world->step_idle_cycles(skipping ? 0 : UINT64_MAX);
  Story story(*world);
  const bool told = story.begin() && story.go_on(rounds);
  return {told, world->stream().hash(), world->stream().count(), world->now()};
}

}  // namespace phasebit::sim
