#include "sim/faults/fault.hpp"

#include "src/spec/opcodes.hpp"

namespace phasebit::sim {
namespace {

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

/// The sites at which a verb has a meaning, as a sentence's end.
std::string sites_of(const VerbInfo& verb) {
  std::string text;
  for (unsigned site = 1; site <= static_cast<unsigned>(Site::time); ++site) {
    if ((verb.sites >> site & 1) != 0) {
      text += (text.empty() ? "" : ", ") + std::string(name(static_cast<Site>(site)));
    }
  }
  return text;
}

bool names_a_command(const Trigger& when) {
  return when.operation || when.attempt || when.queue || when.admin || when.opcode || when.nsid || when.lbas || when.sqe;
}

bool has_commands(Site site) {
  return site == Site::fetch || site == Site::dma || site == Site::command || site == Site::completion;
}

bool has_registers(Site site) {
  return site == Site::register_read || site == Site::register_write || site == Site::access;
}

/// Parts of a trigger that no command has together.
std::string contradiction_of(const Trigger& when) {
  if (when.queue && when.admin && *when.admin != (*when.queue == 0)) {
    return *when.admin ? "admin commands come by queue 0; leave the queue out, or write 0"
                       : "queue 0 takes admin commands only; write an I/O queue's number";
  }
  if (when.lbas && (when.admin == true || when.queue == std::uint16_t{0})) {
    return "admin commands name no blocks; leave the lbas out";
  }
  if (when.lbas && when.opcode &&
      (*when.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::flush) ||
       *when.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::dataset_management))) {
    return "a Flush names no blocks, and Dataset Management only in a list that no trigger sees; leave the lbas out";
  }
  return {};
}

}  // namespace

Site site_of(const Fault& fault) {
  return fault.when.site == Site::by_verb ? info(fault.what).first_site : fault.when.site;
}

Duration lasting_of(const Fault& fault) {
  if (fault.lasts.ns != 0) {
    return fault.lasts;
  }
  switch (fault.what) {
    case Verb::return_after_removal:
      return seconds(1);
    case Verb::link_flap:
      return milliseconds(100);
    default:
      return Duration{never.ns};
  }
}

bool needs_namespace(Verb verb) {
  return verb == Verb::namespace_attach || verb == Verb::namespace_detach || verb == Verb::namespace_resize;
}

std::string validate(const Fault& fault) {
  const VerbInfo& verb = info(fault.what);
  const Site site = site_of(fault);
  if ((verb.sites >> static_cast<unsigned>(site) & 1) == 0) {
    return quoted(verb.name) + " cannot happen at site " + quoted(name(site)) + "; its sites are " + sites_of(verb);
  }
  if (names_a_command(fault.when) && !has_commands(site)) {
    return "a trigger that names a command never matches at site " + quoted(name(site)) + "; use fetch, dma, command or completion";
  }
  if (fault.when.register_offset && !has_registers(site)) {
    return "a register never matches at site " + quoted(name(site)) + "; use register_read, register_write or access";
  }
  if (fault.when.register_offset && *fault.when.register_offset % 4 != 0) {
    return "registers are accessed at multiples of 4";
  }
  if (std::string wrong = contradiction_of(fault.when); !wrong.empty()) {
    return wrong;
  }
  if (fault.when.attempt == 0 || (fault.when.state && fault.when.state->visit == 0)) {
    return "attempts and visits are counted from 1";
  }
  if (fault.when.lbas && fault.when.lbas->last < fault.when.lbas->first) {
    return "the range of blocks ends before it begins";
  }
  if (fault.when.not_after < fault.when.not_before) {
    return "the time ends before it begins";
  }
  if (needs_namespace(fault.what) && fault.value == 0) {
    return quoted(verb.name) + " needs the namespace's number as its value, from 1";
  }
  if (fault.what == Verb::status && (fault.value == 0 || fault.value > 0x7fff)) {
    return "'status' needs a status of 15 bits other than success as its value";
  }
  return {};
}

}  // namespace phasebit::sim
