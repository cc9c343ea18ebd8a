#include "sim/monitor/violation.hpp"

#include "src/base/assert.hpp"

namespace phasebit::sim {

namespace {
constexpr std::size_t violations_kept_max = 1000;
}

void ViolationList::add(std::string_view id, std::string detail) {
  const Rule* rule = find_rule(id);
  PHASEBIT_ASSERT(rule != nullptr);
  ++count_;
  if (counts_[rule]++ < violations_kept_max) {
    all_.push_back({rule, event_number_, at_, drive_, std::move(detail)});
  }
}

std::string hex(std::uint64_t value) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[value & 0xf]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

}  // namespace phasebit::sim
