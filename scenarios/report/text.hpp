// Results as lines for a person at a terminal.
#pragma once

#include <string>

#include "scenarios/engine/results.hpp"

namespace phasebit::scenarios {

/// One line for a scenario that passed or was skipped; for a failure also seed, cycle, judge, first offending access, and the line that
/// repeats it. Remarks follow in either case.
std::string result_text(const RunResult& result);

/// `note  rule RST-05: ...` for each remark, with its access. Empty if there is none.
std::string remarks_text(const RunResult& result);

/// `note  rule RST-05 in 3 worlds` for each judge that remarked something in any of them.
std::string remarks_text(const Totals& totals, const std::string& noun);

/// `N scenarios: N passed, 0 failed, 0 skipped`, where `noun` is `scenario` or `world`.
std::string tally_text(const Tally& tally, const std::string& noun);

/// `NAME trace-hash 0x...`
std::string hash_text(const RunResult& result);

/// A time as a person reads it: `1.234 ms`, never rounded up.
std::string time_text(std::uint64_t ns);

}  // namespace phasebit::scenarios
