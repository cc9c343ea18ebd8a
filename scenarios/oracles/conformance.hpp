// Conformance: the rules of the specification, judged by the monitor, as an oracle among the others.
#pragma once

#include "scenarios/oracles/oracle.hpp"
#include "sim/monitor/monitor.hpp"

namespace phasebit::scenarios {

/// Hands every event to a monitor; each violation becomes a verdict that carries the rule's id. Rules of class S are reported only.
class Conformance : public Oracle {
 public:
  std::string_view name() const override { return "conformance"; }

 protected:
  void judge(const Event& event) override;

 private:
  sim::Monitor monitor_;
  std::size_t taken_ = 0;
};

}  // namespace phasebit::scenarios
