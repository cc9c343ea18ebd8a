// A mapping of a file that is too short stands for a BAR that nobody answers for: the kernel's answer is the same.
#include "hw/bus_error_guard.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace phasebit::hw {
namespace {

constexpr std::size_t mapping_bytes = std::size_t{4} * 4096;

/// Pages that no byte of the file lies behind until it is made long enough.
class Mapping {
 public:
  Mapping() : file_(memfd_create("bar", MFD_CLOEXEC)), pages_(map(nullptr, 0)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    munmap(pages_, mapping_bytes);
    close(file_);
  }
  std::span<std::byte> span() const { return {static_cast<std::byte*>(pages_), mapping_bytes}; }
  volatile std::uint32_t& word(std::size_t offset) const { return *reinterpret_cast<volatile std::uint32_t*>(span().data() + offset); }
  void touch() const { [[maybe_unused]] const std::uint32_t value = word(0); }
  void decode() { EXPECT_EQ(ftruncate(file_, mapping_bytes), 0); }
  void map_again() { EXPECT_EQ(map(pages_, MAP_FIXED), pages_); }

 private:
  void* map(void* where, int flags) const { return mmap(where, mapping_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | flags, file_, 0); }

  int file_;
  void* pages_;
};

std::unique_ptr<BusErrorGuard> guard_of(const Mapping& mapping) {
  return std::move(BusErrorGuard::watch(mapping.span()).value());
}

TEST(BusErrorGuard, makes_registers_that_nobody_answers_for_read_as_all_ones) {
  const Mapping mapping;
  const auto guard = guard_of(mapping);
  EXPECT_FALSE(guard->has_struck());
  EXPECT_EQ(mapping.word(0x1c), 0xffff'ffffu);
  EXPECT_TRUE(guard->has_struck());
  EXPECT_EQ(mapping.word(0), 0xffff'ffffu);
  EXPECT_EQ(mapping.word(mapping_bytes - 4), 0xffff'ffffu) << "all of it, not the page alone";
}

TEST(BusErrorGuard, answers_for_all_of_a_mapping_that_is_larger_than_its_file_of_ones) {
  constexpr std::size_t bytes = (std::size_t{5} << 20) + 4096;
  const int file = memfd_create("bar", MFD_CLOEXEC);
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ASSERT_NE(pages, MAP_FAILED);
  const std::span<std::byte> all{static_cast<std::byte*>(pages), bytes};
  const auto guard = std::move(BusErrorGuard::watch(all).value());
  EXPECT_EQ(all[bytes - 1], std::byte{0xff});
  EXPECT_TRUE(guard->has_struck());
  EXPECT_EQ(ftruncate(file, bytes), 0);  // too late: what struck stays so until it is renewed
  for (std::size_t at = 0; at < bytes; at += 4096) {
    ASSERT_EQ(all[at], std::byte{0xff}) << at;
  }
  munmap(pages, bytes);
  close(file);
}

TEST(BusErrorGuard, swallows_a_store) {
  const Mapping mapping;
  const auto guard = guard_of(mapping);
  mapping.word(0x1000) = 7;
  EXPECT_TRUE(guard->has_struck());
  EXPECT_EQ(mapping.word(0x1004), 0xffff'ffffu);
}

TEST(BusErrorGuard, keeps_its_hands_off_what_answers) {
  const Mapping gone;
  Mapping present;
  present.decode();
  const auto first = guard_of(gone);
  const auto second = guard_of(present);
  present.word(0) = 5;
  EXPECT_EQ(gone.word(0), 0xffff'ffffu);
  EXPECT_EQ(present.word(0), 5u);
  EXPECT_FALSE(second->has_struck());
}

TEST(BusErrorGuard, strikes_again_after_it_was_renewed) {
  Mapping mapping;
  const auto guard = guard_of(mapping);
  EXPECT_EQ(mapping.word(0), 0xffff'ffffu);
  mapping.decode();
  EXPECT_EQ(mapping.word(0), 0xffff'ffffu) << "until the owner maps it again";
  mapping.map_again();
  guard->renew();
  EXPECT_EQ(mapping.word(0), 0u);
  EXPECT_FALSE(guard->has_struck());
}

TEST(BusErrorGuard, answers_threads_that_read_at_once) {
  const Mapping mapping;
  const auto guard = guard_of(mapping);
  std::array<std::uint32_t, 8> seen{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    threads.emplace_back([&, i] { seen[i] = mapping.word(i * 2048); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::uint32_t word : seen) {
    EXPECT_EQ(word, 0xffff'ffffu);
  }
}

TEST(BusErrorGuard, refuses_more_than_it_has_places_for_and_takes_places_again) {
  const Mapping mapping;
  std::vector<std::unique_ptr<BusErrorGuard>> guards;
  for (std::size_t i = 0; i < BusErrorGuard::guards_max; ++i) {
    guards.push_back(guard_of(mapping));
  }
  const auto refused = BusErrorGuard::watch(mapping.span());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().error, Errc::no_space);
  guards.pop_back();
  EXPECT_TRUE(BusErrorGuard::watch(mapping.span()).has_value());
}

/// Each statement in a process of its own, in which nobody has made a guard yet.
class BusErrorGuardDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

void die_with_42(int) {
  _exit(42);
}

TEST_F(BusErrorGuardDeathTest, passes_what_is_not_ours_to_whoever_handled_it_before) {
  const auto touch_a_foreign_mapping = [] {
    signal(SIGBUS, die_with_42);
    const Mapping ours;
    const Mapping foreign;
    const auto guard = guard_of(ours);
    ours.touch();
    foreign.touch();
  };
  EXPECT_EXIT(touch_a_foreign_mapping(), ::testing::ExitedWithCode(42), "");
}

TEST_F(BusErrorGuardDeathTest, lets_the_process_end_if_nobody_did) {
  const auto touch_a_foreign_mapping = [] {
    signal(SIGBUS, SIG_DFL);
    const Mapping ours;
    const Mapping foreign;
    const auto guard = guard_of(ours);
    foreign.touch();
    _exit(0);
  };
  EXPECT_EXIT(touch_a_foreign_mapping(), ::testing::KilledBySignal(SIGBUS), "");
}

TEST_F(BusErrorGuardDeathTest, is_over_with_its_guard) {
  const auto touch_what_was_watched_over = [] {
    signal(SIGBUS, die_with_42);
    const Mapping mapping;
    guard_of(mapping).reset();
    mapping.touch();
  };
  EXPECT_EXIT(touch_what_was_watched_over(), ::testing::ExitedWithCode(42), "");
}

TEST_F(BusErrorGuardDeathTest, takes_a_signal_that_somebody_sent_for_what_it_is) {
  const auto send_it = [] {
    signal(SIGBUS, SIG_IGN);
    const Mapping mapping;
    const auto guard = guard_of(mapping);
    raise(SIGBUS);
    _exit(guard->has_struck() ? 1 : 0);
  };
  EXPECT_EXIT(send_it(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace phasebit::hw
