#include "sim/controller/raw_check.hpp"

#include <algorithm>
#include <bit>

#include "sim/controller/identify.hpp"
#include "sim/controller/log_pages.hpp"
#include "sim/controller/own_fields.hpp"
#include "sim/controller/smart.hpp"
#include "src/spec/identify_bits.hpp"

namespace phasebit::sim {
namespace {

/// One list of raw bytes, and what it is laid over.
struct RawCheck {
  std::string field;
  std::span<const RawBytes> raw;
  std::span<const OwnField> own;
};

std::string misplaced(const std::string& field, const RawBytes& stretch, std::size_t structure_bytes) {
  const std::string end = std::to_string(stretch.offset) + ": with its " + std::to_string(stretch.bytes.size()) +
                          " bytes it may reach to " + std::to_string(structure_bytes);
  return field + ".offset is " + end;
}

std::string first_refused(const RawCheck& list, std::span<const std::byte> answer) {
  for (std::size_t i = 0; i < list.raw.size(); ++i) {
    const RawBytes& stretch = list.raw[i];
    const std::string field = list.field + "[" + std::to_string(i) + "]";
    if (stretch.offset > answer.size() || stretch.bytes.size() > answer.size() - stretch.offset) {
      return misplaced(field, stretch, answer.size());
    }
    std::vector<std::byte> changed(answer.begin(), answer.end());
    lay_over({&stretch, 1}, {}, changed);
    const auto own = std::ranges::find_if(list.own, [&](const OwnField& f) { return differs(f, answer, changed); });
    if (own != list.own.end()) {
      return field + ".bytes changes " + std::string(own->name) + ": that is for the drive's other keys to say";
    }
  }
  return "";
}

template <class Structure>
std::string check(const RawCheck& list, const Structure& answer) {
  return first_refused(list, std::as_bytes(std::span<const Structure, 1>(&answer, 1)));
}

/// Block size and metadata come from the format that FLBAS names.
std::string check_format(const std::string& field, const spec::IdentifyNamespace& id, std::uint32_t block_bytes) {
  const spec::Flbas flbas{id.flbas};
  const std::uint32_t index = flbas.get(spec::Flbas::index_low) | flbas.get(spec::Flbas::index_high) << 4;
  const spec::LbaFormat& format = id.lbaf[index];
  const bool fits = format.lbads == std::countr_zero(block_bytes) && format.ms == 0;
  return fits ? ""
              : field + " makes LBA format " + std::to_string(index) + " the one in use: it has to be of block_bytes, without metadata";
}

std::string check_namespace_raw(const DriveOptions& options, std::size_t index) {
  const NamespaceOptions& space = options.namespaces[index];
  const std::string field = "namespaces[" + std::to_string(index) + "].raw";
  const NamespaceState state = first_state(space);
  const std::string text = check({field, space.raw, own_fields_of_identify_namespace()}, own_identify_namespace(state, options));
  return text.empty() ? check_format(field, identify_namespace(state, options), space.block_bytes) : text;
}

}  // namespace

std::string check_raw(const DriveOptions& options) {
  const RawStructures& raw = options.raw;
  const auto checks = {
      check({"raw.identify_controller", raw.identify_controller, own_fields_of_identify_controller()}, own_identify_controller(options)),
      check({"raw.identify_controller_nvm", raw.identify_controller_nvm, own_fields_of_identify_controller_nvm()},
            own_identify_controller_nvm(options)),
      check({"raw.smart_log", raw.smart_log, own_fields_of_smart_log()}, healthy_smart_log()),
      check({"raw.firmware_log", raw.firmware_log, own_fields_of_firmware_log()}, own_firmware_log(options))};
  const auto wrong = std::ranges::find_if(checks, [](const std::string& text) { return !text.empty(); });
  std::string text = wrong == checks.end() ? "" : *wrong;
  for (std::size_t i = 0; i < options.namespaces.size() && text.empty(); ++i) {
    text = check_namespace_raw(options, i);
  }
  return text;
}

}  // namespace phasebit::sim
