#include "scenarios/engine/load.hpp"

#include <algorithm>
#include <filesystem>

#include "scenarios/engine/check.hpp"
#include "scenarios/engine/scenario_fields.hpp"
#include "scenarios/engine/schema_check.hpp"
#include "scenarios/engine/schema_writer.hpp"
#include "scenarios/engine/text_file.hpp"
#include "scenarios/engine/trace_file.hpp"
#include "scenarios/engine/writer.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::size_t complaints_max = 20;

tl::unexpected<Diagnostics> refuse_all(Diagnostics complaints) {
  std::stable_sort(complaints.begin(), complaints.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  if (complaints.size() > complaints_max) {
    complaints.resize(complaints_max);
    complaints.push_back({complaints[0].file, {}, "and more; these come first"});
  }
  return tl::unexpected(std::move(complaints));
}

Checked<Scenario> decode(const Document& document) {
  Scenario scenario;
  Diagnostics complaints;
  {
    Reader reader(document, "", complaints);
    fields(reader, scenario);
  }
  if (complaints.empty()) {
    complaints = check_scenario(scenario, document);
  }
  if (complaints.empty()) {
    complaints = check_schema(document);
  }
  if (!complaints.empty()) {
    return refuse_all(std::move(complaints));
  }
  return scenario;
}

}  // namespace

Checked<Scenario> decode_scenario(std::string_view text, const std::string& file) {
  return read_yaml(text, file).and_then(decode);
}

Checked<Scenario> load_scenario(const std::string& path) {
  return read_file(path, document_bytes_max)
      .and_then([&](const std::string& text) { return read_yaml(text, path); })
      .and_then([](const Document& document) {
        return decode(document).and_then([&](Scenario scenario) -> Checked<Scenario> {
          Diagnostics complaints = load_traces(scenario, document);
          return complaints.empty() ? Checked<Scenario>(std::move(scenario)) : refuse_all(std::move(complaints));
        });
      });
}

Checked<Json> load_json(const std::string& path) {
  return read_file(path, document_bytes_max)
      .and_then([&](const std::string& text) { return read_yaml(text, path); })
      .map([](Document document) { return std::move(document.tree); });
}

std::string scenario_text(const Scenario& scenario) {
  return yaml_text(Writer::write(scenario));
}

Json scenario_schema() {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Phasebit scenario"}};
  schema.update(SchemaWriter::write<Scenario>());
  return schema;
}

Checked<std::vector<std::string>> find_scenarios(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return std::vector{path};
  }
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".yaml" || extension == ".yml") {
      files.push_back(entry->path().string());
    }
  }
  if (error) {
    return refuse(path, {}, "cannot be read: " + error.message(), ExitCode::environment);
  }
  if (files.empty()) {
    return refuse(path, {}, "holds no scenario; name a *.yaml file or a directory with some below it");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace phasebit::scenarios
