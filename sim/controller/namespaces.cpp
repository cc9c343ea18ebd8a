#include "sim/controller/namespaces.hpp"

#include <algorithm>
#include <bit>

namespace phasebit::sim {

NamespaceState first_state(const NamespaceOptions& options) {
  return {options.nsid, options.blocks, options.block_bytes, options.active, false, &options};
}

Namespaces::Namespaces(const Wiring& wiring) : wiring_(wiring), states_(wiring.memory) {
  for (const NamespaceOptions& options : wiring.options.namespaces) {
    states_.push_back(first_state(options));
    wiring.media.add_namespace(options.nsid, options.block_bytes);
  }
}

NamespaceState* Namespaces::find(Nsid nsid) {
  const auto found = std::find_if(states_.begin(), states_.end(), [&](const NamespaceState& state) { return state.nsid == nsid; });
  return found == states_.end() ? nullptr : &*found;
}

const NamespaceState* Namespaces::active(Nsid nsid) const {
  const NamespaceState* state = const_cast<Namespaces*>(this)->find(nsid);
  return state != nullptr && state->active ? state : nullptr;
}

bool Namespaces::set_active(Nsid nsid, bool active) {
  NamespaceState* state = find(nsid);
  if (state == nullptr || state->active == active) {
    return false;
  }
  state->active = active;
  state->changed = true;
  announce(*state);
  return true;
}

bool Namespaces::resize(Nsid nsid, std::uint64_t blocks) {
  NamespaceState* state = find(nsid);
  if (state == nullptr || state->blocks == blocks || blocks == 0 || blocks > 1ull << 40) {
    return false;
  }
  if (blocks < state->blocks) {
    wiring_.media.truncate(nsid, Lba{blocks});
  }
  state->blocks = blocks;
  state->changed = true;
  announce(*state);
  return true;
}

spec::ChangedNamespaceLog Namespaces::changed_list(bool clear) {
  spec::ChangedNamespaceLog log;
  std::size_t count = 0;
  for (NamespaceState& state : states_) {
    if (state.changed && count < log.nsid.size()) {
      log.nsid[count] = state.nsid.value;
    }
    count += state.changed ? 1 : 0;
    state.changed = state.changed && !clear;
  }
  if (count > log.nsid.size()) {
    log.nsid = {};
    log.nsid[0] = nsid_all.value;
  }
  return log;
}

void Namespaces::announce(const NamespaceState& state) const {
  const auto block_bytes_log2 = static_cast<std::uint64_t>(std::countr_zero(state.block_bytes));
  wiring_.record(DriveFact::namespace_state,
                 state.nsid.value | static_cast<std::uint64_t>(state.active ? 1 : 0) << 32 | block_bytes_log2 << 40, state.blocks);
}

void Namespaces::announce() const {
  for (const NamespaceState& state : states_) {
    announce(state);
  }
}

void Namespaces::fingerprint(Hasher& hasher) const {
  for (const NamespaceState& state : states_) {
    hasher.add(state.nsid.value);
    hasher.add(state.blocks);
    hasher.add(state.active);
    hasher.add(state.changed);
  }
}

}  // namespace phasebit::sim
