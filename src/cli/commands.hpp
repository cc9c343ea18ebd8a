// What can be asked of the program: one struct per verb, filled in by arguments.cpp and carried out by the verb's own file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hw/environment_options.hpp"
#include "scenarios/engine/exit_code.hpp"
#include "scenarios/engine/units.hpp"
#include "src/cli/device_runs.hpp"
#include "src/cli/drive_consent.hpp"
#include "src/cli/perf_load.hpp"
#include "src/cli/validate/validation_limits.hpp"

namespace phasebit::cli {

using scenarios::ExitCode;

struct RunCommand {
  std::vector<std::string> paths;
  DeviceTarget target;  ///< without a device: emulated drives
  std::optional<std::uint64_t> seed;
  unsigned jobs = 1;
  std::string junit;
  std::string report;
  std::string trace;
  bool trace_hash = false;
};

struct SwarmCommand {
  scenarios::NumberRange seeds;
  unsigned jobs = 1;
  std::string junit;
  std::string report;
};

struct ListCommand {
  std::string path = "scenarios/catalog";
};

struct RulesCommand {
  std::string id;
};

struct ReplayCommand {
  std::string file;
  std::string trace;
};

struct IdentifyCommand {
  std::string device;  ///< PCI address or transport ID; empty: the emulated drive
  hw::EnvironmentOptions environment;
  std::string drive;  ///< a scenario file whose drive is emulated; empty: the default one
  bool json = false;
};

struct CaptureCommand {
  std::string device;  ///< PCI address or transport ID; empty: the emulated drive
  hw::EnvironmentOptions environment;
  std::string drive;  ///< a scenario file whose drive is emulated; empty: the default one
};

struct HelloCommand {
  std::string device;  ///< PCI address or transport ID; empty: the emulated drive
  hw::EnvironmentOptions environment;
  DriveConsent consent;
};

struct PerfCommand {
  std::string device;  ///< PCI address or transport ID; empty: the emulated drive
  hw::EnvironmentOptions environment;
  DriveConsent consent;
  PerfLoad load;
  bool json = false;
};

struct ValidateCommand {
  std::string device;  ///< PCI address or transport ID; empty: the emulated drive
  hw::EnvironmentOptions environment;
  DriveConsent consent;
  ValidationLimits limits;
  bool json = false;
};

struct SetupStatusCommand {
  bool json = false;
};

struct SetupBindCommand {
  std::vector<std::string> devices;  ///< PCI addresses; none: every drive that nobody uses
  std::string driver;                ///< empty: what this machine has an IOMMU for
};

struct SetupUnbindCommand {
  std::vector<std::string> devices;
};

struct SetupHugepagesCommand {
  std::uint64_t count = 0;
  std::uint64_t page_bytes = 0;
  std::optional<unsigned> node;  ///< none: the kernel spreads them over its nodes
};

struct SetupResetCommand {};

/// There is nothing to carry out: help was printed, or the arguments are wrong and that was said.
struct NoCommand {
  ExitCode code = ExitCode::clean;
};

using Command = std::variant<NoCommand, RunCommand, SwarmCommand, ListCommand, RulesCommand, ReplayCommand, IdentifyCommand, CaptureCommand,
                             HelloCommand, PerfCommand, ValidateCommand, SetupStatusCommand, SetupBindCommand, SetupUnbindCommand,
                             SetupHugepagesCommand, SetupResetCommand>;

/// What the arguments ask for.
Command parse_arguments(int argc, char** argv);

/// The number of an interrupted run's signal, or an exit code.
struct Ending {
  ExitCode code = ExitCode::clean;
  int signal = 0;
};

Ending carry_out(const NoCommand& command);
Ending carry_out(const RunCommand& command);
Ending carry_out(const SwarmCommand& command);
Ending carry_out(const ListCommand& command);
Ending carry_out(const RulesCommand& command);
Ending carry_out(const ReplayCommand& command);
Ending carry_out(const IdentifyCommand& command);
Ending carry_out(const CaptureCommand& command);
Ending carry_out(const HelloCommand& command);
Ending carry_out(const PerfCommand& command);
Ending carry_out(const ValidateCommand& command);
Ending carry_out(const SetupStatusCommand& command);
Ending carry_out(const SetupBindCommand& command);
Ending carry_out(const SetupUnbindCommand& command);
Ending carry_out(const SetupHugepagesCommand& command);
Ending carry_out(const SetupResetCommand& command);

}  // namespace phasebit::cli
