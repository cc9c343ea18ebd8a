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

std::string objection_text(const RunResult& result, const Objection& objection) {
  std::string text = fmt::format("      {}: {}\n", objection.judge, objection.sentence);
  if (!objection.access.empty()) {
    text += fmt::format("      at cycle {} ({}), event {}: {}\n", objection.time_ns / result.cycle_ns, time_text(objection.time_ns),
                        objection.event, objection.access);
  } else if (objection.time_ns > 0) {
    text += fmt::format("      at cycle {} ({})\n", objection.time_ns / result.cycle_ns, time_text(objection.time_ns));
  }
  return text;
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
  if (!result.failed() && !result.skipped.empty()) {
    return fmt::format("skip  {}: {}\n", result.name, result.skipped);
  }
  if (!result.failed()) {
    return fmt::format("pass  {} ({}, {} events, {} faults)\n", result.name, time_text(result.virtual_ns), result.events, strikes(result));
  }
  std::string text = fmt::format("FAIL  {} seed {}\n", result.name, seed_text(result.seed));
  for (const Objection& objection : result.objections) {
    text += objection_text(result, objection);
  }
  return result.again.empty() ? text : text + fmt::format("      again: {}\n", result.again);
}

std::string tally_text(const Tally& tally, const std::string& noun) {
  const std::size_t total = tally.passed + tally.failed + tally.skipped;
  return fmt::format("{} {}s: {} passed, {} failed, {} skipped\n", total, noun, tally.passed, tally.failed, tally.skipped);
}

std::string hash_text(const RunResult& result) {
  return fmt::format("{} trace-hash 0x{:016x}\n", result.name, result.hash);
}

}  // namespace phasebit::scenarios
