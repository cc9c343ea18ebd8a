// The verbs of `phasebit setup` on the machine that we run on.
#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"

#ifdef PHASEBIT_HW
#include "src/cli/setup_bind.hpp"
#include "src/cli/setup_hugepages.hpp"
#include "src/cli/setup_reset.hpp"
#include "src/cli/setup_status.hpp"
#endif

namespace phasebit::cli {

#ifdef PHASEBIT_HW

Ending carry_out(const SetupStatusCommand& command) {
  const hw::Machine machine;
  return {show_setup(machine, command.json), 0};
}

Ending carry_out(const SetupBindCommand& command) {
  hw::Machine machine;
  return {bind_drives(machine, command.devices, command.driver), 0};
}

Ending carry_out(const SetupUnbindCommand& command) {
  hw::Machine machine;
  return {unbind_drives(machine, command.devices), 0};
}

Ending carry_out(const SetupHugepagesCommand& command) {
  hw::Machine machine;
  return {change_hugepages(machine, command), 0};
}

Ending carry_out(const SetupResetCommand&) {
  hw::Machine machine;
  return {reset_setup(machine), 0};
}

#else

namespace {

Ending without_hardware() {
  tell("phasebit: this build has no PCIe backend; configure with -DPHASEBIT_HW=ON\n");
  return {ExitCode::environment, 0};
}

}  // namespace

Ending carry_out(const SetupStatusCommand&) {
  return without_hardware();
}
Ending carry_out(const SetupBindCommand&) {
  return without_hardware();
}
Ending carry_out(const SetupUnbindCommand&) {
  return without_hardware();
}
Ending carry_out(const SetupHugepagesCommand&) {
  return without_hardware();
}
Ending carry_out(const SetupResetCommand&) {
  return without_hardware();
}

#endif

}  // namespace phasebit::cli
