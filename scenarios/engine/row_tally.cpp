#include "scenarios/engine/row_tally.hpp"

#include "scenarios/engine/row_name.hpp"

namespace phasebit::scenarios {

void RowTally::on_event(std::uint64_t, const Event& event) {
  if (event.kind != EventKind::driver_state) {
    return;
  }
  if (const std::string_view result = row_result_name(event); !result.empty()) {
    ++counts_[machine_name(event) + "." + row_name(event) + "." + std::string(result)];
  }
}

std::vector<Count> RowTally::counts() const {
  std::vector<Count> list;
  for (const auto& [name, value] : counts_) {
    list.push_back({name, value});
  }
  return list;
}

}  // namespace phasebit::scenarios
