// What `phasebit setup` has changed, so that it can be put back: /run/phasebit/setup.json, which a reboot clears with the changes
// themselves.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "hw/machine.hpp"
#include "hw/pci_driver.hpp"

namespace phasebit::cli {

inline constexpr const char* setup_record_file = "/run/phasebit/setup.json";

/// A pool of hugepages as it was.
struct HugepageCount {
  std::uint64_t page_bytes = 0;
  std::optional<unsigned> node;  ///< none: the whole machine, where the kernel knows no nodes
  std::uint64_t count = 0;

  friend bool operator==(const HugepageCount&, const HugepageCount&) = default;
};

/// The machine before the first change, as far as it was changed: what is here is written down before it is touched.
struct SetupRecord {
  std::map<PciAddress, hw::DriverState> functions;
  std::vector<HugepageCount> hugepages;

  bool is_empty() const { return functions.empty() && hugepages.empty(); }
  friend bool operator==(const SetupRecord&, const SetupRecord&) = default;
};

/// An empty record if there is no file. Errors: environment if the file is no record of ours.
hw::Answer<SetupRecord> read_record(const hw::Machine& machine);

/// Replaces the file as a whole, or removes it if nothing is left in the record. Errors: environment.
hw::Answer<void> write_record(const hw::Machine& machine, const SetupRecord& record);

/// The right to change machine and record, until the descriptor goes. Errors: busy if another process has it; permission_denied,
/// environment.
hw::Answer<hw::FileDescriptor> lock_setup(const hw::Machine& machine);

}  // namespace phasebit::cli
