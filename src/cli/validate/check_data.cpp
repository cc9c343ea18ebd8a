#include <fmt/format.h>

#include <array>
#include <cstring>
#include <vector>

#include "src/base/random.hpp"
#include "src/cli/usable_namespace.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/spec/identify_bits.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint64_t largest_extent = 1 << 20;  ///< bytes; more than most drives take in one command

struct Extent {
  std::uint64_t first = 0;  ///< a block
  std::uint64_t bytes = 0;  ///< whole blocks
};

/// Short and long, at the front, in the middle and at the back.
std::vector<Extent> extents_of(const driver::Namespace& space) {
  std::vector<Extent> extents;
  for (const std::uint64_t wanted : {std::uint64_t{1}, 4096 / std::uint64_t{space.block_bytes} + 1, largest_extent / space.block_bytes}) {
    const std::uint64_t blocks = std::clamp<std::uint64_t>(wanted, 1, space.blocks);
    for (const std::uint64_t first : {std::uint64_t{0}, (space.blocks - blocks) / 2, space.blocks - blocks}) {
      extents.push_back({first, blocks * space.block_bytes});
    }
  }
  return extents;
}

std::string extent_text(const Extent& extent) {
  return fmt::format("{} bytes from block {} on", extent.bytes, extent.first);
}

class DataChecks {
 public:
  DataChecks(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& memory, Validation& validation)
      : drive_(drive), space_(space), memory_(memory), validation_(validation), random_(drive.now().ns) {}

  void read_twice() {
    for (const Extent& extent : extents_of(space_)) {
      if (const std::string wrong = reads_differ(extent); !wrong.empty()) {
        validation_.fail("data.reads_are_stable", extent_text(extent) + ": " + wrong);
        return;
      }
    }
    validation_.pass("data.reads_are_stable", "front, middle and back read twice are the same");
  }

  void flush() {
    driver::Operation operation;
    operation.opcode = spec::NvmOpcode::flush;
    operation.nsid = space_.nsid;
    const auto flushed = drive_.io(operation);
    validation_.judge("data.flush", is_ok(flushed), "Flush: " + outcome_text(flushed), "Base 2.0 §7.1");
  }

  void write_and_read() {
    for (const Extent& extent : extents_of(space_)) {
      if (const std::string wrong = is_lost(extent); !wrong.empty()) {
        validation_.fail("data.writes_are_read", extent_text(extent) + ": " + wrong);
        return;
      }
    }
    validation_.pass("data.writes_are_read", "front, middle and back are read as they were written, with FUA and without");
  }

  void write_zeroes() {
    if (!spec::Oncs{drive_.driver().controller().optional_io_commands}.get(spec::Oncs::write_zeroes)) {
      validation_.skip("data.write_zeroes", "the drive has no Write Zeroes (ONCS)");
      return;
    }
    driver::Operation operation;
    operation.opcode = spec::NvmOpcode::write_zeroes;
    operation.nsid = space_.nsid;
    operation.blocks = 1;
    const DmaRegion block = memory_.slice(0, space_.block_bytes);
    const auto zeroed = drive_.io(operation);
    const auto read = drive_.io(block_operation(spec::NvmOpcode::read, space_, 0, block));
    const bool zeroes = std::ranges::all_of(block.span(), [](std::byte b) { return b == std::byte{0}; });
    validation_.judge("data.write_zeroes", is_ok(zeroed) && is_ok(read) && zeroes,
                      fmt::format("Write Zeroes of block 0: {}; it is then {}", outcome_text(zeroed),
                                  !is_ok(read) ? "not readable"
                                  : zeroes     ? "all zeroes"
                                               : "NOT all zeroes"),
                      "NVM Command Set 1.0 §3.2.8");
  }

  void deallocate() {
    if (!spec::Oncs{drive_.driver().controller().optional_io_commands}.get(spec::Oncs::dataset_management)) {
      validation_.skip("data.deallocate", "the drive has no Dataset Management (ONCS)");
      return;
    }
    const DmaRegion ranges = memory_.slice(0, sizeof(spec::DatasetRange));
    const spec::DatasetRange range{.context_attributes = {}, .blocks = 1, .slba = 0};
    std::memcpy(ranges.data, &range, sizeof(range));
    driver::Operation operation;
    operation.opcode = spec::NvmOpcode::dataset_management;
    operation.nsid = space_.nsid;
    operation.blocks = 1;
    operation.deallocate = true;
    operation.buffers = {&ranges, 1};
    const auto deallocated = drive_.io(operation);
    const std::string wrong = is_ok(deallocated) ? reads_differ({0, space_.block_bytes}) : outcome_text(deallocated);
    validation_.judge("data.deallocate", wrong.empty(),
                      wrong.empty() ? "a deallocated block reads the same each time" : "block 0, deallocated: " + wrong,
                      "NVM Command Set 1.0 §3.2.3.2");
  }

 private:
  /// Why two reads of it are not the same; empty if they are.
  std::string reads_differ(const Extent& extent) {
    const DmaRegion one = memory_.slice(0, extent.bytes);
    const DmaRegion two = memory_.slice(memory_.bytes / 2, extent.bytes);
    std::ranges::fill(one.span(), std::byte{0x55});
    std::ranges::fill(two.span(), std::byte{0xaa});
    for (const DmaRegion& region : {one, two}) {
      const auto read = drive_.io(block_operation(spec::NvmOpcode::read, space_, extent.first, region));
      if (!is_ok(read)) {
        return "read: " + outcome_text(read);
      }
    }
    return std::memcmp(one.data, two.data, extent.bytes) == 0 ? "" : "two reads differ";
  }

  /// Why what was written is not what is read; empty if it is.
  std::string is_lost(const Extent& extent) {
    const DmaRegion written = memory_.slice(0, extent.bytes);
    const DmaRegion read = memory_.slice(memory_.bytes / 2, extent.bytes);
    for (const bool fua : {false, true}) {
      std::ranges::generate(written.span(), [this] { return static_cast<std::byte>(random_.next()); });
      driver::Operation write = block_operation(spec::NvmOpcode::write, space_, extent.first, written);
      write.fua = fua;
      if (const auto result = drive_.io(write); !is_ok(result)) {
        return (fua ? "write with FUA: " : "write: ") + outcome_text(result);
      }
      if (const auto result = drive_.io(block_operation(spec::NvmOpcode::read, space_, extent.first, read)); !is_ok(result)) {
        return "read: " + outcome_text(result);
      }
      if (std::memcmp(written.data, read.data, extent.bytes) != 0) {
        return "what is read is not what was written";
      }
    }
    return "";
  }

  DriveAccess& drive_;
  driver::Namespace space_;
  DmaRegion memory_;  ///< two halves, each for the largest extent
  Validation& validation_;
  Random random_;
};

}  // namespace

void check_data(DriveAccess& drive, Validation& validation, const std::optional<std::string>& read_only) {
  const auto space = first_usable_namespace(drive.driver().namespaces());
  const DriveMemory memory(drive, 2 * std::max<std::uint64_t>(largest_extent, space ? space->block_bytes : 0));
  if (!space || !memory.is_there()) {
    validation.skip("data.reads_are_stable", space ? "there is no memory for the data" : "there is no namespace without metadata");
    return;
  }
  DataChecks checks(drive, *space, memory.region(), validation);
  checks.read_twice();
  if (read_only) {
    validation.skip("data.writes_are_read", *read_only);
  } else {
    checks.write_and_read();
    checks.write_zeroes();
    checks.deallocate();
  }
  checks.flush();  // last: a drive may have nothing to do before
}

}  // namespace phasebit::cli
