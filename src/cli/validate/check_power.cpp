#include <fmt/format.h>

#include "src/cli/usable_namespace.hpp"
#include "src/cli/validate/ask_drive.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/spec/features.hpp"
#include "src/spec/identify_units.hpp"

namespace phasebit::cli {
namespace {

constexpr std::uint8_t non_operational = 1 << 1;  ///< NOPS of a power state's flags

Result<driver::OperationResult> get_power_state(DriveAccess& drive) {
  driver::RawCommand command;
  command.sqe = spec::GetFeatures{.fid = spec::Fid::power_management}.sqe();
  return drive.admin(command);
}
Result<driver::OperationResult> set_power_state(DriveAccess& drive, std::uint32_t state) {
  driver::RawCommand command;
  command.sqe = spec::SetFeatures{.fid = spec::Fid::power_management, .value = state}.sqe();
  return drive.admin(command);
}

/// Why the drive does not work in that state; empty if it does.
std::string try_state(DriveAccess& drive, const driver::Namespace& space, const DmaRegion& block, std::uint32_t state) {
  if (const auto set = set_power_state(drive, state); !is_ok(set)) {
    return "Set Features: " + outcome_text(set);
  }
  const auto got = get_power_state(drive);
  if (!is_ok(got)) {
    return "Get Features: " + outcome_text(got);
  }
  if (const std::uint32_t now = spec::PowerManagement{got->dword0}.get(spec::PowerManagement::ps); now != state) {
    return fmt::format("Get Features says {}", now);
  }
  const auto read = drive.io(block_operation(spec::NvmOpcode::read, space, 0, block));
  return is_ok(read) ? "" : "a read: " + outcome_text(read);
}

}  // namespace

void check_power(DriveAccess& drive, Validation& validation) {
  const auto id = identify<spec::IdentifyController>(drive, {});
  const auto space = first_usable_namespace(drive.driver().namespaces());
  const DriveMemory memory(drive, space ? space->block_bytes : 1);
  if (!id || !space || !memory.is_there()) {
    validation.skip("power.states", !id ? "the drive cannot be identified" : "there is no namespace or no memory to read");
    return;
  }
  const std::uint32_t states = spec::power_states(*id);
  validation.judge("power.states", states <= id->psd.size() && (id->psd[0].flags & non_operational) == 0,
                   fmt::format("{} states; state 0 is {}operational", states, (id->psd[0].flags & non_operational) == 0 ? "" : "NOT "),
                   "Base 2.0 §8.15");
  if (states == 1) {
    validation.skip("power.switching", "there is one state only");  // and Set Features may then say that it cannot be changed
    return;
  }
  const auto before = get_power_state(drive);
  if (!is_ok(before)) {
    validation.fail("power.switching", "Get Features: " + outcome_text(before), "Base 2.0 §5.27.1.2");
    return;
  }
  std::string wrong;
  std::uint32_t state = 0;
  for (; state < std::min<std::uint32_t>(states, 32) && wrong.empty(); ++state) {
    wrong = try_state(drive, *space, memory.region(), state);
  }
  const auto restored = set_power_state(drive, spec::PowerManagement{before->dword0}.get(spec::PowerManagement::ps));
  validation.judge("power.switching", wrong.empty() && is_ok(restored),
                   !wrong.empty()     ? fmt::format("in state {}: {}", state - 1, wrong)
                   : !is_ok(restored) ? "the state it was in could not be entered again: " + outcome_text(restored)
                                      : fmt::format("each of {} states is entered, reads, and is left", states),
                   "Base 2.0 §5.27.1.2");
}

}  // namespace phasebit::cli
