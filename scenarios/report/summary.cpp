#include "scenarios/report/summary.hpp"

#include <fmt/format.h>

#include "scenarios/engine/scalar.hpp"
#include "scenarios/engine/units.hpp"

namespace phasebit::scenarios {
namespace {

const char* verdict_word(const RunResult& result) {
  return result.failed() ? "failed" : result.skipped.empty() ? "passed" : "skipped";
}

/// A reader that has nothing but doubles takes larger ones for something else.
Json number(std::uint64_t value) {
  constexpr std::uint64_t exact_max = 1ull << 53;
  return value <= exact_max ? Json(value) : Json(std::to_string(value));
}

Json objections_json(const std::vector<Objection>& objections) {
  Json list = Json::array();
  for (const Objection& objection : objections) {
    list.push_back({{"judge", objection.judge},
                    {"sentence", objection.sentence},
                    {"exit_code", static_cast<int>(objection.code)},
                    {"time_ns", number(objection.time_ns)},
                    {"event", number(objection.event)},
                    {"access", objection.access}});
  }
  return list;
}

Json counts_json(const std::vector<Count>& counts) {
  Json object = Json::object();
  for (const Count& count : counts) {
    object[count.name] = number(count.value);
  }
  return object;
}

Json result_json(const RunResult& result) {
  Json faults = Json::array();
  for (const FaultTally& fault : result.faults) {
    faults.push_back({{"what", fault.what}, {"fired", number(fault.fired)}});
  }
  return {{"name", result.name},
          {"file", result.file},
          {"about", result.about},
          {"verdict", verdict_word(result)},
          {"exit_code", static_cast<int>(exit_code(result))},
          {"skipped", result.skipped},
          {"seed", result.seeded ? seed_text(result.seed) : ""},
          {"trace_hash", fmt::format("0x{:016x}", result.hash)},
          {"events", number(result.events)},
          {"virtual_ns", number(result.virtual_ns)},
          {"faults", faults},
          {"counts", counts_json(result.counts)},
          {"rows", counts_json(result.rows)},
          {"objections", objections_json(result.objections)},
          {"remarks", objections_json(result.remarks)},
          {"again", result.again},
          {"replay", result.replay}};
}

Json sums_json(const std::map<std::string, std::uint64_t>& sums) {
  Json object = Json::object();
  for (const auto& [name, value] : sums) {
    object[name] = number(value);
  }
  return object;
}

Json totals_json(const Totals& sum) {
  return {{"faults", sums_json(sum.faults)},
          {"counts", sums_json(sum.counts)},
          {"rows", sums_json(sum.rows)},
          {"remarks", sums_json(sum.remarks)}};
}

}  // namespace

std::string summary_json(const Results& results) {
  const Tally& sum = results.tally();
  Json list = Json::array();
  for (const RunResult& result : results.kept()) {
    list.push_back(result_json(result));
  }
  const Json summary = {{"total", sum.total()},
                        {"passed", sum.passed},
                        {"failed", sum.failed},
                        {"skipped", sum.skipped},
                        {"exit_code", static_cast<int>(sum.code())},
                        {"totals", totals_json(results.totals())},
                        {"results", list}};
  return summary.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace phasebit::scenarios
