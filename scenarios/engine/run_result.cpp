#include "scenarios/engine/run_result.hpp"

#include "scenarios/engine/reader.hpp"
#include "scenarios/engine/writer.hpp"
#include "src/base/assert.hpp"

namespace phasebit::scenarios {
namespace {

constexpr Text any_text{0, ~std::size_t{0}};

constexpr Named<ExitCode> code_names[] = {
    {"clean", ExitCode::clean},       {"objected", ExitCode::objected},       {"usage", ExitCode::usage},
    {"liveness", ExitCode::liveness}, {"determinism", ExitCode::determinism}, {"environment", ExitCode::environment},
    {"internal", ExitCode::internal}, {"nothing_ran", ExitCode::nothing_ran},
};

}  // namespace

// Not in the unnamed namespace: archives find these through their arguments.

template <class Archive>
void fields(Archive& archive, Objection& objection) {
  archive.field("judge", objection.judge, any_text);
  archive.field("sentence", objection.sentence, any_text);
  archive.field("code", objection.code, Choice<ExitCode>{code_names});
  archive.field("time_ns", objection.time_ns, Whole{});
  archive.field("event", objection.event, Whole{});
  archive.field("access", objection.access, any_text);
}

template <class Archive>
void fields(Archive& archive, FaultTally& fault) {
  archive.field("what", fault.what, any_text);
  archive.field("fired", fault.fired, Whole{});
  archive.field("kind", fault.kind, any_text);
}

template <class Archive>
void fields(Archive& archive, TimelineEntry& entry) {
  archive.field("lane", entry.lane, any_text);
  archive.field("from_ns", entry.from_ns, Whole{});
  archive.field("to_ns", entry.to_ns, Whole{});
  archive.field("label", entry.label, any_text);
  archive.field("bad", entry.bad, Truth{});
}

template <class Archive>
void fields(Archive& archive, Count& count) {
  archive.field("name", count.name, any_text);
  archive.field("value", count.value, Whole{});
}

template <class Archive>
void fields(Archive& archive, RunResult& result) {
  constexpr Counts any{0, ~std::size_t{0}};
  archive.field("name", result.name, any_text);
  archive.field("file", result.file, any_text);
  archive.field("about", result.about, any_text);
  archive.field("seed", result.seed, Whole{});
  archive.field("seeded", result.seeded, Truth{});
  archive.field("skipped", result.skipped, any_text);
  archive.list("objections", result.objections, any);
  archive.list("remarks", result.remarks, any);
  archive.list("faults", result.faults, any);
  archive.list("counts", result.counts, any);
  archive.list("rows", result.rows, any);
  archive.list("timeline", result.timeline, any);
  archive.field("hash", result.hash, Whole{});
  archive.field("events", result.events, Whole{});
  archive.field("virtual_ns", result.virtual_ns, Whole{});
  archive.field("cycle_ns", result.cycle_ns, Whole{});
  archive.field("again", result.again, any_text);
  archive.field("failure_file", result.failure_file, any_text);
}

ExitCode exit_code(const RunResult& result) {
  ExitCode code = result.skipped.empty() ? ExitCode::clean : ExitCode::nothing_ran;
  for (const Objection& objection : result.objections) {
    code = louder(code, objection.code);
  }
  return code;
}

std::string to_bytes(const RunResult& result) {
  return Writer::write(result).dump(-1, ' ', false, Json::error_handler_t::replace);
}

RunResult run_result_from_bytes(const std::string& bytes) {
  Document document;
  document.tree = Json::parse(bytes);
  RunResult result;
  Diagnostics complaints;
  {
    Reader reader(document, "", complaints);
    fields(reader, result);
  }
  PHASEBIT_ASSERT(complaints.empty());
  return result;
}

}  // namespace phasebit::scenarios
