// Liveness: once the faults are healed, everything makes progress and ends.
#pragma once

#include <cstdint>
#include <map>

#include "scenarios/oracles/oracle.hpp"

namespace phasebit::scenarios {

/// Objects to each operation that is still under way when the run enters its phase `end`, for which the engine allows a budget of virtual
/// time after heal.
class Liveness : public Oracle {
 public:
  std::string_view name() const override { return "liveness"; }

 protected:
  void judge(const Event& event) override;

 private:
  std::map<std::pair<std::uint8_t, std::uint64_t>, std::uint64_t> operations_;  ///< drive, tag to event number
};

}  // namespace phasebit::scenarios
