#include "hw/processor_set.hpp"

#include <charconv>

namespace phasebit::hw {
namespace {

/// The number that is all of the text.
std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// One processor, or FIRST-LAST, into `processors`; false if it is neither.
bool add_range(std::string_view text, ProcessorSet& processors) {
  const std::size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last >= processors_max) {
    return false;
  }
  for (unsigned processor = *first; processor <= *last; ++processor) {
    processors.insert(processor);
  }
  return true;
}

}  // namespace

std::optional<ProcessorSet> parse_processor_list(std::string_view text) {
  ProcessorSet processors;
  for (;;) {
    const std::size_t comma = text.find(',');
    if (!add_range(text.substr(0, comma), processors)) {
      return std::nullopt;
    }
    if (comma == std::string_view::npos) {
      return processors;
    }
    text.remove_prefix(comma + 1);
  }
}

std::optional<ProcessorSet> parse_processor_mask(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
  }
  ProcessorSet processors;
  unsigned place = 0;  // of the digit's lowest bit
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, place += 4) {
    unsigned bits = 0;
    if (std::from_chars(&*digit, &*digit + 1, bits, 16).ec != std::errc()) {
      return std::nullopt;
    }
    for (unsigned bit = 0; bit < 4; ++bit) {
      if ((bits >> bit & 1) != 0) {
        processors.insert(place + bit);
      }
    }
  }
  return processors.empty() || *processors.rbegin() >= processors_max ? std::nullopt : std::optional(processors);
}

std::string processor_list(const ProcessorSet& processors) {
  std::string text;
  for (const unsigned processor : processors) {
    text += (text.empty() ? "" : ",") + std::to_string(processor);
  }
  return text;
}

}  // namespace phasebit::hw
