// Drives that need to be treated otherwise: which, how, and who says so.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "src/backend/bus.hpp"

namespace phasebit::driver {

/// A way in which a drive departs from the specification, and what the driver does about it.
enum class Quirk : std::uint32_t {
  delay_before_ready_check = 1u << 0,   ///< CSTS is not read for 2.3 s after a change of CC.EN
  delay_before_enable = 1u << 1,        ///< 2 ms pass between RDY 0 and EN 1
  delay_before_attach = 1u << 2,        ///< no register is touched for 2 s after the function was found
  plain_command_ids = 1u << 3,          ///< CIDs have no generation: the drive uses them as an index
  no_active_list = 1u << 4,             ///< Identify CNS 02h is not asked for: every NSID up to NN is tried
  no_descriptors = 1u << 5,             ///< Identify CNS 03h is not asked for
  one_command_at_a_time = 1u << 6,      ///< I/O rings of two entries: more than one command at a time loses data
  wait_after_queue_creation = 1u << 7,  ///< the first command of a new queue may hang: deadlines start later
  shutdown_never_completes = 1u << 8,   ///< SHST stays 00b or 01b: its wait is cut short
};

/// A set of quirks.
class Quirks {
 public:
  constexpr Quirks() = default;
  constexpr Quirks(Quirk quirk) : bits_(static_cast<std::uint32_t>(quirk)) {}  // NOLINT(google-explicit-constructor)
  constexpr bool has(Quirk quirk) const { return (bits_ & static_cast<std::uint32_t>(quirk)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr Quirks operator|(Quirks a, Quirks b) {
    Quirks both;
    both.bits_ = a.bits_ | b.bits_;
    return both;
  }
  friend constexpr bool operator==(Quirks, Quirks) = default;

 private:
  std::uint32_t bits_ = 0;
};
constexpr Quirks operator|(Quirk a, Quirk b) {
  return Quirks(a) | Quirks(b);
}

/// Which drives a row of the table means.
struct QuirkRow {
  std::uint16_t vendor_id;    ///< 0: any
  std::uint16_t device_id;    ///< 0: any
  std::string_view model;     ///< a prefix of Identify's MN; empty: any, and known before Identify
  std::string_view firmware;  ///< a prefix of Identify's FR; empty: any
  Quirks quirks;
  std::string_view source;  ///< where the misbehaviour is on record
};

/// The table, for listings.
std::span<const QuirkRow> quirk_table();

/// What is known of a function before any register was read.
Quirks quirks_of(const PciFunction& function);

/// What is known once Identify has told model and firmware; includes the former.
Quirks quirks_of(const PciFunction& function, std::string_view model, std::string_view firmware);

/// The same, by another table; for tests.
Quirks quirks_of(std::span<const QuirkRow> table, const PciFunction& function, std::string_view model, std::string_view firmware);

/// The enumerator's own name.
std::string_view name(Quirk quirk);

}  // namespace phasebit::driver
