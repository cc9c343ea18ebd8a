// Text, line by line and word by word.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace phasebit::scenarios {

/// Takes lines off the front of a text and counts them.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// The next line without its end ("\n" or "\r\n"); nothing at the end of the text.
  std::optional<std::string_view> next() {
    if (rest_.empty()) {
      return std::nullopt;
    }
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    ++number_;
    return line;
  }
  /// Of the line that was taken last, from 1.
  std::uint32_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::uint32_t number_ = 0;
};

/// The words of a line, separated by blanks.
inline std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t from = line.find_first_not_of(" \t"); from != std::string_view::npos;) {
    const std::size_t end = line.find_first_of(" \t", from);
    words.push_back(line.substr(from, end == std::string_view::npos ? end : end - from));
    from = line.find_first_not_of(" \t", end);
  }
  return words;
}

/// A decimal number that fills its word.
inline std::optional<std::uint64_t> decimal(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

}  // namespace phasebit::scenarios
