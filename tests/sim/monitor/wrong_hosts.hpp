// Hosts that break one rule each, in a few lines, on an emulated drive through the seam.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sim/world/world.hpp"
#include "tests/support/plain_host.hpp"

namespace phasebit::tests {

/// Blocks of namespace 1 of the plain drive, 512 bytes each.
inline constexpr std::uint64_t plain_drive_blocks = 1024;

/// A small drive that offers a bit of everything.
sim::DriveOptions plain_drive();
/// Reads take long enough that a host can act while one is under way.
void make_reads_slow(sim::DriveOptions& drive);

/// One drive, one plain host, and what a wrong host needs beside it.
class WrongHostWorld;

/// A host that breaks `rule`. `implied` rules may be broken by the same or a later access; no others.
struct WrongHost {
  std::string_view rule;
  void (*act)(WrongHostWorld&);
  std::vector<std::string_view> implied{};
  sim::DriveOptions (*drive)() = plain_drive;
  std::vector<sim::Fault> faults{};
};

std::vector<WrongHost> wrong_hosts_of_registers();  ///< REG, INI, RST
std::vector<WrongHost> wrong_hosts_of_queues();     ///< QUE
std::vector<WrongHost> wrong_hosts_of_commands();   ///< CMD, DMA

/// One for each rule that the monitor knows.
const std::vector<WrongHost>& wrong_hosts();

}  // namespace phasebit::tests
