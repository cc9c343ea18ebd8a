// A place where something may go wrong, and which faults it fits: everything that can be decided from the place alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sim/faults/fault.hpp"
#include "src/spec/command.hpp"

namespace phasebit::sim {

/// What the host has just asked of the controller through CC.
enum class ControllerMoment : std::uint8_t { enabling = 1, disabling = 2, shutting_down = 3 };

/// What the plan knows of a command by its drive, queue and CID: the operation that it carries, and its entry once it was fetched.
struct CarriedCommand {
  bool pushed = false;  ///< the host has said what it carries
  std::uint64_t tag = 0;
  std::uint16_t attempt = 0;  ///< from 1
  bool fetched = false;
  std::array<std::byte, 64> sqe{};
};

/// Everything that a trigger can be compared with, wherever it is asked.
struct FaultPlace {
  Site site = Site::time;
  std::uint8_t drive = 0;
  std::uint64_t detail = 0;  ///< for the fault_fired event
  bool counted = true;
  std::optional<std::uint32_t> register_offset{};
  std::uint32_t register_bytes = 0;
  std::optional<ControllerMoment> moment{};
  std::optional<std::uint16_t> queue{};
  const CarriedCommand* carried = nullptr;
  std::optional<spec::Sqe> sqe{};
};

/// True if the verb can be felt here: lost doorbells at doorbells, late shutdown at shutting down, torn writes at writes.
bool fits(Verb verb, const FaultPlace& place);

/// True if the place has a command that everything which the trigger says of one matches, or if it says nothing.
bool names_command(const Trigger& when, const FaultPlace& place);

}  // namespace phasebit::sim
