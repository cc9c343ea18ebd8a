// The way of a verb to an attached drive and back. The same for every bus.
#pragma once

#include <string_view>

#include "src/cli/output.hpp"
#include "src/cli/session.hpp"

namespace phasebit::cli {

/// Says why a verb cannot go on: the machine or the drive is not as it needs them.
inline scenarios::ExitCode cannot(std::string_view verb, std::string_view why) {
  tell(fmt::format("phasebit: {}: {}\n", verb, why));
  return scenarios::ExitCode::environment;
}

/// Why a verb ends before its time.
inline constexpr std::string_view asked_for = "somebody asks for the drive: it is given back before its time";

/// Attaches, calls `work(session, function)`, which gives an exit code, and detaches. The louder code of all that counts.
template <CanWait B, Clock C, class Work>
scenarios::ExitCode with_attached(B& bus, C& clock, PciAddress address, std::string_view verb, Work work,
                                  const driver::Options& options = {}) {
  Session session(bus, clock, address, options);
  const std::optional<PciFunction> function = session.find();
  if (!function) {
    return cannot(verb, "there is no such NVMe controller");
  }
  if (const auto attached = session.attach(); !attached) {
    return cannot(verb, fmt::format("the drive cannot be attached: {} ({})", attached.error().why, name(attached.error().error)));
  }
  const scenarios::ExitCode code = work(session, *function);
  const Result<void> detached = session.detach();
  return detached ? code : scenarios::louder(code, cannot(verb, fmt::format("the drive did not shut down ({})", name(detached.error()))));
}

}  // namespace phasebit::cli
