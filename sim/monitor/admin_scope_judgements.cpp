#include <string>

#include "sim/monitor/judgements.hpp"
#include "src/spec/admin_commands.hpp"

namespace phasebit::sim {

using spec::AdminOpcode;
using spec::Cns;

namespace {

/// Which namespaces a command may name (Base 2.0 §3.2.1). Commands that take any value, or where it depends on what the drive offers beyond
/// what is known here, are not judged.
enum class Names { anything, valid, active, active_or_all };

Names names_of_identify(Cns cns) {
  switch (cns) {
    case Cns::identify_namespace:  // an inactive one is answered with zeroes
    case Cns::namespace_descriptors:
    case Cns::namespace_of_command_set:
    case Cns::namespace_independent:
    case Cns::allocated_namespace:
      return Names::valid;
    default:
      return Names::anything;
  }
}

Names names_of(const spec::Sqe& sqe) {
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::identify:
      return names_of_identify(spec::Identify::from(sqe).cns);
    case AdminOpcode::format_nvm:
      return Names::active_or_all;
    case AdminOpcode::get_lba_status:
      return Names::active;
    default:
      return Names::anything;
  }
}

bool names_what_it_may(const spec::Sqe& sqe, Names names, const DriveView& view) {
  constexpr std::uint32_t namespace_management = 1u << 3;  // lets Identify ask what all namespaces have in common (§5.17)
  const bool all = spec::nsid_of(sqe) == nsid_all;
  if (names == Names::valid) {
    return all ? (view.oacs & namespace_management) != 0 : sqe.nsid != 0 && sqe.nsid <= view.nn;
  }
  if (all && names == Names::active_or_all) {
    return true;
  }
  const NamespaceView* at = view.find_namespace(sqe.nsid);
  return at != nullptr && at->usable(view.pushed_at(0, sqe.cid));
}

/// Bytes that the command says it moves; 0 where it never is more than a page or does not say.
std::uint64_t transfer_bytes(const spec::Sqe& sqe) {
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::get_log_page:
      return spec::GetLogPage::from(sqe).bytes;
    case AdminOpcode::firmware_image_download:
    case AdminOpcode::directive_send:
    case AdminOpcode::directive_receive:
      return 4 * (std::uint64_t{sqe.cdw10} + 1);  // NUMD, zero-based
    case AdminOpcode::security_send:
    case AdminOpcode::security_receive:
      return sqe.cdw11;
    default:
      return 0;
  }
}

}  // namespace

void judge_admin_scope(const spec::Sqe& sqe, const DriveView& view, ViolationList& found) {
  const std::string text = "SQ 0 command " + hex(sqe.cid) + " with opcode " + hex(sqe.opcode) + ": ";
  const Names names = names_of(sqe);
  if (view.limits_known && names != Names::anything && !names_what_it_may(sqe, names, view)) {
    found.add("CMD-06", text + "namespace " + hex(sqe.nsid));
  }
  if (transfer_bytes(sqe) > view.transfer_bytes_max()) {
    found.add("CMD-12",
              text + std::to_string(transfer_bytes(sqe)) + " bytes where MDTS allows " + std::to_string(view.transfer_bytes_max()));
  }
}

}  // namespace phasebit::sim
