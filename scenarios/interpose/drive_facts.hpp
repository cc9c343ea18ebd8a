// What the drive says of itself to the host: limits, queues granted, namespaces. Read from the data of commands that have succeeded.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "scenarios/interpose/host_regions.hpp"
#include "scenarios/interpose/recorder.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/command.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::scenarios {

/// Emits a drive_fact when something is learnt or has changed. A namespace is learnt from Identify Namespace (CNS 00h), and is inactive
/// once the list of active ones (CNS 02h) lacks it.
class DriveFacts {
 public:
  DriveFacts(Recorder& recorder, const HostRegions& regions, std::pmr::memory_resource* memory)
      : recorder_(recorder), regions_(regions), namespaces_(memory) {}

  /// An admin command has succeeded. `page_bytes` as CC.MPS says.
  void on_success(const spec::Sqe& sqe, std::uint32_t dword0, std::uint32_t page_bytes);
  /// Bytes of a block of the namespace; 0 if it is not known.
  std::uint32_t block_bytes(Nsid nsid) const;
  /// By MDTS; `spec::unlimited` if the controller was not identified.
  std::uint64_t transfer_bytes_max(spec::Cap cap) const;

 private:
  struct Fact {
    DriveFact kind = DriveFact::capabilities;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    friend bool operator==(const Fact&, const Fact&) = default;
  };
  struct Namespace {
    std::uint32_t nsid = 0;
    std::uint8_t block_bytes_log2 = 0;
    bool active = false;
    std::uint64_t blocks = 0;
    friend bool operator==(const Namespace&, const Namespace&) = default;
  };

  void on_identify(const spec::Identify& identify, std::span<const std::byte> data);
  void learn_controller(std::span<const std::byte> data);
  void learn_namespace(Nsid nsid, std::span<const std::byte> data);
  void learn_list(Nsid after, std::span<const std::byte> data);
  void announce(const Namespace& state);
  void announce(std::optional<Fact>& known, const Fact& fact);
  void tell(const Fact& fact);

  Recorder& recorder_;
  const HostRegions& regions_;
  std::optional<Fact> limits_;
  std::optional<Fact> entry_sizes_;
  std::pmr::vector<Namespace> namespaces_;  ///< by NSID
};

}  // namespace phasebit::scenarios
