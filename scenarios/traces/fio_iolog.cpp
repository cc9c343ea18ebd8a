#include <fmt/format.h>

#include "scenarios/traces/lines.hpp"
#include "scenarios/traces/trace.hpp"

namespace phasebit::scenarios {
namespace {

using Words = std::vector<std::string_view>;

/// Reads one iolog; `error_` is set by the first line that is wrong.
class IologReader {
 public:
  explicit IologReader(std::string_view text) : lines_(text) {}

  tl::expected<Trace, TraceError> read() {
    const auto header = lines_.next();
    if (!header || (*header != "fio version 2 iolog" && *header != "fio version 3 iolog")) {
      return tl::unexpected(TraceError{1, "the first line has to be \"fio version 2 iolog\" or \"fio version 3 iolog\""});
    }
    version_ = *header == "fio version 3 iolog" ? 3 : 2;
    while (const auto line = lines_.next()) {
      if (Words words = words_of(*line); !words.empty() && !take(std::move(words))) {
        return tl::unexpected(TraceError{lines_.number(), error_});
      }
    }
    return trace_;
  }

 private:
  bool refuse(std::string message) {
    error_ = std::move(message);
    return false;
  }

  bool take(Words words) {
    if (version_ == 3 && !take_time_stamp(words)) {
      return false;
    }
    if (words.size() != 2 && words.size() != 4) {
      return refuse("expected \"FILE ACTION\" or \"FILE ACTION OFFSET LENGTH\"");
    }
    if (!take_file(words[0])) {
      return false;
    }
    return words.size() == 2 ? take_file_action(words[1]) : take_request(words);
  }

  bool take_time_stamp(Words& words) {
    const auto stamp = decimal(words.front());
    if (!stamp || *stamp > time_stamp_us_max) {
      return refuse(fmt::format("expected a time stamp in microseconds, not \"{}\"", words.front()));
    }
    now_ = microseconds(*stamp);
    words.erase(words.begin());
    return true;
  }

  bool take_file(std::string_view file) {
    if (file_.empty()) {
      file_ = file;
    }
    return file == file_ || refuse(fmt::format("names a second file, \"{}\": a trace of one device is wanted", file));
  }

  bool take_file_action(std::string_view action) {
    if (action == "add" || action == "open" || action == "close") {
      return true;
    }
    return refuse(fmt::format("unknown file action \"{}\": add, open and close stand alone", action));
  }

  bool take_request(const Words& words) {
    const auto offset = decimal(words[2]);
    const auto length = decimal(words[3]);
    if (!offset || !length || *offset + *length < *offset) {
      return refuse(fmt::format("\"{} {}\" is no offset and length in bytes", words[2], words[3]));
    }
    return take_action(words[1], *offset, *length);
  }

  bool take_action(std::string_view action, std::uint64_t offset, std::uint64_t length) {
    if (action == "wait" && version_ == 2) {
      if (offset > time_stamp_us_max - now_.ns / 1000) {
        return refuse(fmt::format("waits {} us, which is beyond {} us of trace", offset, time_stamp_us_max));
      }
      now_ = now_ + microseconds(offset);
      return true;
    }
    if (action == "sync" || action == "datasync") {
      trace_.push_back({now_, TraceAction::flush, false, 0, 0});
      return true;
    }
    if (action == "read" || action == "write" || action == "trim") {
      const TraceAction what = action == "read" ? TraceAction::read : action == "write" ? TraceAction::write : TraceAction::trim;
      trace_.push_back({now_, what, false, offset, length});
      const std::string wrong = refusal_of(what, length);
      return wrong.empty() || refuse(wrong);
    }
    return refuse(fmt::format("unknown action \"{}\": read, write, trim, sync, datasync{}", action, version_ == 2 ? ", wait" : ""));
  }

  static constexpr std::uint64_t time_stamp_us_max = 1'000'000'000'000'000;

  Lines lines_;
  int version_ = 2;
  Duration now_;
  std::string_view file_;
  Trace trace_;
  std::string error_;
};

}  // namespace

tl::expected<Trace, TraceError> parse_fio_iolog(std::string_view text) {
  return IologReader(text).read();
}

}  // namespace phasebit::scenarios
