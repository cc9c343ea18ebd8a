// Everything that makes one drive different from another: what its registers and Identify say, and how it behaves in time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/controller/latency.hpp"
#include "sim/controller/raw_bytes.hpp"
#include "src/backend/dma.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::sim {

/// One namespace of the drive. Identifiers of zeros are not reported.
struct NamespaceOptions {
  Nsid nsid{1};
  std::uint64_t blocks = 1 << 20;   ///< 1 to 2^40
  std::uint32_t block_bytes = 512;  ///< 512 or 4096
  bool active = true;               ///< attached when the drive first powers on
  std::array<std::uint8_t, 16> nguid{};
  std::array<std::uint8_t, 8> eui64{};
  std::array<std::uint8_t, 16> uuid{};
  std::vector<RawBytes> raw{};  ///< laid over Identify Namespace
};

/// What a host finds in CC and CSTS when it first looks, as firmware or a crashed kernel may have left them.
struct StateFound {
  bool enabled = false;  ///< CC.EN
  bool ready = false;    ///< CSTS.RDY; where it disagrees with CC.EN the drive is on its way, or fatal
  bool fatal = false;    ///< CSTS.CFS
  spec::Shst shutdown = spec::Shst::normal_operation;
};

inline constexpr std::uint64_t controller_memory_bytes_max = 16ull << 20;

/// The controller memory buffer (Base 2.0 §8.5), of a drive from VS 1.4 on. Data of a command lies in it whole or not at all, and so do
/// queues, which are contiguous there; a PRP list may lie on either side of the data and of the queue.
struct ControllerMemoryOptions {
  std::uint64_t bytes = 0;                       ///< whole pages of 4 KiB, to 16 MiB; 0: the drive has none
  std::uint32_t bar = 2;                         ///< CMBLOC.BIR: 0 (behind the doorbells), 2 or 4
  std::uint64_t offset = 0;                      ///< from where it could begin in that BAR: whole pages of 4 KiB, to 16 MiB
  bool queues = true;                            ///< CMBSZ.SQS: submission queues
  bool lists = false;                            ///< CMBSZ.LISTS
  bool data_of_reads = false;                    ///< CMBSZ.RDS: what the controller gives
  bool data_of_writes = false;                   ///< CMBSZ.WDS: what it takes
  bool refuses_addresses = false;                ///< CMBSTS.CBAI wherever the host puts it: a lie
  std::optional<std::uint32_t> location_told{};  ///< CMBLOC in place of the truth
  std::optional<std::uint32_t> size_told{};      ///< CMBSZ likewise
};

/// Optional commands, as ONCS advertises them.
struct OptionalCommands {
  bool compare = true;
  bool write_uncorrectable = true;
  bool dataset_management = true;
  bool write_zeroes = true;
  bool verify = true;
};

/// How long things take. All are exact, but those drawn from a table.
struct DriveTimes {
  Duration enable = milliseconds(20);      ///< from CC.EN = 1 to CSTS.RDY = 1
  Duration media_ready = milliseconds(0);  ///< from CSTS.RDY = 1 to commands on media, where the host set CC.CRIME
  Duration disable = milliseconds(2);      ///< from CC.EN = 0 to CSTS.RDY = 0
  Duration shutdown = milliseconds(50);    ///< from CC.SHN to CSTS.SHST = 10b
  Duration fetch = nanoseconds(100);       ///< from one fetch of a submission queue entry to the next
  LatencyTable admin = LatencyTable::usual(microseconds(20));
  LatencyTable read = LatencyTable::usual(microseconds(80));
  LatencyTable write = LatencyTable::usual(microseconds(20));
  LatencyTable flush = LatencyTable::usual(microseconds(200));
  LatencyTable other = LatencyTable::usual(microseconds(40));  ///< compare, write zeroes, deallocate, ...
};

/// What Get Features says after a reset, in the words of dword 11 or as a part of them (Base 2.0 §5.27.1).
struct FeatureDefaults {
  std::uint32_t arbitration = 0;
  std::uint32_t power_management = 0;
  std::uint16_t temperature_over = 343;  ///< kelvins
  std::uint16_t temperature_under = 0;   ///< kelvins
  std::uint16_t error_recovery = 0;      ///< TLER, 100 ms each
  bool volatile_write_cache = true;      ///< WCE, of a drive that has a cache
  std::uint32_t interrupt_coalescing = 0;
  std::uint32_t write_atomicity_normal = 0;
};

inline constexpr std::uint64_t smart_counter_max = 1ull << 62;  ///< at the start: there is room to count on

/// What SMART says when the run begins; from there on it counts. A drive that has been used for years has years behind it.
struct SmartStart {
  std::uint16_t temperature = 313;  ///< kelvins
  std::uint64_t data_units_read = 0;
  std::uint64_t data_units_written = 0;
  std::uint64_t host_read_commands = 0;
  std::uint64_t host_write_commands = 0;
  std::uint64_t controller_busy_minutes = 0;
  std::uint64_t power_cycles = 1;  ///< this one included
  std::uint64_t power_on_hours = 0;
  std::uint64_t unsafe_shutdowns = 0;
  std::uint64_t media_errors = 0;
  std::uint64_t error_log_entries = 0;  ///< ever made
};

/// An Error Information entry as its bytes (Base 2.0 Figure 206).
using RawErrorLogEntry = std::array<std::uint8_t, sizeof(spec::ErrorLogEntry)>;

/// Bytes laid over structures of the controller's. own_fields.hpp says which fields they cannot change.
struct RawStructures {
  std::vector<RawBytes> identify_controller;
  std::vector<RawBytes> identify_controller_nvm;  ///< CNS 06h
  std::vector<RawBytes> smart_log;
  std::vector<RawBytes> firmware_log;
};

/// A drive. Every value that fits its field is allowed, sensible or not: drives lie. `validate` refuses only what cannot be.
struct DriveOptions {
  // Registers (Base 2.0 §3.1.3).
  spec::Vs version = spec::version(2, 0);       ///< 1.2, 1.3, 1.4 or 2.0; later behaviour is keyed on it
  std::uint32_t queue_entries_max = 1024;       ///< CAP.MQES as a count: 1 to 65536 (1 is a lie)
  bool contiguous_queues_required = true;       ///< CAP.CQR
  bool weighted_round_robin = true;             ///< CAP.AMS
  std::uint32_t ready_timeout_steps = 20;       ///< CAP.TO, 500 ms each: 0 to 255
  std::uint32_t doorbell_stride_exponent = 0;   ///< CAP.DSTRD: 0 to 15
  bool subsystem_reset = false;                 ///< CAP.NSSRS
  std::uint32_t command_sets = 0x01;            ///< CAP.CSS: bit 0 NVM, 6 several, 7 none
  std::uint32_t page_exponent_min = 0;          ///< CAP.MPSMIN: 0 to 15
  std::uint32_t page_exponent_max = 4;          ///< CAP.MPSMAX: 0 to 15
  std::uint32_t ready_modes = 1;                ///< CAP.CRMS from VS 2.0 on: bit 0 with media, bit 1 independent of media
  std::uint32_t ready_with_media_steps = 20;    ///< CRTO.CRWMT, 500 ms each
  std::uint32_t ready_without_media_steps = 2;  ///< CRTO.CRIMT, 500 ms each
  StateFound found;
  ControllerMemoryOptions controller_memory;

  // Identify Controller (Base 2.0 §5.17.2.1).
  std::string serial = "PHASEBIT0001";            ///< at most 20 characters
  std::string model = "Phasebit Emulated Drive";  ///< at most 40
  std::string firmware = "1.0";                   ///< at most 8
  std::uint16_t vendor_id = 0x1b36;
  std::uint16_t device_id = 0x0010;  ///< of PCI, as the next two
  std::uint16_t subsystem_vendor_id = 0x1af4;
  std::uint16_t subsystem_id = 0x1100;
  std::uint32_t ieee_oui = 0x525400;
  std::uint8_t transfer_exponent_max = 5;            ///< MDTS: 2^MDTS minimum pages; 0 is no limit
  std::uint32_t namespaces_max = 16;                 ///< NN: at least 1
  std::uint32_t aborts_max = 4;                      ///< ACL as a count: 1 to 256
  std::uint32_t async_events_max = 4;                ///< AERL as a count: 1 to 256
  std::uint32_t error_log_entries = 64;              ///< ELPE as a count: 1 to 256
  std::uint32_t power_states = 1;                    ///< NPSS as a count: 1 to 32
  Duration shutdown_latency = seconds(1);            ///< RTD3E in whole microseconds; 0 is not reported
  bool volatile_cache = true;                        ///< VWC
  bool flush_all_namespaces = true;                  ///< VWC bits 2:1
  std::uint32_t atomic_blocks_power_fail = 1;        ///< AWUPF as a count of blocks: 1 to 65536
  std::uint32_t optimal_io_boundary_blocks = 0;      ///< NOIOB: 0 to 65535
  std::uint32_t keep_alive_steps = 0;                ///< KAS, 100 ms each; 0: Keep Alive is not supported
  std::array<std::uint32_t, 3> retry_delay_steps{};  ///< CRDT1 to CRDT3, 100 ms each
  OptionalCommands commands;
  bool save_and_select = true;           ///< ONCS bit 4
  std::uint32_t dataset_ranges_max = 0;  ///< DMRL: to 255; 0 is no limit
  std::vector<NamespaceOptions> namespaces{NamespaceOptions{}};

  // Features and log pages, and what other drives say beyond all of this.
  FeatureDefaults features;
  SmartStart smart;
  std::vector<RawErrorLogEntry> error_log;  ///< newest first, at most error_log_entries of them
  RawStructures raw;

  // Queues and interrupts.
  std::uint32_t io_submission_queues = 64;  ///< that the drive has, 1 to 65535
  std::uint32_t io_completion_queues = 64;
  bool grants_more_than_asked = false;         ///< Set Features (Number of Queues) answers all that it has
  std::uint32_t interrupt_vectors = 65;        ///< of MSI-X: 1 to 2048
  std::uint32_t commands_in_flight_max = 256;  ///< fetched and not yet completed, AERs aside; fetching waits beyond it

  // Behaviour.
  DriveTimes times;
  std::uint64_t undefined_seed = 0;  ///< chooses what happens where the specification leaves it open
};

/// Empty if such a drive can be emulated, else the field and what would be right: "namespaces[2].block_bytes is 520: 512 or 4096".
std::string validate(const DriveOptions& options);

/// CAP and VS as the drive gives them.
spec::Cap capabilities(const DriveOptions& options);

/// The smallest BAR0 that holds every doorbell of the drive, in bytes, a power of two.
std::uint64_t bar_bytes_min(const DriveOptions& options);

/// Where the controller memory buffer really lies; of no bytes if the drive has none.
BarRange controller_memory_place(const DriveOptions& options);
/// CMBLOC and CMBSZ as the drive gives them to whoever has set CMBMSC.CRE.
spec::Cmbloc controller_memory_location(const DriveOptions& options);
spec::Cmbsz controller_memory_size(const DriveOptions& options);

}  // namespace phasebit::sim
