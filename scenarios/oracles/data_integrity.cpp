#include "scenarios/oracles/data_integrity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/strong.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/status.hpp"

namespace phasebit::scenarios {

using spec::NvmOpcode;

namespace {

bool changes_blocks(std::uint8_t opcode) {
  const auto command = static_cast<NvmOpcode>(opcode);
  return command == NvmOpcode::write || command == NvmOpcode::write_zeroes || command == NvmOpcode::dataset_management ||
         command == NvmOpcode::write_uncorrectable;
}

constexpr std::uint64_t digest_of_zeroes = 0;

/// What a command without data makes of its blocks.
std::uint64_t digest_made_by(std::uint8_t opcode) {
  return static_cast<NvmOpcode>(opcode) == NvmOpcode::write_uncorrectable ? BlockHistory::uncorrectable : digest_of_zeroes;
}

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

/// What writes without data has no block_digest events: its content is known.
void DataIntegrity::extend(const Event& event) {
  const auto found = operations_.find({event.drive, event.b});
  if (found == operations_.end()) {
    return;
  }
  Operation& operation = found->second;
  operation.blocks = event.a;
  if (changes_blocks(operation.opcode) && static_cast<NvmOpcode>(operation.opcode) != NvmOpcode::write) {
    for (std::uint64_t i = 0; i < operation.blocks; ++i) {
      history_of({event.drive, operation.nsid, operation.lba + i}).begin_write(event.b, digest_made_by(operation.opcode), event_number());
    }
  }
}

void DataIntegrity::take_digest(const Event& event) {
  const auto found = operations_.find({event.drive, event.b});
  if (found == operations_.end()) {
    return;
  }
  Operation& operation = found->second;
  const auto opcode = static_cast<NvmOpcode>(operation.opcode);
  if (opcode == NvmOpcode::write) {
    history_of({event.drive, operation.nsid, operation.lba + event.a}).begin_write(event.b, event.c, event_number());
  } else if (opcode == NvmOpcode::read || opcode == NvmOpcode::compare) {
    operation.digests.resize(std::max<std::size_t>(operation.digests.size(), event.a + 1u));
    operation.digests[event.a] = event.c;
  }
}

void DataIntegrity::end(const Event& event) {
  const auto found = operations_.find({event.drive, event.b});
  if (found == operations_.end()) {
    return;
  }
  const Operation operation = std::move(found->second);
  operations_.erase(found);
  const auto opcode = static_cast<NvmOpcode>(operation.opcode);
  const bool ok = event.queue == outcome_ok;
  if (changes_blocks(operation.opcode)) {
    // A deallocated block may keep its old content (DLFEAT): such an operation never counts as a certain overwrite.
    const bool certain = opcode != NvmOpcode::dataset_management;
    end_write(event.drive, event.b, operation, ok && certain);
  } else if (opcode == NvmOpcode::compare) {
    const spec::Status status{static_cast<std::uint16_t>(event.a)};
    if (ok || (event.queue == outcome_failed && spec::is(status, spec::MediaStatus::compare_failure))) {
      end_compare(event.drive, operation, ok);
    }
  } else if (ok && opcode == NvmOpcode::read) {
    end_read(event.drive, operation);
  } else if (ok && opcode == NvmOpcode::verify) {
    end_verify(event.drive, operation);
  } else if (ok && opcode == NvmOpcode::flush) {
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
  if (operation.digests.size() != operation.blocks) {
    object(fmt::format("a read of {} blocks at LBA {} gave {} blocks", operation.blocks, operation.lba, operation.digests.size()));
    return;
  }
  for (std::uint64_t i = 0; i < operation.blocks; ++i) {
    judge_block({drive, operation.nsid, operation.lba + i}, "reads as", operation.digests[i], operation.begun);
  }
}

/// Equal has to be possible of each block, and unequal of one. A host that does not say what it compared with is not judged.
void DataIntegrity::end_compare(std::uint8_t drive, const Operation& operation, bool equal) {
  bool differs = operation.digests.size() != operation.blocks;
  for (std::uint64_t i = 0; i < operation.digests.size(); ++i) {
    const Key key{drive, operation.nsid, operation.lba + i};
    if (equal) {
      judge_block(key, "compares equal with", operation.digests[i], operation.begun);
    }
    differs = differs || !history_of(key).must_hold(operation.digests[i], operation.begun, event_number());
  }
  if (!equal && !differs) {
    object(fmt::format("namespace {}: {} blocks from LBA {} on compare unequal with their only possible content", operation.nsid,
                       operation.blocks, operation.lba));
  }
}

void DataIntegrity::end_verify(std::uint8_t drive, const Operation& operation) {
  for (std::uint64_t i = 0; i < operation.blocks; ++i) {
    if (!history_of({drive, operation.nsid, operation.lba + i}).may_be_readable(operation.begun, event_number())) {
      object(fmt::format("namespace {} LBA {} was verified although it had been made uncorrectable", operation.nsid, operation.lba + i));
    }
  }
}

/// A block that nobody has touched yet is as it was before the run.
BlockHistory& DataIntegrity::history_of(const Key& key) {
  const bool is_known = !old_content_.contains(std::get<0>(key));
  return blocks_.try_emplace(key, is_known ? std::optional(digest_of_zeroes) : std::nullopt).first->second;
}

void DataIntegrity::judge_block(const Key& key, std::string_view verb, std::uint64_t digest, std::uint64_t begun) {
  BlockHistory& history = history_of(key);
  if (history.may_hold(digest, begun, event_number())) {
    history.learn(digest);
    return;
  }
  const std::string found = fmt::format("namespace {} LBA {} {} {:#018x}", std::get<1>(key), std::get<2>(key), verb, digest);
  if (history.settled_by_power_cut()) {
    object_as("durability", found + " after the power cut, which is neither its last durable content nor that of a later write");
  } else if (!history.may_be_readable(begun, event_number())) {
    object(found + ", though it had been made uncorrectable");
  } else {
    object(found + ", which is neither its last acknowledged content nor that of a write in progress");
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
