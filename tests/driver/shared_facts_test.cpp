// What another process knows of a device: never half a change.
#include "src/driver/shared_facts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <thread>

namespace phasebit::driver {
namespace {

SharedFacts::Image image_of(std::uint32_t number) {
  SharedFacts::Image image;
  image.limits.transfer_bytes_max = number;
  image.namespace_count = number % (SharedFacts::namespaces_max + 1);
  for (std::uint32_t i = 0; i < image.namespace_count; ++i) {
    image.namespaces[i].nsid = Nsid{i + 1};
    image.namespaces[i].blocks = number;
  }
  return image;
}

bool is_whole(const SharedFacts::Image& image) {
  const auto number = static_cast<std::uint32_t>(image.limits.transfer_bytes_max);
  return image.namespace_count == number % (SharedFacts::namespaces_max + 1) &&
         std::all_of(image.all().begin(), image.all().end(), [&](const Namespace& entry) { return entry.blocks == number; });
}

TEST(SharedFacts, are_read_as_they_were_written) {
  SharedFacts facts;
  const std::uint32_t before = facts.number();
  facts.publish(image_of(64));
  EXPECT_NE(facts.number(), before);
  SharedFacts::Image read;
  std::uint32_t number = 0;
  ASSERT_TRUE(facts.read(read, number));
  EXPECT_EQ(number, facts.number());
  EXPECT_EQ(read.all().size(), 64u);
  EXPECT_EQ(read.all()[63].nsid, Nsid{64});
  EXPECT_TRUE(is_whole(read));
}

TEST(SharedFacts, show_no_more_namespaces_than_there_can_be) {
  SharedFacts::Image image;
  image.namespace_count = ~0u;
  EXPECT_EQ(image.all().size(), SharedFacts::namespaces_max);
}

TEST(SharedFacts, are_never_seen_half_written) {
  constexpr std::uint32_t publications = 20'000;
  const auto facts = std::make_unique<SharedFacts>();
  facts->publish(image_of(1));
  std::thread writer([&] {
    for (std::uint32_t i = 2; i < publications; ++i) {
      facts->publish(image_of(i));
    }
  });
  SharedFacts::Image read;
  for (std::uint32_t number = 0; read.limits.transfer_bytes_max != publications - 1;) {
    if (facts->read(read, number)) {
      EXPECT_TRUE(is_whole(read)) << read.limits.transfer_bytes_max;
    }
  }
  writer.join();
}

}  // namespace
}  // namespace phasebit::driver
