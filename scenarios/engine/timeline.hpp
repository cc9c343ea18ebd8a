// The timeline of a run, from its stream: phases, the drivers' rows, faults, power and presence.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/engine/run_result.hpp"
#include "sim/stream/stream.hpp"

namespace phasebit::scenarios {

class Timeline : public sim::StreamReader {
 public:
  void on_event(std::uint64_t number, const Event& event) override;
  /// Closes what is open at `end` and gives the entries; a long run keeps its first and its last ones.
  std::vector<TimelineEntry> entries(Instant end) const;

 private:
  void begin(const std::string& lane, Instant at, std::string label, bool bad);
  void end(const std::string& lane, Instant at, bool bad);
  void moment(const std::string& lane, Instant at, std::string label, bool bad);
  void add(TimelineEntry entry);
  void driver_state(const Event& event);

  std::vector<TimelineEntry> first_;
  std::vector<TimelineEntry> last_;
  std::map<std::string, TimelineEntry> open_;  ///< by lane
};

}  // namespace phasebit::scenarios
