// The keys of a fault in a scenario file. Verbs, sites, statuses, opcodes and rows go by the names that their own rooms give them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/engine/codec.hpp"
#include "scenarios/engine/fault_words.hpp"
#include "scenarios/engine/reader.hpp"
#include "sim/faults/fault.hpp"

namespace phasebit::scenarios {

/// A piece of a submission queue entry that has to match.
struct DwordMatch {
  std::uint32_t dword = 0;
  std::uint32_t value = 0;
  std::uint32_t mask = 0xffff'ffff;
};

template <class Archive>
void fields(Archive& archive, DwordMatch& match) {
  archive.must("dword", match.dword, Whole{0, 15}, "its index in the entry");
  archive.must("value", match.value, Whole{0, 0xffff'ffff});
  archive.field("mask", match.mask, Whole{0, 0xffff'ffff}, "the bits that count");
}

std::vector<DwordMatch> dword_matches(const std::optional<sim::SqeMatch>& sqe);
std::optional<sim::SqeMatch> sqe_match(const std::vector<DwordMatch>& matches);

}  // namespace phasebit::scenarios

namespace phasebit::sim {

// Found by the archives through their arguments.

template <class Archive>
void command_fields(Archive& archive, Trigger& when) {
  using scenarios::Whole;
  std::optional<scenarios::OpcodeWord> opcode = scenarios::opcode_word(when);
  archive.field("opcode", opcode, scenarios::Opcode{}, "of the command, by name");
  std::optional<scenarios::NumberRange> lbas;
  lbas = when.lbas ? std::optional(scenarios::NumberRange{when.lbas->first.value, when.lbas->last.value}) : lbas;
  archive.field("admin", when.admin, scenarios::Truth{}, "an admin command, or an I/O command");
  archive.field("queue", when.queue, Whole{0, 65535}, "QID of its submission queue");
  archive.field("nsid", when.nsid, Whole{});
  archive.field("lbas", lbas, scenarios::Range{}, "it touches one of these blocks");
  archive.field("operation", when.operation, Whole{}, "tag of the workload operation that it carries");
  archive.field("attempt", when.attempt, Whole{1, 65535}, "of that operation, from 1");
  std::vector<scenarios::DwordMatch> sqe = scenarios::dword_matches(when.sqe);
  archive.list("sqe", sqe, scenarios::Counts{0, 16}, "pieces of its submission queue entry");
  if (Archive::reads) {
    scenarios::set_opcode(when, opcode);
    when.lbas = lbas ? std::optional(LbaRange{Lba{lbas->first}, Lba{lbas->last}}) : when.lbas;
    when.sqe = scenarios::sqe_match(sqe);
  }
}

template <class Archive>
void fields(Archive& archive, Trigger& when) {
  using scenarios::Whole;
  archive.field("site", when.site, scenarios::SiteWord{}, "where it strikes; by itself where the verb belongs");
  archive.field("drive", when.drive, Whole{0, 255}, "index of the drive");
  archive.field("register_offset", when.register_offset, Whole{}, "of the access, in BAR0");
  command_fields(archive, when);
  archive.field("row", when.state, scenarios::Row{},
                "the driver stands in this row of a state machine, as bring_up.enable or recovery.reset#2");
  archive.field("after", when.not_before, scenarios::Clock{}, "not before this time");
  archive.field("before", when.not_after, scenarios::Clock{}, "not after this time");
  archive.field("nth", when.nth, Whole{}, "of all places that match the nth, from 1; 0: each");
}

template <class Archive>
void fields(Archive& archive, Fault& fault) {
  using scenarios::Whole;
  archive.must("what", fault.what, scenarios::VerbWord{}, "what goes wrong");
  archive.section("when", fault.when, "all that is given has to match");
  std::optional<spec::Status> status = scenarios::status_of(fault);
  archive.field("status", status, scenarios::StatusWord{}, "that the command fails with, by name or as 15 bits");
  std::optional<std::uint64_t> value = status ? std::nullopt : std::optional(fault.value);
  archive.field("value", value, Whole{}, "what it means stands with each verb");
  archive.field("value2", fault.value2, Whole{});
  archive.field("delay", fault.delay, scenarios::Time{});
  archive.field("times", fault.times, Whole{0, 0xffff'ffff}, "strikes at most; 0: no limit");
  archive.field("lasts", fault.lasts, scenarios::Time{}, "strikes from the first on for so long; 0: no limit in time");
  if (Archive::reads) {
    fault.value = status ? status->raw : value.value_or(fault.value);
  }
}

}  // namespace phasebit::sim
