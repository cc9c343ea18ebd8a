#include "sim/stream/hash_chain.hpp"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstring>
#include <vector>

#include "sim/stream/stream.hpp"

namespace phasebit::sim {
namespace {

using Bytes = std::vector<unsigned char>;

/// The record of register_write number `i`, laid out by hand from docs/stream-format.md.
void lay_record(Bytes& bytes, unsigned i) {
  const auto low = static_cast<unsigned char>(i);
  const auto high = static_cast<unsigned char>(i >> 8);
  const unsigned char record[32] = {low,  high,
                                    0,    0,
                                    0,    0,
                                    0,    0,  // time
                                    2,    1,
                                    0,    0,  // kind, drive, queue
                                    0x14, 0,
                                    0,    0,  // a
                                    low,  static_cast<unsigned char>(0x60u | high),
                                    0x46, 0,
                                    0,    0,
                                    0,    0,  // b
                                    4,    0,
                                    0,    0,
                                    0,    0,
                                    0,    0};  // c
  bytes.insert(bytes.end(), record, record + 32);
}

/// The chain as the format page words it, over bytes laid by hand: blocks of 4096, then what is left, then the count.
std::uint64_t chain_of(const Bytes& bytes) {
  std::uint64_t chain = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 4096) {
    chain = XXH3_64bits_withSeed(bytes.data() + at, std::min<std::size_t>(4096, bytes.size() - at), chain);
  }
  const std::uint64_t count = bytes.size() / 32;
  unsigned char little_endian[8];
  for (unsigned i = 0; i < 8; ++i) {
    little_endian[i] = static_cast<unsigned char>(count >> (8 * i));
  }
  return XXH3_64bits_withSeed(little_endian, 8, chain);
}

Event event_number(unsigned i) {
  Event event = make_event(EventKind::register_write, 1, 0, 0x14, i | 0x466000, 4);
  event.time = i;
  return event;
}

class ChainLength : public testing::TestWithParam<unsigned> {};

TEST_P(ChainLength, hashes_the_bytes_of_the_format_page) {
  HashChain chain;
  Bytes bytes;
  for (unsigned i = 0; i < GetParam(); ++i) {
    chain.add(event_number(i));
    lay_record(bytes, i);
  }
  EXPECT_EQ(chain.value(), chain_of(bytes));
  EXPECT_EQ(chain.count(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(AroundBlocks, ChainLength, testing::Values(0u, 1u, 127u, 128u, 129u, 255u, 256u, 300u, 384u));

TEST(HashChain, depends_on_the_order_of_events) {
  HashChain forward;
  HashChain backward;
  forward.add(event_number(1));
  forward.add(event_number(2));
  backward.add(event_number(2));
  backward.add(event_number(1));
  EXPECT_NE(forward.value(), backward.value());
}

TEST(HashChain, depends_on_the_count_alone_when_events_are_blank) {
  HashChain chain;
  const std::uint64_t none = chain.value();
  chain.add(Event{});
  EXPECT_NE(chain.value(), none);
}

}  // namespace
}  // namespace phasebit::sim
