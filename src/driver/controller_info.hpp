// Who the controller is and what it can do, as the driver learnt it in bring-up.
#pragma once

#include <array>
#include <cstdint>

#include "src/base/time.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

struct ControllerInfo {
  std::uint16_t vendor_id = 0;
  std::uint16_t subsystem_vendor_id = 0;
  std::array<char, 20> serial{};  ///< as Identify gives it: padded with blanks, not terminated
  std::array<char, 40> model{};
  std::array<char, 8> firmware{};
  spec::Vs version{};
  spec::Cap capabilities{};

  std::uint32_t page_bytes = 4096;            ///< CC.MPS
  std::uint32_t queue_entries_max = 2;        ///< MQES + 1
  std::uint32_t io_queues = 0;                ///< granted, pairs
  std::uint64_t transfer_bytes_max = ~0ull;   ///< MDTS in bytes; all ones: no limit
  std::uint32_t namespaces_max = 0;           ///< NN
  std::uint32_t abort_commands_max = 1;       ///< ACL + 1
  std::uint32_t async_events_max = 1;         ///< AERL + 1
  std::uint16_t optional_admin_commands = 0;  ///< OACS
  std::uint16_t optional_io_commands = 0;     ///< ONCS
  bool volatile_write_cache = false;          ///< VWC bit 0
  std::uint32_t atomic_write_blocks = 1;      ///< AWUPF + 1
  std::array<Duration, 3> retry_delays{};     ///< CRDT1 to CRDT3; zero where the controller gives none
  std::uint32_t interrupt_vectors = 0;        ///< that tell of completions; 0: completions have to be polled for
  std::uint64_t controller_memory_bytes = 0;  ///< CMB, as far as the driver uses it; 0: there is none, or nothing that it was wanted for
  bool controller_memory_reads = false;       ///< CMBSZ.RDS: data of reads may lie there, if the driver's options want data there
  bool controller_memory_writes = false;      ///< CMBSZ.WDS: likewise that of writes
};

}  // namespace phasebit::driver
