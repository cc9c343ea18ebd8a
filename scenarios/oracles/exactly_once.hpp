// Exactly once: every operation and every command that was begun ends, and ends once.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "scenarios/oracles/oracle.hpp"

namespace phasebit::scenarios {

/// Judges operation_begun against operation_ended by tag, and command_pushed against command_finished by queue, CID and tag.
class ExactlyOnce : public Oracle {
 public:
  std::string_view name() const override { return "exactly_once"; }
  void finish() override;

 protected:
  void judge(const Event& event) override;

 private:
  struct Command {
    std::uint64_t tag;
    std::uint64_t pushed;  ///< event number
  };

  void operation_ended(const Event& event);
  void command_pushed(const Event& event);
  void command_finished(const Event& event);

  std::map<std::pair<std::uint8_t, std::uint64_t>, std::uint64_t> operations_;          ///< drive, tag to event number
  std::map<std::tuple<std::uint8_t, std::uint16_t, std::uint16_t>, Command> commands_;  ///< drive, SQ, CID
};

}  // namespace phasebit::scenarios
