// The namespaces of a drive: which are active, how large they are, and which have changed since the host looked.
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "sim/controller/wiring.hpp"
#include "src/base/strong.hpp"
#include "src/spec/log_pages.hpp"

namespace phasebit::sim {

struct NamespaceState {
  Nsid nsid;
  std::uint64_t blocks = 0;
  std::uint32_t block_bytes = 512;
  bool active = true;
  bool changed = false;  ///< to be told in the Changed Namespace List
  const NamespaceOptions* options = nullptr;
};

/// As a namespace is when the drive first powers on.
NamespaceState first_state(const NamespaceOptions& options);

/// Survives resets and power cuts. Tells of every change in a drive_fact event.
class Namespaces {
 public:
  explicit Namespaces(const Wiring& wiring);

  /// An NSID that this controller could ever have (Base 2.0 §3.2.1.1): 1 to NN.
  bool valid(Nsid nsid) const { return nsid != nsid_none && nsid.value <= wiring_.options.namespaces_max; }
  /// nullptr if it is not active.
  const NamespaceState* active(Nsid nsid) const;

  /// Ascending by NSID, inactive ones too.
  const std::pmr::vector<NamespaceState>& all() const { return states_; }

  /// False if there is no such namespace or nothing changes.
  bool set_active(Nsid nsid, bool active);
  /// `blocks` from 1 to 2^40; a smaller namespace loses what lay beyond.
  bool resize(Nsid nsid, std::uint64_t blocks);

  /// The Changed Namespace List; `clear` forgets it.
  spec::ChangedNamespaceLog changed_list(bool clear);

  /// Tells of all of them.
  void announce() const;
  void fingerprint(Hasher& hasher) const;

 private:
  NamespaceState* find(Nsid nsid);
  void announce(const NamespaceState& state) const;

  Wiring wiring_;
  std::pmr::vector<NamespaceState> states_;
};

}  // namespace phasebit::sim
