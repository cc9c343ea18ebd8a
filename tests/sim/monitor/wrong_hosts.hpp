// Hosts that break one rule each, in a few lines, on an emulated drive through the seam.
#pragma once

#include <cstdint>
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

/// The event at which a rule is judged. The host calls mark() just before it offends: the violation stands at the first such event from
/// there on, neither before nor after.
enum class At : std::uint8_t {
  write,     ///< a register or doorbell
  fetch,     ///< the last part of a submission queue entry
  address,   ///< an entry of a PRP walk
  transfer,  ///< an access to data
  unmapping,
  report,  ///< a command given back as complete
  new_queue,
  range,  ///< an entry of a list of ranges
};

/// A host that breaks a rule. `implied` rules may be broken by the same or a later access; no others.
struct WrongHost {
  std::string_view name;  ///< the rule, and what tells it from others that break the same: "QUE-03/beyond_grant"
  At at;
  void (*act)(WrongHostWorld&);
  std::vector<std::string_view> implied{};
  sim::DriveOptions (*drive)() = plain_drive;
  std::vector<sim::Fault> faults{};

  std::string_view rule() const { return name.substr(0, name.find('/')); }
};

std::vector<WrongHost> wrong_hosts_of_registers();  ///< REG, RST
std::vector<WrongHost> wrong_hosts_of_enabling();   ///< INI
std::vector<WrongHost> wrong_hosts_of_queues();     ///< QUE: commands that make and delete
std::vector<WrongHost> wrong_hosts_of_doorbells();  ///< QUE: the rings in use
std::vector<WrongHost> wrong_hosts_of_commands();   ///< CMD
std::vector<WrongHost> wrong_hosts_of_addresses();  ///< DMA

/// At least one for each rule that the monitor knows; names are unique.
const std::vector<WrongHost>& wrong_hosts();

}  // namespace phasebit::tests
