#include "sim/stream/describe.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "src/spec/opcodes.hpp"
#include "src/spec/registers.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {
namespace {

struct Sentence {
  EventKind kind;
  /// Text with letters after '%': q the queue; a b c the fields as decimal numbers, A B C as hexadecimal ones; l and h the low and high 16
  /// bits of a; m and M the low byte of c; n the high 32 bits of c; r the register at a; s the high 16 bits of a as a status.
  std::string_view pattern;
};

constexpr std::array sentences{
    Sentence{EventKind::register_read, "%r = %B, %c bytes"},
    Sentence{EventKind::register_write, "%r := %B, %m bytes"},
    Sentence{EventKind::config_read, "%A = %B"},
    Sentence{EventKind::config_write, "%A := %B, %c bytes"},
    Sentence{EventKind::dma_allocated, "%c bytes at IOVA %B"},
    Sentence{EventKind::dma_freed, "%c bytes at IOVA %B"},
    Sentence{EventKind::dma_mapped, "%c bytes at IOVA %B, rights %a"},
    Sentence{EventKind::dma_unmapped, "%c bytes at IOVA %B, refused %a"},
    Sentence{EventKind::cqe_loaded, "CQ %q slot %l dword %h = %B"},
    Sentence{EventKind::function_claimed, "address %A"},
    Sentence{EventKind::function_released, "address %A"},
    Sentence{EventKind::command_pushed, "SQ %q CID %l tag %b attempt %h opcode %M NSID %n"},
    Sentence{EventKind::command_finished, "SQ %q CID %l tag %b outcome %c status %s"},
    Sentence{EventKind::driver_state, "machine %q row %l visit %h result %b"},
    Sentence{EventKind::operation_begun, "tag %b opcode %q NSID %a LBA %c"},
    Sentence{EventKind::operation_extent, "tag %b %a blocks digest %C"},
    Sentence{EventKind::operation_ended, "tag %b outcome %q status %A digest %C"},
    Sentence{EventKind::namespace_seen, "NSID %a %b blocks of %c bytes"},
    Sentence{EventKind::phase_entered, "phase %a"},
    Sentence{EventKind::block_digest, "tag %b block %a digest %C"},
    Sentence{EventKind::drive_fact, "fact %a: %B %C"},
    Sentence{EventKind::register_changed, "%r is %B"},
    Sentence{EventKind::sqe_fetched, "SQ %q slot %h CID %l fetch %c"},
    Sentence{EventKind::sqe_part, "SQ %q part %a: %B %C"},
    Sentence{EventKind::prp_entry, "SQ %q CID %l role %h entry %c = %B"},
    Sentence{EventKind::dma_access, "SQ %q CID %l %c bytes at IOVA %B, direction and fault %h"},
    Sentence{EventKind::media_changed, "NSID %a LBA %b digest %C"},
    Sentence{EventKind::media_read, "NSID %a LBA %b digest %C"},
    Sentence{EventKind::cqe_posted, "CQ %q slot %l phase %h dwords %B %C"},
    Sentence{EventKind::queue_made, "queue %q, attributes %A at IOVA %B, %C"},
    Sentence{EventKind::queue_deleted, "queue %q, attributes %A"},
    Sentence{EventKind::interrupt_raised, "vector %a"},
    Sentence{EventKind::cache_flushed, "NSID %a %c blocks"},
    Sentence{EventKind::power_cut, "%c blocks lost"},
    Sentence{EventKind::function_gone, "%a (1 surprise, 2 orderly)"},
    Sentence{EventKind::bus_event, "%a (1 added, 2 removed, 3 removal asked)"},
    Sentence{EventKind::command_done, "SQ %q CID %l status %s dword0 %B"},
    Sentence{EventKind::dataset_range, "SQ %q CID %l range %h from LBA %b, NSID and blocks %C"},
    Sentence{EventKind::fault_fired, "fault %a, verb %q, at %B"},
    Sentence{EventKind::fault_lifted, "fault %a"},
};

constexpr std::array<std::pair<std::uint32_t, std::string_view>, 19> register_names{{
    {spec::offset::cap, "CAP"},
    {spec::offset::cap + 4, "CAP (upper half)"},
    {spec::offset::vs, "VS"},
    {spec::offset::intms, "INTMS"},
    {spec::offset::intmc, "INTMC"},
    {spec::offset::cc, "CC"},
    {spec::offset::csts, "CSTS"},
    {spec::offset::nssr, "NSSR"},
    {spec::offset::aqa, "AQA"},
    {spec::offset::asq, "ASQ"},
    {spec::offset::asq + 4, "ASQ (upper half)"},
    {spec::offset::acq, "ACQ"},
    {spec::offset::acq + 4, "ACQ (upper half)"},
    {spec::offset::cmbloc, "CMBLOC"},
    {spec::offset::cmbsz, "CMBSZ"},
    {spec::offset::cmbmsc, "CMBMSC"},
    {spec::offset::cmbmsc + 4, "CMBMSC (upper half)"},
    {spec::offset::cmbsts, "CMBSTS"},
    {spec::offset::crto, "CRTO"},
}};

std::string decimal(std::uint64_t value) {
  return std::to_string(value);
}

/// At least two digits, as specifications write it: "0Ah".
std::string hexadecimal(std::uint64_t value) {
  std::array<char, 24> text{};
  const int length = std::snprintf(text.data(), text.size(), "%02llXh", static_cast<unsigned long long>(value));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string status_text(std::uint32_t raw) {
  const spec::Status status{static_cast<std::uint16_t>(raw)};
  return hexadecimal(raw) + " (" + std::string(spec::status_name(status)) + ")";
}

std::string field(char letter, const Event& event) {
  switch (letter) {
    case 'q':
      return decimal(event.queue);
    case 'a':
      return decimal(event.a);
    case 'A':
      return hexadecimal(event.a);
    case 'l':
      return decimal(event.a & 0xffff);
    case 'h':
      return decimal(event.a >> 16);
    case 's':
      return status_text(event.a >> 16);
    case 'r':
      return register_name(event.a);
    case 'b':
      return decimal(event.b);
    case 'B':
      return hexadecimal(event.b);
    case 'c':
      return decimal(event.c);
    case 'C':
      return hexadecimal(event.c);
    case 'm':
      return decimal(event.c & 0xff);
    case 'M':
      return hexadecimal(event.c & 0xff);
    case 'n':
      return decimal(event.c >> 32);
    default:
      return "?";
  }
}

std::string expand(std::string_view pattern, const Event& event) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool is_field = pattern[i] == '%' && i + 1 < pattern.size();
    text += is_field ? field(pattern[++i], event) : std::string(1, pattern[i]);
  }
  return text;
}

}  // namespace

std::string register_name(std::uint32_t offset) {
  const auto found = std::find_if(register_names.begin(), register_names.end(), [&](const auto& entry) { return entry.first == offset; });
  if (found != register_names.end()) {
    return std::string(found->second);
  }
  return (offset >= spec::offset::doorbells ? "doorbell " : "offset ") + hexadecimal(offset);
}

std::string describe(Instant time) {
  static constexpr std::array<std::pair<std::uint64_t, std::string_view>, 3> units{
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}}};
  for (const auto& [ns, unit] : units) {
    if (time.ns < ns) {
      continue;
    }
    // The fraction has the unit's digits after the leading 1; trailing zeros say nothing.
    std::string fraction = decimal(ns + time.ns % ns);
    fraction[0] = '.';
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return decimal(time.ns / ns) + (fraction == "." ? "" : fraction) + " " + std::string(unit);
  }
  return decimal(time.ns) + " ns";
}

std::string describe(const Event& event) {
  std::string text = describe(event.instant()) + "  drive " + decimal(event.drive) + "  " + std::string(name(event.kind));
  const auto found = std::find_if(sentences.begin(), sentences.end(), [&](const Sentence& entry) { return entry.kind == event.kind; });
  if (found != sentences.end()) {
    text += " " + expand(found->pattern, event);
  }
  if (event.kind == EventKind::register_write && (event.c >> 8 & 1) != 0) {
    text += ", lost";
  }
  return text;
}

}  // namespace phasebit::sim
