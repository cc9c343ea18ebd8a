#include "src/cli/drive_flags.hpp"

#include "src/cli/environment_arguments.hpp"
#include "src/cli/output.hpp"

namespace phasebit::cli {

bool flags_fit(const DriveConsent& consent, const hw::EnvironmentOptions& environment, const std::string& device) {
  auto wrong = wrong_consent(consent, device);
  if (!wrong) {
    wrong = wrong_environment(environment, device);
  }
  if (wrong) {
    tell(fmt::format("phasebit: {}\n", *wrong));
  }
  return !wrong;
}

}  // namespace phasebit::cli
