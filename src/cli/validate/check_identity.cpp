#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "src/cli/shown.hpp"
#include "src/cli/validate/ask_drive.hpp"
#include "src/cli/validate/checks.hpp"
#include "src/spec/identify_bits.hpp"

namespace phasebit::cli {
namespace {

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}
bool is_blank(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}

void check_names(const driver::ControllerInfo& info, Validation& validation) {
  const std::string_view model(info.model.data(), info.model.size());
  const std::string_view serial(info.serial.data(), info.serial.size());
  const std::string_view firmware(info.firmware.data(), info.firmware.size());
  const bool printable = is_printable(model) && is_printable(serial) && is_printable(firmware);
  validation.judge("identity.names", printable && !is_blank(model) && !is_blank(serial),
                   fmt::format("model \"{}\", serial \"{}\", firmware \"{}\"{}", shown(info.model), shown(info.serial),
                               shown(info.firmware), printable ? "" : ": not all of it is printable ASCII"),
                   "Base 2.0 §5.17.2.1");
}

void check_controller(DriveAccess& drive, const spec::IdentifyController& id, Validation& validation) {
  const PciFunction function = drive.function();
  const driver::ControllerInfo& info = drive.driver().controller();
  validation.judge("identity.vendor", id.vid.get() == function.vendor_id,
                   fmt::format("VID {:04x}h, and configuration space says {:04x}h", id.vid.get(), function.vendor_id),
                   "Base 2.0 §5.17.2.1");
  const std::uint32_t version = info.version.raw;
  const bool has_ver = version >= 0x00010200;
  validation.judge("identity.version", !has_ver || id.ver.get() == version,
                   fmt::format("VER {:08x}h, and the register VS says {:08x}h", id.ver.get(), version), "Base 2.0 §5.17.2.1");
  const spec::EntrySizes sqes{id.sqes};
  const spec::EntrySizes cqes{id.cqes};
  const bool sizes = sqes.get(spec::EntrySizes::required) == 6 && cqes.get(spec::EntrySizes::required) == 4 &&
                     sqes.get(spec::EntrySizes::maximum) >= 6 && cqes.get(spec::EntrySizes::maximum) >= 4;
  validation.judge("identity.queue_entry_sizes", sizes, fmt::format("SQES {:02x}h, CQES {:02x}h", id.sqes, id.cqes), "Base 2.0 §5.17.2.1");
  if (version < 0x00010201) {
    validation.skip("identity.subsystem_name", "a drive of this version has none");
    return;
  }
  const std::string_view subnqn(id.subnqn.data(), ::strnlen(id.subnqn.data(), id.subnqn.size()));
  validation.judge("identity.subsystem_name", subnqn.starts_with("nqn.") && subnqn.size() <= 223 && is_printable(subnqn),
                   fmt::format("SUBNQN \"{}\"", shown(subnqn)), "Base 2.0 §4.5");
}

void check_namespace(DriveAccess& drive, const driver::Namespace& space, Validation& validation) {
  const std::string check = fmt::format("identity.namespace_{}", space.nsid.value);
  const auto id = identify<spec::IdentifyNamespace>(drive, {.cns = spec::Cns::identify_namespace, .nsid = space.nsid});
  if (!id) {
    validation.fail(check, "Identify Namespace: " + outcome_text(id.error()), "NVM Command Set 1.0 §4.1.5.1");
    return;
  }
  const spec::Flbas flbas{id->flbas};
  const std::uint32_t format = flbas.get(spec::Flbas::index_low) | (id->nlbaf > 16 ? flbas.get(spec::Flbas::index_high) << 4 : 0);
  const bool good = id->nsze.get() != 0 && id->ncap.get() <= id->nsze.get() && id->nuse.get() <= id->ncap.get() && format <= id->nlbaf &&
                    id->lbaf[format].lbads >= 9;
  validation.judge(check, good,
                   fmt::format("NSZE {}, NCAP {}, NUSE {}, format {} of {}, blocks of 2^{} bytes", id->nsze.get(), id->ncap.get(),
                               id->nuse.get(), format, id->nlbaf + 1, id->lbaf[format].lbads),
                   "NVM Command Set 1.0 §4.1.5.1");
}

}  // namespace

void check_identity(DriveAccess& drive, Validation& validation) {
  check_names(drive.driver().controller(), validation);
  const auto id = identify<spec::IdentifyController>(drive, {});
  if (id) {
    check_controller(drive, *id, validation);
  } else {
    validation.fail("identity.controller", "Identify Controller: " + outcome_text(id.error()), "Base 2.0 §5.17.2.1");
  }
  validation.judge("identity.namespaces", !drive.driver().namespaces().empty(),
                   fmt::format("{} active namespaces", drive.driver().namespaces().size()));
  const std::vector<driver::Namespace> spaces(drive.driver().namespaces().begin(), drive.driver().namespaces().end());
  for (const driver::Namespace& space : spaces) {
    check_namespace(drive, space, validation);
  }
}

}  // namespace phasebit::cli
