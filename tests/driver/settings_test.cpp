// Every class of CAP value, by a second reading of Base 2.0 §3.1.3.1 that works on raw shifts.
#include "src/driver/settings.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace phasebit::driver {
namespace {

constexpr std::uint64_t bar_16k = std::uint64_t{16} * 1024;

spec::Cap plain_cap() {
  return spec::Cap{0x0000'0020'0a00'07ffull | 1ull << 16};  // MQES 2047, CQR, TO 5 s, CSS NVM, pages 4 KiB only
}

SettingsRequest request_of(std::uint64_t cap, std::uint64_t bar_bytes = bar_16k) {
  SettingsRequest request;
  request.cap = spec::Cap{cap};
  request.bar_bytes = bar_bytes;
  return request;
}

TEST(Settings, refuse_a_function_that_is_not_there) {
  const auto settings = choose_settings(request_of(~0ull));
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error(), Problem::not_there);
  EXPECT_EQ(errc_of(settings.error()), Errc::device_gone);
}

// A function may go or come between two reads of 32 bits.
TEST(Settings, refuse_registers_that_read_as_all_ones_in_part) {
  const std::uint64_t cap = plain_cap().raw | 1ull << 59;  // CAP.CRMS: CRTO counts
  SettingsRequest sound = request_of(cap);
  sound.version = spec::version(2, 0);
  sound.crto = spec::Crto{0x0001'ffff};
  ASSERT_TRUE(choose_settings(sound));
  const auto problem_of = [&](auto&& spoil) {
    SettingsRequest request = sound;
    spoil(request);
    const auto settings = choose_settings(request);
    return settings ? Problem::none : settings.error();
  };
  EXPECT_EQ(problem_of([](SettingsRequest& request) { request.cap.raw |= 0xffff'ffffull; }), Problem::not_there);
  EXPECT_EQ(problem_of([](SettingsRequest& request) { request.cap.raw |= 0xffff'ffffull << 32; }), Problem::not_there);
  EXPECT_EQ(problem_of([](SettingsRequest& request) { request.version.raw = ~0u; }), Problem::not_there);
  EXPECT_EQ(problem_of([](SettingsRequest& request) { request.crto.raw = ~0u; }), Problem::not_there);
  EXPECT_EQ(problem_of([&](SettingsRequest& request) {
              request.cap.raw = plain_cap().raw;
              request.crto.raw = ~0u;
            }),
            Problem::none)
      << "CRTO is none of ours where CAP.CRMS is 0";
}

TEST(Settings, write_the_fields_of_cc_where_the_specification_has_them) {
  const auto settings = choose_settings(request_of(plain_cap().raw));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->cc.raw, 0x0046'0000u);  // IOSQES 6 at 19:16, IOCQES 4 at 23:20, all else 0
  SettingsRequest weighted = request_of(plain_cap().raw | 1ull << 17);
  weighted.weighted_round_robin = true;
  weighted.cap.raw = (weighted.cap.raw & ~(0xffull << 37)) | 0x41ull << 37 | 2ull << 52;
  weighted.page_bytes = 16384;
  EXPECT_EQ(choose_settings(weighted)->cc.raw, 0x0046'0000u | 1u << 11 | 2u << 7 | 6u << 4);
}

TEST(Settings, take_weighted_round_robin_only_where_cap_has_it) {
  for (unsigned ams = 0; ams < 4; ++ams) {
    SettingsRequest request = request_of(plain_cap().raw | static_cast<std::uint64_t>(ams) << 17);
    request.weighted_round_robin = true;
    EXPECT_EQ(choose_settings(request)->cc.raw >> 11 & 7, ams & 1);
    request.weighted_round_robin = false;
    EXPECT_EQ(choose_settings(request)->cc.raw >> 11 & 7, 0u);
  }
}

TEST(Settings, keep_within_mqes) {
  struct Case {
    std::uint64_t mqes;
    std::uint32_t wanted;
    std::uint32_t entries;
  };
  for (const Case& c : {Case{1, 256, 2}, Case{2, 256, 3}, Case{15, 256, 16}, Case{15, 0, 2}, Case{15, 5, 5}, Case{65535, 256, 256},
                        Case{65535, 1u << 20, 65536}}) {
    SettingsRequest request = request_of((plain_cap().raw & ~0xffffull) | c.mqes);
    request.io_queue_entries = c.wanted;
    EXPECT_EQ(choose_settings(request)->io_queue_entries, c.entries) << "MQES " << c.mqes;
  }
  EXPECT_EQ(choose_settings(request_of(plain_cap().raw & ~0xffffull)).error(), Problem::queue_too_small);
}

TEST(Settings, clamp_the_admin_queue_whatever_mqes_says) {
  SettingsRequest request = request_of((plain_cap().raw & ~0xffffull) | 1);
  for (const auto& [wanted, entries] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 2}, {1, 2}, {64, 64}, {100'000, 4096}}) {
    request.admin_queue_entries = wanted;
    EXPECT_EQ(choose_settings(request)->admin_queue_entries, entries);
  }
}

TEST(Settings, choose_a_page_size_for_every_pair_of_mpsmin_and_mpsmax) {
  for (std::uint64_t low = 0; low < 16; ++low) {
    for (std::uint64_t high = 0; high < 16; ++high) {
      for (const std::uint32_t wanted : {4096u, 65536u}) {
        SettingsRequest request = request_of(plain_cap().raw | low << 48 | high << 52);
        request.page_bytes = wanted;
        const auto settings = choose_settings(request);
        if (low > high || low > 4) {
          ASSERT_FALSE(settings);
          EXPECT_EQ(settings.error(), low > high ? Problem::page_sizes_inverted : Problem::page_size_too_large);
          EXPECT_FALSE(text(settings.error()).empty());
          continue;
        }
        ASSERT_TRUE(settings);
        const std::uint64_t largest = high > 4 ? 4 : high;
        const std::uint64_t mps = wanted == 4096 ? low : largest;
        EXPECT_EQ(settings->page_bytes, 4096u << mps);
        EXPECT_EQ(settings->cc.raw >> 7 & 15, mps);
      }
    }
  }
}

TEST(Settings, answer_every_cap_css_with_the_command_set_it_demands) {
  for (unsigned css = 0; css < 256; ++css) {
    const auto settings = choose_settings(request_of((plain_cap().raw & ~(0xffull << 37)) | static_cast<std::uint64_t>(css) << 37));
    if ((css & 0x40) != 0) {
      EXPECT_EQ(settings->cc.raw >> 4 & 7, 6u) << css;
    } else if ((css & 1) != 0) {
      EXPECT_EQ(settings->cc.raw >> 4 & 7, 0u) << css;
    } else {
      ASSERT_FALSE(settings) << css;
      EXPECT_EQ(settings.error(), Problem::no_nvm_command_set);
    }
  }
}

TEST(Settings, have_doorbells_for_as_many_queues_as_the_bar_holds) {
  for (std::uint64_t dstrd = 0; dstrd < 16; ++dstrd) {
    const std::uint64_t stride = 4ull << dstrd;
    for (const std::uint64_t queues : {0ull, 1ull, 2ull, 7ull}) {
      // The last byte used is that of the completion doorbell of queue `queues`; one byte less has room for one queue less.
      const std::uint64_t end = 0x1000 + (2 * queues + 1) * stride + 4;
      SettingsRequest request = request_of(plain_cap().raw | dstrd << 32, end);
      request.io_queues_max = 1000;
      const auto settings = choose_settings(request);
      if (queues == 0) {
        EXPECT_EQ(settings.error(), Problem::doorbells_beyond_bar);
        continue;
      }
      EXPECT_EQ(settings->io_queues_max, queues);
      EXPECT_EQ(settings->doorbell_stride_bytes, stride);
      request.bar_bytes = end - 1;
      EXPECT_EQ(io_queues_within_bar(request.cap, request.bar_bytes), queues - 1);
    }
  }
  EXPECT_EQ(io_queues_within_bar(plain_cap(), 0), 0u);
  EXPECT_EQ(io_queues_within_bar(plain_cap(), ~0ull), 65535u);
}

TEST(Settings, wait_for_ready_as_long_as_cap_to_or_crto_allows_and_never_less_than_the_floor) {
  for (const std::uint64_t to : {0ull, 1ull, 255ull}) {
    for (std::uint64_t crms = 0; crms < 4; ++crms) {
      SettingsRequest request = request_of((plain_cap().raw & ~(0xffull << 24)) | to << 24 | crms << 59);
      request.crto = spec::Crto{300 | 7u << 16};
      request.ready_timeout_floor = milliseconds(1500);
      const std::uint64_t floor_ms = 1500;
      const std::uint64_t expected = crms != 0 ? 150'000 : std::max(floor_ms, 500 * to);
      EXPECT_EQ(choose_settings(request)->ready_timeout, milliseconds(expected)) << to << ' ' << crms;
    }
  }
}

}  // namespace
}  // namespace phasebit::driver
