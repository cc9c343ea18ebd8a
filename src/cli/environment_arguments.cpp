#include "src/cli/environment_arguments.hpp"

#include "src/cli/shell_text.hpp"

#ifdef PHASEBIT_HW
#include "hw/environment_rules.hpp"
#endif

namespace phasebit::cli {

std::optional<std::string> wrong_environment(const hw::EnvironmentOptions& options, const std::string& device) {
  const auto given = hw::given_options(options);
  if (device.empty()) {
    return given.empty() ? std::nullopt : std::optional(std::string(given[0]->name) + " is for a real drive; name it with --device");
  }
#ifdef PHASEBIT_HW
  if (const auto legal = hw::check_options(options); !legal) {
    return legal.error().why;
  }
#endif
  return std::nullopt;
}

std::string environment_arguments(const hw::EnvironmentOptions& options) {
  std::string text;
  for (const hw::EnvironmentOption* option : hw::given_options(options)) {
    text += " " + std::string(option->name) + (option->is_flag ? "" : "=" + shell_text(option->value(options)));
  }
  return text;
}

}  // namespace phasebit::cli
