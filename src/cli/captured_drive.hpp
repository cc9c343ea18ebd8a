// What a drive was found to be, and the emulated one that answers alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/controller/drive_options.hpp"
#include "src/backend/bus.hpp"
#include "src/cli/latency_histogram.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::cli {

struct CapturedNamespace {
  Nsid nsid;
  bool of_nvm_command_set = true;
  spec::IdentifyNamespace identify;
  std::array<std::uint8_t, 16> uuid{};
};

/// Get Features: dword 0 of the current value, nothing where the drive refused.
struct CapturedFeatures {
  std::optional<std::uint32_t> arbitration;
  std::optional<std::uint32_t> power_management;
  std::optional<std::uint32_t> temperature_over;
  std::optional<std::uint32_t> temperature_under;
  std::optional<std::uint32_t> error_recovery;
  std::optional<std::uint32_t> volatile_write_cache;
  std::optional<std::uint32_t> interrupt_coalescing;
  std::optional<std::uint32_t> write_atomicity_normal;
};

/// Everything as it came from the drive.
struct CapturedDrive {
  PciFunction function;
  std::uint32_t interrupt_vectors = 0;  ///< of MSI-X; 0: it has none
  spec::Cap cap;
  spec::Vs vs;
  spec::Crto crto;  ///< zero before VS 2.0
  spec::IdentifyController controller;
  spec::IdentifyControllerNvm controller_nvm;  ///< zero where the drive has none
  std::vector<CapturedNamespace> namespaces;
  bool has_more_namespaces = false;
  CapturedFeatures features;
  std::uint32_t io_submission_queues = 1;  ///< that it grants at most
  std::uint32_t io_completion_queues = 1;
  bool grants_more_than_asked = false;
  std::optional<spec::SmartLog> smart;
  std::optional<spec::FirmwareSlotLog> firmware;
  std::vector<sim::RawErrorLogEntry> error_log;  ///< newest first
  std::uint64_t read_bytes = 0;                  ///< of each read that was measured
  LatencyHistogram reads;                        ///< one at a time, as the host sees it
};

/// An emulated drive, and in what it differs nevertheless: a sentence each.
struct EmulatedLike {
  sim::DriveOptions options;  ///< valid
  std::vector<std::string> differences;
};
EmulatedLike emulated_like(const CapturedDrive& drive);

/// A scenario that reads from the drive, with what is left to say of it in comments before.
std::string capture_text(const CapturedDrive& drive);

}  // namespace phasebit::cli
