// Commands of the NVM command set (NVM Command Set 1.0 §3.2; Flush: Base 2.0 §7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/controller/command.hpp"
#include "sim/controller/device.hpp"
#include "src/spec/io_commands.hpp"

namespace phasebit::sim {

class IoCommands {
 public:
  explicit IoCommands(Device& device) : device_(device) {}

  /// Everything that can be wrong before the media is touched; asked twice, as namespaces change meanwhile.
  CommandCheck check(const Command& command) const;
  /// What a Write brings, put where a power cut may let it land from now on.
  StagedWrite stage(const Command& command, std::span<const std::byte> data);
  /// Does it. `data` is what was transferred from the host, or what will be to it.
  CommandOutcome execute(Command& command, std::span<std::byte> data, Instant now);

 private:
  CommandCheck check_blocks(const Command& command, const NamespaceState& where) const;
  CommandCheck check_dataset_management(const Command& command) const;
  spec::Status check_namespace(const Command& command) const;
  bool supported(spec::NvmOpcode opcode) const;
  bool caches() const;
  bool durable(const Command& command) const;
  std::uint64_t misdirected(const spec::BlockCommand& blocks, std::uint64_t by) const;

  CommandOutcome read(Command& command, std::span<std::byte> data);
  CommandOutcome write(Command& command);
  CommandOutcome compare(const Command& command, std::span<const std::byte> data);
  CommandOutcome flush(const Command& command);
  void tell_ranges(const Command& command, std::span<const std::byte> data);
  CommandOutcome deallocate(const Command& command, std::span<const std::byte> data);

  Device& device_;
  std::pmr::vector<std::byte> compared_{device_.wiring.memory};
};

}  // namespace phasebit::sim
