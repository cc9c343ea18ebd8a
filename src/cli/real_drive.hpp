// What every verb on a real drive needs before it can begin: the name understood, the drive in our hands, DPDK running.
#pragma once

#include <cstdint>
#include <string>

#include "hw/environment_options.hpp"
#include "scenarios/engine/exit_code.hpp"
#include "src/cli/output.hpp"

#ifdef PHASEBIT_HW
#include "hw/clock.hpp"
#include "hw/device_name.hpp"
#include "hw/environment.hpp"
#include "hw/environment_rules.hpp"
#include "hw/find_device.hpp"
#include "hw/granted_bus.hpp"
#include "hw/pcie_bus.hpp"
#endif

namespace phasebit::cli {

/// What a verb needs of a drive: all of it, or no more than a queue, which another process can grant (--proc-type).
enum class DriveUse : std::uint8_t { whole, queue };

#ifdef PHASEBIT_HW

/// The machine's time; letting it pass is looking again.
struct MachineClock {
  Instant now() const { return hw::now(); }
  void pass(Instant) {}
};

inline scenarios::ExitCode refuse(scenarios::ExitCode code, const std::string& why) {
  tell(fmt::format("phasebit: {}\n", why));
  return code;
}

template <class Bus, class Verb>
scenarios::ExitCode on_bus(PciAddress address, Verb verb) {
  Bus bus;
  MachineClock clock;
  const scenarios::ExitCode code = verb(bus, clock, address);
  return code == scenarios::ExitCode::environment && !bus.why().empty() ? refuse(code, bus.why()) : code;
}

/// Why a verb that needs a whole drive gets none beside a primary.
inline std::string belongs_to_primary(PciAddress address) {
  return hw::text(address) +
         ": another process is the primary (--proc-type), and only perf can share a drive with it; end that one, or take "
         "a --file-prefix of your own and another drive";
}

/// In a process that shares the memory of a primary, which has the drive.
template <DriveUse use, class Verb>
scenarios::ExitCode beside_primary(PciAddress address, Verb verb) {
  if constexpr (use == DriveUse::queue) {
    return on_bus<hw::GrantedBus>(address, verb);
  }
  return refuse(scenarios::ExitCode::environment, belongs_to_primary(address));
}

/// A drive that can be had, and DPDK's options as it needs them.
struct FoundDrive {
  hw::FunctionAccess access;
  hw::EnvironmentOptions environment;
};

/// Before DPDK starts: whoever names a wrong drive need not set up hugepages to hear of it.
inline hw::Answer<FoundDrive> find_drive(PciAddress address, const hw::EnvironmentOptions& options) {
  const auto access = hw::SysfsPci().access_to(address);
  if (!access) {
    return tl::unexpected(access.error());
  }
  if (access->is_behind_iommu()) {
    return FoundDrive{*access, options};
  }
  return hw::with_physical_addresses(options).map([&](const hw::EnvironmentOptions& fitting) { return FoundDrive{*access, fitting}; });
}

/// Once for each run of the program.
inline void warn_of(PciAddress address, const hw::FunctionAccess& access) {
  if (const std::string warning = hw::warning_of(address, access); !warning.empty()) {
    tell(fmt::format("phasebit: warning: {}\n", warning));
  }
}

/// Calls `verb(bus, clock, address)`, which gives an exit code, for the drive at `device`, with DPDK started as legal options say. Whoever
/// does not get that far is told why, as is everybody in a build without hw/.
template <DriveUse use = DriveUse::whole, class Verb>
scenarios::ExitCode on_real_drive(const std::string& device, const hw::EnvironmentOptions& options, Verb verb) {
  const hw::Answer<PciAddress> address = hw::parse_device_name(device);
  if (!address) {
    return refuse(scenarios::ExitCode::usage, address.error().why);
  }
  const auto drive = find_drive(*address, options);
  if (!drive) {
    return refuse(scenarios::ExitCode::environment, drive.error().why);
  }
  warn_of(*address, drive->access);
  const auto environment = hw::Environment::start(drive->environment);
  if (!environment) {
    return refuse(scenarios::ExitCode::environment, environment.error().why);
  }
  return hw::Environment::is_secondary() ? beside_primary<use>(*address, verb) : on_bus<hw::PcieBus>(*address, verb);
}

#else

template <DriveUse use = DriveUse::whole, class Verb>
scenarios::ExitCode on_real_drive(const std::string&, const hw::EnvironmentOptions&, Verb) {
  tell("phasebit: this build has no PCIe backend; configure with -DPHASEBIT_HW=ON\n");
  return scenarios::ExitCode::environment;
}

#endif

}  // namespace phasebit::cli
