#include "sim/controller/identify.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/controller/own_fields.hpp"
#include "src/spec/identify_bits.hpp"
#include "src/spec/identify_lists.hpp"

namespace phasebit::sim {
namespace {

using spec::Cns;
using spec::GenericStatus;
using spec::make_status;
using spec::Status;

constexpr std::uint64_t nvm_command_set_vector = 1;  ///< bit by CSI

template <class Structure>
void put(const Structure& structure, std::span<std::byte> data) {
  static_assert(sizeof(Structure) == spec::identify_bytes);
  std::memcpy(data.data(), &structure, sizeof(structure));
}

/// Active NSIDs greater than the one given (Base 2.0 §5.17.2.2).
spec::NamespaceList active_list(const Device& device, Nsid after) {
  spec::NamespaceList list;
  std::size_t count = 0;
  for (const NamespaceState& state : device.namespaces.all()) {
    if (state.active && state.nsid > after && count < list.nsid.size()) {
      list.nsid[count++] = state.nsid.value;
    }
  }
  return list;
}

template <std::size_t bytes>
void add_descriptor(std::span<std::byte>& rest, spec::Nidt type, const std::array<std::uint8_t, bytes>& identifier) {
  const spec::NamespaceDescriptorHeader header{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(bytes), {}};
  std::memcpy(rest.data(), &header, sizeof(header));
  std::memcpy(rest.data() + sizeof(header), identifier.data(), bytes);
  rest = rest.subspan(sizeof(header) + bytes);
}

template <std::size_t bytes>
bool reported(const std::array<std::uint8_t, bytes>& identifier) {
  return std::any_of(identifier.begin(), identifier.end(), [](std::uint8_t byte) { return byte != 0; });
}

/// They came with VS 2.0, and before it to drives that say so in CAP.CSS bit 6.
bool knows_command_sets(const DriveOptions& options) {
  return options.version >= spec::version(2, 0) || (options.command_sets & 0x40) != 0;
}

void put_descriptors(const NamespaceState& state, const DriveOptions& options, std::span<std::byte> data) {
  const NamespaceOptions& ns = *state.options;
  if (reported(ns.eui64)) {
    add_descriptor(data, spec::Nidt::eui64, ns.eui64);
  }
  if (reported(ns.nguid)) {
    add_descriptor(data, spec::Nidt::nguid, ns.nguid);
  }
  if (reported(ns.uuid)) {
    add_descriptor(data, spec::Nidt::uuid, ns.uuid);
  }
  if (knows_command_sets(options)) {
    add_descriptor(data, spec::Nidt::csi, std::array<std::uint8_t, 1>{static_cast<std::uint8_t>(spec::Csi::nvm)});
  }
}

spec::IdentifyNamespaceIndependent independent(const NamespaceState&) {
  spec::IdentifyNamespaceIndependent id;
  id.nstat = 1;  // ready
  return id;
}

/// Structures that came with a version, and those of optional capabilities that this drive has not.
bool supported(Cns cns, const DriveOptions& options) {
  switch (cns) {
    case Cns::identify_namespace:
    case Cns::controller:
    case Cns::active_namespaces:
      return true;
    case Cns::namespace_descriptors:
      return options.version >= spec::version(1, 3);
    case Cns::namespace_of_command_set:
    case Cns::controller_of_command_set:
    case Cns::active_namespaces_of_command_set:
      return knows_command_sets(options);
    case Cns::namespace_independent:
      return options.version >= spec::version(2, 0);
    case Cns::io_command_sets:
      return (options.command_sets & 0x40) != 0;
    default:
      return false;
  }
}

bool of_command_set(Cns cns) {
  return cns == Cns::namespace_of_command_set || cns == Cns::controller_of_command_set || cns == Cns::active_namespaces_of_command_set;
}

/// FFFFFFFFh asks what all namespaces have in common, which only namespace management needs (it is not there).
Status check_one_namespace(Nsid nsid, const Device& device, bool has_to_be_active) {
  if (!device.namespaces.valid(nsid)) {
    return make_status(GenericStatus::invalid_namespace_or_format);
  }
  return has_to_be_active && device.namespaces.active(nsid) == nullptr ? make_status(GenericStatus::invalid_field) : Status{};
}

}  // namespace

spec::IdentifyControllerNvm own_identify_controller_nvm(const DriveOptions& options) {
  spec::IdentifyControllerNvm id;
  id.dmrl = static_cast<std::uint8_t>(options.dataset_ranges_max);
  return id;
}

spec::IdentifyControllerNvm identify_controller_nvm(const DriveOptions& options) {
  return laid_over(own_identify_controller_nvm(options), options.raw.identify_controller_nvm, own_fields_of_identify_controller_nvm());
}

spec::IdentifyNamespace identify_namespace(const NamespaceState& state, const DriveOptions& options) {
  return laid_over(own_identify_namespace(state, options), state.options->raw, own_fields_of_identify_namespace());
}

spec::IdentifyNamespace own_identify_namespace(const NamespaceState& state, const DriveOptions& options) {
  spec::IdentifyNamespace id;
  const auto block_bytes_log2 = static_cast<std::uint8_t>(std::countr_zero(state.block_bytes));
  id.nsze = state.blocks;
  id.ncap = state.blocks;
  id.nuse = state.blocks;
  id.nlbaf = 0;
  id.lbaf[0].lbads = block_bytes_log2;
  id.dlfeat = spec::Dlfeat{}.with(spec::Dlfeat::read, spec::DeallocatedRead::zeroes).raw;
  id.noiob = static_cast<std::uint16_t>(options.optimal_io_boundary_blocks);
  id.nguid = state.options->nguid;
  id.eui64 = state.options->eui64;
  return id;
}

Status check_identify(const spec::Identify& command, const Device& device) {
  if (!supported(command.cns, device.options()) || (of_command_set(command.cns) && command.csi != spec::Csi::nvm)) {
    return make_status(GenericStatus::invalid_field);
  }
  switch (command.cns) {
    case Cns::identify_namespace:
      return check_one_namespace(command.nsid, device, false);
    case Cns::namespace_descriptors:
    case Cns::namespace_independent:
      return check_one_namespace(command.nsid, device, true);
    case Cns::namespace_of_command_set:
      return check_one_namespace(command.nsid, device, false);
    case Cns::active_namespaces:
    case Cns::active_namespaces_of_command_set:  // nothing can come after the last two (§5.17.2.2)
      return command.nsid.value >= 0xffff'fffe ? make_status(GenericStatus::invalid_namespace_or_format) : Status{};
    default:
      return {};
  }
}

void answer_identify(const spec::Identify& command, const Device& device, std::span<std::byte> data) {
  std::fill(data.begin(), data.end(), std::byte{0});
  const NamespaceState* state = device.namespaces.active(command.nsid);
  switch (command.cns) {
    case Cns::controller:
      return put(identify_controller(device.options()), data);
    case Cns::active_namespaces:
    case Cns::active_namespaces_of_command_set:
      return put(active_list(device, command.nsid), data);
    case Cns::io_command_sets: {
      spec::IoCommandSetVectors vectors;
      vectors.vector[0] = nvm_command_set_vector;
      return put(vectors, data);
    }
    case Cns::controller_of_command_set:
      return put(identify_controller_nvm(device.options()), data);
    case Cns::identify_namespace:  // an inactive one is all zeroes
      return state == nullptr ? void() : put(identify_namespace(*state, device.options()), data);
    case Cns::namespace_descriptors:
      return state == nullptr ? void() : put_descriptors(*state, device.options(), data);
    case Cns::namespace_independent:
      return state == nullptr ? void() : put(independent(*state), data);
    default:  // CNS 05h: no extended formats
      return;
  }
}

}  // namespace phasebit::sim
