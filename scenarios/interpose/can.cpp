#include "scenarios/interpose/can.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "src/spec/opcodes.hpp"

namespace phasebit::scenarios {
namespace {

using sim::Site;
using sim::Verb;
using spec::AdminOpcode;

/// Admin commands after which the device is as it was, so that the host may be told that they failed.
constexpr std::array changeless{AdminOpcode::identify, AdminOpcode::get_features, AdminOpcode::get_log_page, AdminOpcode::keep_alive};

/// A device that carried out what its host believes to have failed: for data that is a failed write that landed, which a host must expect
/// anyway, but a queue or a feature would be another one than the host knows.
bool hits_changeless_only(const sim::Trigger& when) {
  if (when.operation || (when.admin && !*when.admin) || (when.queue && *when.queue != 0)) {
    return true;
  }
  const bool admin = (when.admin && *when.admin) || (when.queue && *when.queue == 0);
  return admin && when.opcode &&
         std::find(changeless.begin(), changeless.end(), static_cast<AdminOpcode>(*when.opcode)) != changeless.end();
}

/// Empty if it can be done.
std::string_view why_not(const sim::Fault& fault) {
  const Site site = sim::site_of(fault);
  if (site == Site::dma) {
    return "the device moves data by itself, unseen";
  }
  switch (fault.what) {
    case Verb::status:
      return hits_changeless_only(fault.when) ? "" : "it could strike an admin command that the device has carried out";
    case Verb::delay:
      return site != Site::fetch ? "" : "the device fetches by itself, unseen";
    case Verb::corrupt:
    case Verb::misdirect:
    case Verb::lose:
    case Verb::tear:
    case Verb::lying_flush:
      return "what reaches the media is between the device and itself";
    case Verb::lost_interrupt:
      return "the device sends its interrupts by itself, and nobody waits for them here";
    case Verb::orderly_removal:
    case Verb::return_after_removal:
    case Verb::link_flap:
      return "only a bus can take a function away and bring it back";
    case Verb::power_cut:
      return "only power can be cut";
    case Verb::namespace_attach:
    case Verb::namespace_detach:
    case Verb::namespace_resize:
    case Verb::async_event_storm:
    case Verb::thermal_throttle:
      return "only the device can do it to itself";
    default:
      return "";
  }
}

}  // namespace

bool can(const sim::Fault& fault, std::string& reason) {
  reason = why_not(fault);
  return reason.empty();
}

}  // namespace phasebit::scenarios
