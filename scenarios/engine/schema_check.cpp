#include "scenarios/engine/schema_check.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "scenarios/engine/load.hpp"

namespace phasebit::scenarios {
namespace {

// The adapter of this version knows nlohmann::json alone, not its ordered sister.
using PlainJson = nlohmann::json;

/// valijson reads integers as signed: one that does not fit would look negative.
void clamp_integers(PlainJson& json) {
  constexpr std::uint64_t highest = std::numeric_limits<std::int64_t>::max();
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > highest) {
    json = highest;
  } else if (json.is_structured()) {
    for (PlainJson& part : json) {
      clamp_integers(part);
    }
  }
}

/// Parsed once; both live as long as the program.
class ScenarioSchema {
 public:
  ScenarioSchema() : tree_(PlainJson::parse(scenario_schema().dump())) {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(valijson::adapters::NlohmannJsonAdapter(tree_), schema_);
  }
  const valijson::Schema& schema() const { return schema_; }

 private:
  PlainJson tree_;
  valijson::Schema schema_;
};

/// valijson writes a path as <root>[faults][0][when].
std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i) {
    pointer = step_into(pointer, std::string_view(context[i]).substr(1, context[i].size() - 2));
  }
  return pointer;
}

}  // namespace

Diagnostics check_schema(const Document& document) {
  static const ScenarioSchema parsed;
  PlainJson tree = PlainJson::parse(document.tree.dump());
  clamp_integers(tree);
  valijson::ValidationResults results;
  if (valijson::Validator().validate(parsed.schema(), valijson::adapters::NlohmannJsonAdapter(tree), &results)) {
    return {};
  }
  // Each failing node is followed by its parents, which fail because of it: only the deepest says something.
  std::vector<std::string> deepest;
  std::string description;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    if (error.context.size() > deepest.size()) {
      deepest = error.context;
      description = error.description;
    }
  }
  const std::string pointer = pointer_of(deepest);
  return {{document.file, document.place(pointer), fmt::format("the schema does not allow this at \"{}\": {}", pointer, description)}};
}

}  // namespace phasebit::scenarios
