#include "hw/device_name.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace phasebit::hw {
namespace {

constexpr std::string_view blanks = " \t\r\n";

tl::unexpected<Refusal> refuse_name(std::string_view name, const std::string& why) {
  return refuse(Errc::invalid_argument, "device '" + std::string(name) + "': " + why);
}

/// Hexadecimal digits and nothing else, with a value of at most `max`.
std::optional<std::uint32_t> hex(std::string_view digits, std::uint32_t max) {
  std::uint32_t value = 0;
  const char* end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, value, 16).ptr != end || value > max) {
    return std::nullopt;
  }
  return value;
}

/// DDDD:BB:DD.F
std::optional<PciAddress> parse_whole(std::string_view text) {
  if (text.size() != 12 || text[4] != ':' || text[7] != ':' || text[10] != '.') {
    return std::nullopt;
  }
  auto domain = hex(text.substr(0, 4), 0xffff);
  auto bus = hex(text.substr(5, 2), 0xff);
  auto device = hex(text.substr(8, 2), 31);
  auto function = hex(text.substr(11, 1), 7);
  if (!domain || !bus || !device || !function) {
    return std::nullopt;
  }
  return PciAddress{static_cast<std::uint16_t>(*domain), static_cast<std::uint8_t>(*bus), static_cast<std::uint8_t>(*device),
                    static_cast<std::uint8_t>(*function)};
}

std::optional<PciAddress> parse_address(std::string_view text) {
  return text.size() == 7 ? parse_whole("0000:" + std::string(text)) : parse_whole(text);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Answer<PciAddress> parse_transport_id(std::string_view name) {
  std::optional<PciAddress> address;
  std::string_view rest = name;
  bool transport_named = false;
  while (!(rest = trim(rest)).empty()) {
    auto word = rest.substr(0, rest.find_first_of(blanks));
    rest.remove_prefix(word.size());
    auto separator = word.find_first_of(":=");
    auto key = lower(word.substr(0, separator));
    auto value = separator == std::string_view::npos ? std::string_view() : word.substr(separator + 1);
    if (key == "trtype" && !transport_named) {
      if (lower(value) != "pcie") {
        return refuse(Errc::unsupported, "device '" + std::string(name) + "': transport '" + std::string(value) + "' is not PCIe");
      }
      transport_named = true;
    } else if (key == "traddr" && !address) {
      address = parse_address(value);
      if (!address) {
        return refuse_name(name, "'" + std::string(value) + "' is not a PCI address such as 0000:01:00.0");
      }
    } else {
      return refuse_name(name, "'" + std::string(word) + "' is repeated or has no meaning for PCIe");
    }
  }
  if (!transport_named || !address) {
    return refuse_name(name, "a transport ID needs trtype and traddr");
  }
  return *address;
}

}  // namespace

Answer<PciAddress> parse_device_name(std::string_view name) {
  auto trimmed = trim(name);
  if (auto address = parse_address(trimmed)) {
    return *address;
  }
  auto start = lower(trimmed.substr(0, 6));
  if (start == "trtype" || start == "traddr") {
    return parse_transport_id(trimmed);
  }
  return refuse_name(name, "neither a PCI address such as 0000:01:00.0 nor 'trtype:PCIe traddr:0000:01:00.0'");
}

std::string text(PciAddress address) {
  char result[16];
  std::snprintf(result, sizeof result, "%04x:%02x:%02x.%x", address.domain, address.bus, address.device, address.function);
  return result;
}

}  // namespace phasebit::hw
