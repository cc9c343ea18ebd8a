#include "scenarios/interpose/drive_facts.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "src/spec/features.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_units.hpp"

namespace phasebit::scenarios {
namespace {

using IdentifyData = std::array<std::byte, spec::identify_bytes>;

/// The data of an Identify where its PRP entries say (Base 2.0 §4.1.1): 4096 bytes, so that no list is ever needed. False if the host's
/// end of it is not known.
bool gather(const spec::Sqe& sqe, std::uint32_t page_bytes, const HostRegions& regions, IdentifyData& data) {
  const std::uint64_t to_page_end = page_bytes - (sqe.prp1 & (page_bytes - 1));
  const std::uint64_t first_bytes = std::min<std::uint64_t>(to_page_end, data.size());
  const std::byte* first = regions.host(Iova{sqe.prp1}, first_bytes);
  const std::byte* second = first_bytes == data.size() ? first : regions.host(Iova{sqe.prp2}, data.size() - first_bytes);
  if (first == nullptr || second == nullptr) {
    return false;
  }
  std::memcpy(data.data(), first, first_bytes);
  std::memcpy(data.data() + first_bytes, second, data.size() - first_bytes);
  return true;
}

template <class Structure>
Structure structure_from(std::span<const std::byte> data) {
  Structure structure;
  static_assert(sizeof structure == spec::identify_bytes);
  std::memcpy(static_cast<void*>(&structure), data.data(), sizeof structure);
  return structure;
}

constexpr auto by_nsid = [](const auto& state, std::uint32_t nsid) { return state.nsid < nsid; };

}  // namespace

void DriveFacts::on_success(const spec::Sqe& sqe, std::uint32_t dword0, std::uint32_t page_bytes) {
  const auto opcode = static_cast<spec::AdminOpcode>(sqe.opcode);
  if (opcode == spec::AdminOpcode::identify) {
    IdentifyData data;
    if (gather(sqe, page_bytes, regions_, data)) {
      on_identify(spec::Identify::from(sqe), data);
    }
  } else if (opcode == spec::AdminOpcode::set_features && spec::SetFeatures::from(sqe).fid == spec::Fid::number_of_queues) {
    const spec::NumberOfQueues granted{dword0};
    tell({DriveFact::queue_grant, spec::submission_queues(granted), spec::completion_queues(granted)});
  }
}

void DriveFacts::on_identify(const spec::Identify& identify, std::span<const std::byte> data) {
  switch (identify.cns) {
    case spec::Cns::controller:
      return learn_controller(data);
    case spec::Cns::identify_namespace:
      return learn_namespace(identify.nsid, data);
    case spec::Cns::active_namespaces:
      return learn_list(identify.nsid, data);
    default:
      return;
  }
}

void DriveFacts::learn_controller(std::span<const std::byte> data) {
  const auto id = structure_from<spec::IdentifyController>(data);
  const std::uint64_t commands = id.mdts | std::uint64_t{id.acl} << 8 | std::uint64_t{id.aerl} << 16 | std::uint64_t{id.vwc} << 24 |
                                 static_cast<std::uint64_t>(id.nn) << 32;
  const std::uint64_t shutdown_ms = std::min<std::uint64_t>(id.rtd3e / 1000, 0xffff);
  const std::uint64_t sets = id.oacs | static_cast<std::uint64_t>(id.oncs) << 16 | static_cast<std::uint64_t>(id.awupf) << 32;
  announce(limits_, {DriveFact::identify_limits, commands, sets | shutdown_ms << 48});
  announce(entry_sizes_, {DriveFact::entry_sizes, id.sqes | std::uint64_t{id.cqes} << 8, 0});
}

void DriveFacts::learn_namespace(Nsid nsid, std::span<const std::byte> data) {
  if (nsid == nsid_none || nsid == nsid_all) {
    return;
  }
  const auto id = structure_from<spec::IdentifyNamespace>(data);
  const std::uint64_t block_bytes = spec::block_bytes(id);
  const auto log2 = static_cast<std::uint8_t>(block_bytes == 0 ? 0 : std::countr_zero(block_bytes));
  announce(Namespace{nsid.value, log2, id.nsze != 0, id.nsze});
}

/// Every active namespace above `after` is in the list, up to its last one if it is full.
void DriveFacts::learn_list(Nsid after, std::span<const std::byte> data) {
  const auto list = structure_from<spec::NamespaceList>(data);
  const auto end = std::find(list.nsid.begin(), list.nsid.end(), 0u);
  const std::uint32_t last = end == list.nsid.end() ? list.nsid.back().get() : nsid_all.value;
  for (const Namespace& known : namespaces_) {
    const bool told = known.nsid > after.value && known.nsid <= last;
    if (told && known.active && std::find(list.nsid.begin(), end, known.nsid) == end) {
      Namespace inactive = known;
      inactive.active = false;
      announce(inactive);
    }
  }
}

void DriveFacts::announce(const Namespace& state) {
  auto place = std::lower_bound(namespaces_.begin(), namespaces_.end(), state.nsid, by_nsid);
  const bool known = place != namespaces_.end() && place->nsid == state.nsid;
  if (known && *place == state) {
    return;
  }
  if (known) {
    *place = state;
  } else {
    namespaces_.insert(place, state);
  }
  const std::uint64_t b = state.nsid | std::uint64_t{state.active} << 32 | std::uint64_t{state.block_bytes_log2} << 40;
  tell({DriveFact::namespace_state, b, state.blocks});
}

void DriveFacts::announce(std::optional<Fact>& known, const Fact& fact) {
  if (known != fact) {
    known = fact;
    tell(fact);
  }
}

void DriveFacts::tell(const Fact& fact) {
  recorder_.append(EventKind::drive_fact, 0, static_cast<std::uint32_t>(fact.kind), fact.b, fact.c);
}

std::uint32_t DriveFacts::block_bytes(Nsid nsid) const {
  const auto place = std::lower_bound(namespaces_.begin(), namespaces_.end(), nsid.value, by_nsid);
  const bool known = place != namespaces_.end() && place->nsid == nsid.value && place->block_bytes_log2 < 32;
  return known ? 1u << place->block_bytes_log2 : 0;
}

std::uint64_t DriveFacts::transfer_bytes_max(spec::Cap cap) const {
  return limits_ ? spec::bytes_from_page_exponent(static_cast<std::uint8_t>(limits_->b), cap) : spec::unlimited;
}

}  // namespace phasebit::scenarios
