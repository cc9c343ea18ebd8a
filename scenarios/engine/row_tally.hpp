// How often each row of the driver's machines was left, and how.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/engine/run_result.hpp"
#include "sim/stream/stream.hpp"

namespace phasebit::scenarios {

/// Counts by "machine.row.result": "bring_up.enable.timed_out".
class RowTally : public sim::StreamReader {
 public:
  void on_event(std::uint64_t number, const Event& event) override;
  std::vector<Count> counts() const;

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace phasebit::scenarios
