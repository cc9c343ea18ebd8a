// The words of a fault: names that belong to the emulator, the driver and the specification, as codecs.
#pragma once

#include <optional>
#include <string>

#include "scenarios/engine/scalar.hpp"
#include "sim/faults/fault.hpp"
#include "src/base/time.hpp"
#include "src/spec/status.hpp"

namespace phasebit::scenarios {

/// A verb by its name.
struct VerbWord {
  bool read(const Json& json, sim::Verb& verb) const;
  Json write(sim::Verb verb) const;
  std::string wanted() const;
  Json schema() const;
};

/// A site by its name.
struct SiteWord {
  bool read(const Json& json, sim::Site& site) const;
  Json write(sim::Site site) const;
  std::string wanted() const;
  Json schema() const;
};

/// An opcode and whose it is: the admin queue's or an I/O queue's.
struct OpcodeWord {
  bool admin = false;
  std::uint8_t opcode = 0;
};

/// `read`, `identify`, ...; the name says whether it is an admin command. Other opcodes are written as `io 0xc1` or `admin 0xc1`.
struct Opcode {
  bool read(const Json& json, OpcodeWord& word) const;
  Json write(const OpcodeWord& word) const;
  std::string wanted() const { return "an opcode by its name (read, write_zeroes, identify, ...), or \"io 0xc1\", \"admin 0xc1\""; }
  Json schema() const { return {{"type", "string"}}; }
};

/// A status by its name with `+dnr`, `+more`, `+crd1` and so on behind it, or as the 15 bits of the status field.
struct StatusWord {
  bool read(const Json& json, spec::Status& status) const;
  Json write(spec::Status status) const;
  std::string wanted() const { return "a status by its name (unrecovered_read_error, namespace_not_ready+dnr, ...) or its 15 bits"; }
  Json schema() const;
};

/// `MACHINE.ROW` or `MACHINE.ROW#VISIT`, as `bring_up.enable#2`.
struct Row {
  bool read(const Json& json, sim::StateMatch& state) const;
  Json write(const sim::StateMatch& state) const;
  std::string wanted() const;
  Json schema() const { return {{"type", "string"}, {"pattern", "^(bring_up|recovery|shutdown)\\.[a-z_]+(#[1-9][0-9]*)?$"}}; }
};

/// A point in time since the start of the run; the one without end is `never`.
struct Clock {
  bool read(const Json& json, Instant& value) const;
  Json write(Instant value) const;
  std::string wanted() const { return "a time since the start with its unit as 500us, 10ms or 2s"; }
  Json schema() const;
};

// How a fault's and a trigger's members become words and back.
std::optional<OpcodeWord> opcode_word(const sim::Trigger& when);
void set_opcode(sim::Trigger& when, const std::optional<OpcodeWord>& word);
std::optional<spec::Status> status_of(const sim::Fault& fault);

}  // namespace phasebit::scenarios
