// Data integrity and durability: a block reads, and compares, as its last acknowledged write or a concurrent one; after a power cut as its
// last durable write or a later one. A block that was made uncorrectable cannot be read until it is written again.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "scenarios/oracles/block_history.hpp"
#include "scenarios/oracles/oracle.hpp"

namespace phasebit::scenarios {

/// Judges the user's operations (operation_begun, operation_extent, block_digest, operation_ended) against each other; knows nothing of
/// commands, queues or media. A mismatch on a block that a power cut has decided is `durability`'s, any other `data_integrity`'s.
class DataIntegrity : public Oracle {
 public:
  std::string_view name() const override { return "data_integrity"; }

 protected:
  void judge(const Event& event) override;

 private:
  using Key = std::tuple<std::uint8_t, std::uint32_t, std::uint64_t>;  // drive, NSID, LBA
  struct Operation {
    std::uint8_t opcode = 0;
    bool fua = false;
    std::uint32_t nsid = 0;
    std::uint64_t lba = 0;
    std::uint64_t blocks = 0;
    std::uint64_t begun = 0;
    std::vector<std::uint64_t> digests;  ///< of the blocks, as the host found them, or compared them with
  };
  using Operations = std::map<std::pair<std::uint8_t, std::uint64_t>, Operation>;  // drive, tag

  void take_fact(const Event& event);
  void begin(const Event& event);
  void extend(const Event& event);
  void take_digest(const Event& event);
  void end(const Event& event);
  void end_write(std::uint8_t drive, std::uint64_t tag, const Operation& operation, bool acknowledged);
  void end_read(std::uint8_t drive, const Operation& operation);
  void end_compare(std::uint8_t drive, const Operation& operation, bool equal);
  void end_verify(std::uint8_t drive, const Operation& operation);
  void end_flush(std::uint8_t drive, const Operation& operation);
  void judge_block(const Key& key, std::string_view verb, std::uint64_t digest, std::uint64_t begun);
  BlockHistory& history_of(const Key& key);
  std::uint64_t oldest_begun() const;
  bool durable_when_acknowledged(std::uint8_t drive, const Operation& operation) const;

  Operations operations_;
  std::map<Key, BlockHistory> blocks_;
  std::map<std::uint8_t, bool> volatile_cache_;
  std::set<std::uint8_t> old_content_;  ///< drives of which it is not known what they held before the run
};

}  // namespace phasebit::scenarios
