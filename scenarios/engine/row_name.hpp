// Names of the rows that driver_state events number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/backend/event.hpp"

namespace phasebit::scenarios {

/// A row of one of the driver's machines.
struct RowName {
  std::uint16_t machine;
  std::uint16_t row;
  std::string name;  ///< "bring_up.enable"
};

/// Every row there is.
const std::vector<RowName>& row_names();

/// "passed", "timed_out", "failed" or "gone"; empty if the event says that a row was entered, or nothing that is known.
std::string_view row_result_name(const Event& event);

/// Every way in which a row can be left, as `row.result`: "bring_up.enable.timed_out". Each ends in a zero byte.
std::span<const std::string_view> row_result_names();

/// "bring_up", "recovery" or "shutdown"; `event` is a driver_state.
std::string machine_name(const Event& event);

/// The enumerator's own name: "enable", "abort", ...; "?" if there is no such row.
std::string row_name(const Event& event);

}  // namespace phasebit::scenarios
