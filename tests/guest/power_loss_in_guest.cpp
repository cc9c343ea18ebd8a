// Runs in the guest: writes until the machine loses power, and judges in a second boot what the drive has kept
// (tests/guest/power_loss_test.py). What the drive has acknowledged by then leaves by the serial line, ahead of every next command.
#include <gtest/gtest.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "scenarios/oracles/data_integrity.hpp"
#include "sim/stream/digest.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/features.hpp"
#include "tests/guest/on_qemu.hpp"
#include "tests/guest/write_diary.hpp"
#include "tests/scenarios/oracles/event_script.hpp"

namespace phasebit::driver {
namespace {

using spec::NvmOpcode;

constexpr std::uint64_t block_bytes = 512;
constexpr std::uint64_t blocks_max = 16;  // of one write

class PowerLoss : public OnQemu {
 protected:
  static void fill_of(DmaRegion region, const DiaryEntry& entry) { fill(region, keyed(0x706f776572, entry.tag)); }
};

class Writing : public PowerLoss {
 protected:
  static constexpr std::uint64_t at_a_time = 16;
  /// Far more than there is time for.
  static constexpr std::uint64_t operations_max = 200'000;

  /// Returns when the text has left the machine.
  static void say(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    tcdrain(STDOUT_FILENO);
  }

  void write_until_the_end(bool fua) {
    const auto channel = make_channel({.operations_max = at_a_time});
    const auto pool = memory(at_a_time * blocks_max * block_bytes);
    Random random(20'251);
    std::uint64_t tag = 0;
    while (tag < operations_max && !HasFailure()) {
      std::array<DmaRegion, at_a_time> buffers;
      std::vector<Operation> operations;
      std::string text;
      for (std::uint64_t i = 0; i < at_a_time; ++i) {
        const DiaryEntry entry = draw(random, ++tag, fua);
        buffers[i] = pool.slice(i * blocks_max * block_bytes, entry.blocks * block_bytes);
        fill_of(buffers[i], entry);
        operations.push_back({.tag = tag, .opcode = NvmOpcode::flush});
        if (entry.blocks > 0) {
          operations.back() = {.tag = tag,
                               .opcode = NvmOpcode::write,
                               .lba = Lba{entry.lba},
                               .blocks = entry.blocks,
                               .fua = entry.fua,
                               .buffers = {&buffers[i], 1}};
        }
        text += begun_line(entry);
      }
      say(text);
      text.clear();
      for (const OperationResult& result : run(channel, operations)) {
        EXPECT_TRUE(is_ok(result));
        text += acknowledged_line(result.tag);
      }
      say(text);
    }
    FAIL() << "the power was not cut";
  }

 private:
  /// A flush in a hundred operations; with FUA, every other write has it.
  DiaryEntry draw(Random& random, std::uint64_t tag, bool fua) const {
    if (random.chance(1, 100)) {
      return {tag};
    }
    const std::uint64_t blocks = random.between(1, blocks_max);
    return {tag, random.below(space_.blocks - blocks + 1), blocks, fua && random.chance(1, 2)};
  }
};

TEST_F(Writing, with_flushes) {
  write_until_the_end(false);
}

TEST_F(Writing, with_flushes_and_fua) {
  write_until_the_end(true);
}

TEST_F(Writing, through) {
  ASSERT_TRUE(is_ok(run_admin(spec::SetFeatures{.fid = spec::Fid::volatile_write_cache, .value = 0}.sqe(), {})));
  write_until_the_end(false);
}

/// PHASEBIT_DIARY names the diary; the cache was on or off.
class Judging : public PowerLoss {
 protected:
  void judge(bool volatile_cache) {
    if (volatile_cache) {
      script_.with_volatile_cache();
    }
    recall();
    script_.add(EventKind::power_cut);
    read_everything();
    std::printf("of %zu blocks that were written %llu have lost their last acknowledged write\n", last_.size(),
                static_cast<unsigned long long>(lost_));
    EXPECT_FALSE(last_.empty());
    for (const scenarios::Verdict& verdict : oracle_.verdicts()) {
      ADD_FAILURE() << verdict.oracle << ": " << verdict.sentence;
    }
  }

 private:
  void recall() {
    const char* const path = std::getenv("PHASEBIT_DIARY");
    std::ifstream diary(path == nullptr ? "" : path);
    ASSERT_TRUE(diary.is_open());
    std::map<std::uint64_t, DiaryEntry> open;
    read_diary(
        diary,
        [&](const DiaryEntry& entry) {
          open[entry.tag] = entry;
          script_.begin(entry.tag, entry.blocks == 0 ? NvmOpcode::flush : NvmOpcode::write, entry.lba,
                        static_cast<std::uint32_t>(entry.blocks), entry.fua);
          for (const auto& [lba, digest] : digests_of(entry)) {
            script_.add(EventKind::block_digest, 0, static_cast<std::uint32_t>(lba - entry.lba), entry.tag, digest);
          }
        },
        [&](std::uint64_t tag) {
          ASSERT_TRUE(open.contains(tag)) << tag;
          for (const auto& [lba, digest] : digests_of(open[tag])) {
            last_[lba] = digest;
          }
          open.erase(tag);
          script_.end(tag);
        });
  }

  /// By LBA.
  std::map<std::uint64_t, std::uint64_t> digests_of(const DiaryEntry& entry) {
    const DmaRegion content{content_.data(), entry.blocks * block_bytes, Iova{}};
    fill_of(content, entry);
    std::map<std::uint64_t, std::uint64_t> digests;
    for (std::uint64_t i = 0; i < entry.blocks; ++i) {
      digests[entry.lba + i] = sim::block_digest(content.slice(i * block_bytes, block_bytes).span());
    }
    return digests;
  }

  /// Each block of the namespace, in reads of which the oracle is told.
  void read_everything() {
    constexpr std::uint64_t at_once = 256;
    const auto channel = make_channel();
    const auto received = memory(at_once * block_bytes);
    for (std::uint64_t first = 0; first < space_.blocks; first += at_once) {
      const std::uint64_t tag = (1ull << 40) + first;
      script_.begin(tag, NvmOpcode::read, first, at_once);
      ASSERT_TRUE(is_ok(run(channel, {.opcode = NvmOpcode::read, .lba = Lba{first}, .blocks = at_once, .buffers = {&received, 1}})));
      for (std::uint64_t i = 0; i < at_once; ++i) {
        const std::uint64_t digest = sim::block_digest(received.slice(i * block_bytes, block_bytes).span());
        script_.add(EventKind::block_digest, 0, static_cast<std::uint32_t>(i), tag, digest);
        const auto last = last_.find(first + i);
        lost_ += last != last_.end() && last->second != digest ? 1 : 0;
      }
      script_.end(tag);
    }
  }

  scenarios::DataIntegrity oracle_;
  scenarios::EventScript script_{oracle_};
  std::vector<std::byte> content_ = std::vector<std::byte>(blocks_max * block_bytes);
  std::map<std::uint64_t, std::uint64_t> last_;  ///< digest of the last acknowledged write by LBA
  std::uint64_t lost_ = 0;
};

TEST_F(Judging, of_a_volatile_cache) {
  judge(true);
}

TEST_F(Judging, of_a_cache_that_was_off) {
  judge(false);
}

}  // namespace
}  // namespace phasebit::driver
