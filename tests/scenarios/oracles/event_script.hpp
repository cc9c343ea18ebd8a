// Events typed by hand and fed to an oracle.
#pragma once

#include <initializer_list>

#include "scenarios/oracles/oracle.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/status.hpp"

namespace phasebit::scenarios {

/// Numbers events and hands them to one oracle.
class EventScript {
 public:
  explicit EventScript(Oracle& oracle) : oracle_(oracle) {}

  void add(EventKind kind, std::uint16_t queue = 0, std::uint32_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
    Event event;
    event.time = next_ * 10;
    event.kind = kind;
    event.queue = queue;
    event.a = a;
    event.b = b;
    event.c = c;
    oracle_.on_event(next_++, event);
  }

  void with_volatile_cache() { add(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::identify_limits), 1ull << 24); }

  void resize(std::uint32_t nsid, std::uint64_t blocks) {
    add(EventKind::drive_fact, 0, static_cast<std::uint32_t>(DriveFact::namespace_state), nsid | 1ull << 32 | 9ull << 40, blocks);
  }

  void begin(std::uint64_t tag, spec::NvmOpcode opcode, std::uint64_t lba, std::uint32_t blocks, bool fua = false) {
    add(EventKind::operation_begun, static_cast<std::uint16_t>(static_cast<unsigned>(opcode) | (fua ? 0x100u : 0u)), 1, tag, lba);
    add(EventKind::operation_extent, 0, blocks, tag);
  }
  void begin_write(std::uint64_t tag, std::uint64_t lba, std::initializer_list<std::uint64_t> digests, bool fua = false) {
    begin(tag, spec::NvmOpcode::write, lba, static_cast<std::uint32_t>(digests.size()), fua);
    digests_of(tag, digests);
  }
  void digests_of(std::uint64_t tag, std::initializer_list<std::uint64_t> digests) {
    std::uint32_t index = 0;
    for (const std::uint64_t digest : digests) {
      add(EventKind::block_digest, 0, index++, tag, digest);
    }
  }
  void end(std::uint64_t tag, std::uint16_t outcome = 0, spec::Status status = {}) {
    add(EventKind::operation_ended, outcome, status.raw, tag);
  }

  void write(std::uint64_t tag, std::uint64_t lba, std::uint64_t digest, bool fua = false) {
    begin_write(tag, lba, {digest}, fua);
    end(tag);
  }
  void read(std::uint64_t tag, std::uint64_t lba, std::uint64_t digest) {
    begin(tag, spec::NvmOpcode::read, lba, 1);
    digests_of(tag, {digest});
    end(tag);
  }
  void compare(std::uint64_t tag, std::uint64_t lba, std::uint64_t digest, bool equal) {
    begin(tag, spec::NvmOpcode::compare, lba, 1);
    digests_of(tag, {digest});
    end_compare(tag, equal);
  }
  void end_compare(std::uint64_t tag, bool equal) {
    end(tag, equal ? 0 : 1, equal ? spec::Status{} : spec::make_status(spec::MediaStatus::compare_failure));
  }
  /// Of one block, without data.
  void command(std::uint64_t tag, spec::NvmOpcode opcode, std::uint64_t lba) {
    begin(tag, opcode, lba, 1);
    end(tag);
  }
  void flush(std::uint64_t tag) {
    begin(tag, spec::NvmOpcode::flush, 0, 0);
    end(tag);
  }

 private:
  Oracle& oracle_;
  std::uint64_t next_ = 1;
};

}  // namespace phasebit::scenarios
