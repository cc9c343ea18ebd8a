// An event in words, for reports and people: one line.
#pragma once

#include <cstdint>
#include <string>

#include "src/backend/event.hpp"

namespace phasebit::sim {

/// "1234.567 us  drive 0  register_write CC = 00460001h, 4 bytes". Without the event's number and without a line's end.
std::string describe(const Event& event);

/// Virtual time as people read it: "0 ns", "1.234 us", "20.000001 ms", "3 s".
std::string describe(Instant time);

/// A register's mnemonic, a doorbell as "doorbell 1008h", anything else as "offset 44h".
std::string register_name(std::uint32_t offset);

}  // namespace phasebit::sim
