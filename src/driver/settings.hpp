// What the host chooses for a controller from its capabilities alone: page size, command set, arbitration, queues, time to be ready.
#pragma once

#include <cstdint>

#include "src/base/error.hpp"
#include "src/base/time.hpp"
#include "src/driver/problem.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// Memory pages above this are refused: lists and queues are laid out page by page.
inline constexpr std::uint32_t page_bytes_supported_max = 64 * 1024;

/// A tag of a command needs 12 bits, so a queue never holds more than this.
inline constexpr std::uint32_t admin_queue_entries_max = 4096;

/// What settings are made from: the registers as read, and the caller's wishes.
struct SettingsRequest {
  spec::Cap cap;
  spec::Vs version;
  spec::Crto crto;  ///< looked at only if CAP.CRMS is not 0
  std::uint64_t bar_bytes = 0;
  std::uint32_t page_bytes = 4096;         ///< preferred; the nearest that the controller takes is used
  std::uint32_t admin_queue_entries = 32;  ///< clamped to 2..4096
  std::uint32_t io_queue_entries = 256;    ///< clamped to 2..MQES+1
  std::uint32_t io_queues_max = 1;         ///< clamped to what BAR0 has doorbells for
  Duration ready_timeout_floor{};          ///< CAP.TO may be shorter than the truth
  bool weighted_round_robin = false;       ///< taken only if CAP.AMS has it
};

/// What is written and obeyed.
struct ControllerSettings {
  std::uint32_t page_bytes = 0;
  std::uint32_t admin_queue_entries = 0;
  std::uint32_t io_queue_entries = 0;
  std::uint32_t io_queues_max = 0;  ///< at least 1
  std::uint32_t doorbell_stride_bytes = 0;
  Duration ready_timeout{};       ///< for CSTS.RDY to follow CC.EN, both ways
  bool contiguous_queues = true;  ///< always so here, which satisfies CAP.CQR
  spec::Cc cc;                    ///< complete but for EN, which is 0
};

/// Chooses, or says why no choice is right. A half of CAP, VS or CRTO that reads as all ones is a function that is not there, if only for a
/// moment. Base 2.0 §3.1.3.1, §3.1.3.5, §3.5.1 step 3; doorbells PCIe Transport 1.0 §3.1.2.
tl::expected<ControllerSettings, Problem> choose_settings(const SettingsRequest& request);

/// CC.CSS by CAP.CSS (§3.5.1 step 3): 110b if command sets are listed, else 000b for NVM. A controller that says "admin only" beside
/// one of those (some do) is taken at its better word.
tl::expected<spec::Css, Problem> choose_command_set(spec::Cap cap);

/// The longest that RDY may take to follow CC.EN: CAP.TO, or CRTO.CRWMT where CAP.CRMS says that it counts; never below the floor.
Duration choose_ready_timeout(spec::Cap cap, spec::Crto crto, Duration floor);

/// How many I/O queue pairs have both their doorbells within BAR0: 0 to 65535.
std::uint32_t io_queues_within_bar(spec::Cap cap, std::uint64_t bar_bytes);

}  // namespace phasebit::driver
