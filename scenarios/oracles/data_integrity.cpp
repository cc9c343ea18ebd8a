#include "scenarios/oracles/data_integrity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/strong.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {

using spec::NvmOpcode;

namespace {

bool changes_blocks(std::uint8_t opcode) {
  const auto command = static_cast<NvmOpcode>(opcode);
  return command == NvmOpcode::write || command == NvmOpcode::write_zeroes || command == NvmOpcode::dataset_management;
}

constexpr std::uint64_t digest_of_zeroes = 0;

template <class Key>
bool same_namespace(const Key& a, const Key& b) {
  return std::get<0>(a) == std::get<0>(b) && std::get<1>(a) == std::get<1>(b);
}

}  // namespace

void DataIntegrity::judge(const Event& event) {
  switch (event.kind) {
    case EventKind::operation_begun:
      return begin(event);
    case EventKind::operation_extent:
      return extend(event);
    case EventKind::block_digest:
      return take_digest(event);
    case EventKind::operation_ended:
      return end(event);
    case EventKind::drive_fact:
      return take_fact(event);
    case EventKind::power_cut:
      for (auto& [key, history] : blocks_) {
        if (std::get<0>(key) == event.drive) {
          history.cut_power(event_number());
        }
      }
      return;
    default:
      return;
  }
}

void DataIntegrity::take_fact(const Event& event) {
  const auto fact = static_cast<DriveFact>(event.a.get());
  if (fact == DriveFact::identify_limits) {
    volatile_cache_[event.drive] = ((event.b >> 24) & 1) != 0;
  } else if (fact == DriveFact::old_content) {
    old_content_.insert(event.drive);
  } else if (fact == DriveFact::namespace_state) {
    const Key first_beyond{event.drive, static_cast<std::uint32_t>(event.b), event.c};
    for (auto block = blocks_.lower_bound(first_beyond); block != blocks_.end() && same_namespace(block->first, first_beyond); ++block) {
      block->second.discard(event_number());
    }
  }
}

void DataIntegrity::begin(const Event& event) {
  auto& operation = operations_[{event.drive, event.b}];
  operation = {};
  operation.opcode = static_cast<std::uint8_t>(event.queue & 0xff);
  operation.fua = ((event.queue >> 8) & 1) != 0;
  operation.nsid = event.a;
  operation.lba = event.c;
  operation.begun = event_number();
}

/// Writes of zeroes and deallocations have no block_digest events: their content is known.
void DataIntegrity::extend(const Event& event) {
  const auto found = operations_.find({event.drive, event.b});
  if (found == operations_.end()) {
    return;
  }
  Operation& operation = found->second;
  operation.blocks = event.a;
  if (changes_blocks(operation.opcode) && static_cast<NvmOpcode>(operation.opcode) != NvmOpcode::write) {
    for (std::uint64_t i = 0; i < operation.blocks; ++i) {
      history_of({event.drive, operation.nsid, operation.lba + i}).begin_write(event.b, digest_of_zeroes, event_number());
    }
  }
}

void DataIntegrity::take_digest(const Event& event) {
  const auto found = operations_.find({event.drive, event.b});
  if (found == operations_.end()) {
    return;
  }
  Operation& operation = found->second;
  if (static_cast<NvmOpcode>(operation.opcode) == NvmOpcode::write) {
    history_of({event.drive, operation.nsid, operation.lba + event.a}).begin_write(event.b, event.c, event_number());
  } else if (static_cast<NvmOpcode>(operation.opcode) == NvmOpcode::read) {
    operation.read_digests.resize(std::max<std::size_t>(operation.read_digests.size(), event.a + 1u));
    operation.read_digests[event.a] = event.c;
  }
}

void DataIntegrity::end(const Event& event) {
  const auto found = operations_.find({event.drive, event.b});
  if (found == operations_.end()) {
    return;
  }
  const Operation operation = std::move(found->second);
  operations_.erase(found);
  const bool ok = event.queue == outcome_ok;
  if (changes_blocks(operation.opcode)) {
    // A deallocated block may keep its old content (DLFEAT): such an operation never counts as a certain overwrite.
    const bool certain = static_cast<NvmOpcode>(operation.opcode) != NvmOpcode::dataset_management;
    end_write(event.drive, event.b, operation, ok && certain);
  } else if (ok && static_cast<NvmOpcode>(operation.opcode) == NvmOpcode::read) {
    end_read(event.drive, operation);
  } else if (ok && static_cast<NvmOpcode>(operation.opcode) == NvmOpcode::flush) {
    end_flush(event.drive, operation);
  }
}

void DataIntegrity::end_write(std::uint8_t drive, std::uint64_t tag, const Operation& operation, bool acknowledged) {
  const bool durable = durable_when_acknowledged(drive, operation);
  for (std::uint64_t i = 0; i < operation.blocks; ++i) {
    BlockHistory& history = history_of({drive, operation.nsid, operation.lba + i});
    history.end_write(tag, event_number(), acknowledged, durable);
    history.forget_before(oldest_begun());
  }
}

void DataIntegrity::end_read(std::uint8_t drive, const Operation& operation) {
  if (operation.read_digests.size() != operation.blocks) {
    object(fmt::format("a read of {} blocks at LBA {} gave {} blocks", operation.blocks, operation.lba, operation.read_digests.size()));
    return;
  }
  for (std::uint64_t i = 0; i < operation.blocks; ++i) {
    judge_block({drive, operation.nsid, operation.lba + i}, operation.read_digests[i], operation.begun);
  }
}

/// A block that nobody has touched yet is as it was before the run.
BlockHistory& DataIntegrity::history_of(const Key& key) {
  const bool is_known = !old_content_.contains(std::get<0>(key));
  return blocks_.try_emplace(key, is_known ? std::optional(digest_of_zeroes) : std::nullopt).first->second;
}

void DataIntegrity::judge_block(const Key& key, std::uint64_t digest, std::uint64_t read_begun) {
  BlockHistory& history = history_of(key);
  if (history.may_hold(digest, read_begun, event_number())) {
    history.learn(digest);
    return;
  }
  const std::string sentence = fmt::format(
      "namespace {} LBA {} reads as {:#018x}, which is neither its last acknowledged content nor that of a "
      "write in progress",
      std::get<1>(key), std::get<2>(key), digest);
  if (history.settled_by_power_cut()) {
    object_as("durability",
              fmt::format("namespace {} LBA {} reads as {:#018x} after the power cut, which is neither its last durable content nor "
                          "that of a later write",
                          std::get<1>(key), std::get<2>(key), digest));
  } else {
    object(sentence);
  }
}

void DataIntegrity::end_flush(std::uint8_t drive, const Operation& operation) {
  for (auto& [key, history] : blocks_) {
    const bool covered = operation.nsid == nsid_all.value || std::get<1>(key) == operation.nsid;
    if (std::get<0>(key) == drive && covered) {
      history.flush(operation.begun);
    }
  }
}

std::uint64_t DataIntegrity::oldest_begun() const {
  std::uint64_t oldest = event_number() + 1;
  for (const auto& [key, operation] : operations_) {
    oldest = std::min(oldest, operation.begun);
  }
  return oldest;
}

bool DataIntegrity::durable_when_acknowledged(std::uint8_t drive, const Operation& operation) const {
  const auto cache = volatile_cache_.find(drive);
  return operation.fua || cache == volatile_cache_.end() || !cache->second;
}

}  // namespace phasebit::scenarios
