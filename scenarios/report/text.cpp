#include "scenarios/report/text.hpp"

#include <fmt/format.h>

namespace phasebit::scenarios {
namespace {

std::uint64_t strikes(const RunResult& result) {
  std::uint64_t sum = 0;
  for (const FaultTally& fault : result.faults) {
    sum += fault.fired;
  }
  return sum;
}

std::string objection_text(const RunResult& result, const Objection& objection, const char* head = "     ") {
  std::string text = fmt::format("{} {}: {}\n", head, objection.judge, objection.sentence);
  if (!objection.access.empty()) {
    text += fmt::format("      at cycle {} ({}), event {}: {}\n", objection.time_ns / result.cycle_ns, time_text(objection.time_ns),
                        objection.event, objection.access);
  } else if (objection.time_ns > 0) {
    text += fmt::format("      at cycle {} ({})\n", objection.time_ns / result.cycle_ns, time_text(objection.time_ns));
  }
  return text;
}

std::string verdict_text(const RunResult& result) {
  if (!result.failed() && !result.skipped.empty()) {
    return fmt::format("skip  {}: {}\n", result.name, result.skipped);
  }
  if (!result.failed()) {
    return fmt::format("pass  {} ({}, {} events, {} faults)\n", result.name, time_text(result.virtual_ns), result.events, strikes(result));
  }
  std::string text = fmt::format("FAIL  {}{}\n", result.name, result.seeded ? " seed " + seed_text(result.seed) : "");
  for (const Objection& objection : result.objections) {
    text += objection_text(result, objection);
  }
  text += result.again.empty() ? "" : fmt::format("      again: {}\n", result.again);
  return result.replay.empty() ? text : text + fmt::format("      replay: {}\n", result.replay);
}

}  // namespace

std::string time_text(std::uint64_t ns) {
  struct Scale {
    std::uint64_t unit;
    const char* name;
  };
  for (const Scale scale : {Scale{1'000'000'000, "s"}, Scale{1'000'000, "ms"}, Scale{1'000, "us"}}) {
    if (ns >= scale.unit) {
      return fmt::format("{}.{:03} {}", ns / scale.unit, ns % scale.unit / (scale.unit / 1000), scale.name);
    }
  }
  return fmt::format("{} ns", ns);
}

std::string result_text(const RunResult& result) {
  return verdict_text(result) + remarks_text(result);
}

std::string remarks_text(const RunResult& result) {
  std::string text;
  for (const Objection& remark : result.remarks) {
    text += objection_text(result, remark, "note ");
  }
  return text;
}

std::string remarks_text(const Totals& totals, const std::string& noun) {
  std::string text;
  for (const auto& [judge, count] : totals.remarks) {
    text += fmt::format("note  {} in {} {}{}\n", judge, count, noun, count == 1 ? "" : "s");
  }
  return text;
}

std::string tally_text(const Tally& tally, const std::string& noun) {
  return fmt::format("{} {}s: {} passed, {} failed, {} skipped\n", tally.total(), noun, tally.passed, tally.failed, tally.skipped);
}

std::string hash_text(const RunResult& result) {
  return fmt::format("{} trace-hash 0x{:016x}\n", result.name, result.hash);
}

}  // namespace phasebit::scenarios
