// What was asked of a drive and what it has acknowledged, line by line, so that it can leave a machine that is about to lose power.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

namespace phasebit::driver {

/// A write, or a flush where there are no blocks.
struct DiaryEntry {
  std::uint64_t tag = 0;  ///< from 1; a write's content follows from it
  std::uint64_t lba = 0;
  std::uint64_t blocks = 0;
  bool fua = false;
};

/// Comes out before the drive can know of the operation.
inline std::string begun_line(const DiaryEntry& entry) {
  std::ostringstream text;
  text << "begun " << entry.tag << ' ' << entry.lba << ' ' << entry.blocks << ' ' << entry.fua << '\n';
  return text.str();
}

/// The drive has said that it succeeded.
inline std::string acknowledged_line(std::uint64_t tag) {
  return "acknowledged " + std::to_string(tag) + '\n';
}

/// Calls `begun(entry)` and `acknowledged(tag)` in the order of the lines. Lines of other kinds are passed over, as is a last line that was
/// cut off.
template <class Begun, class Acknowledged>
void read_diary(std::istream& lines, Begun begun, Acknowledged acknowledged) {
  std::string line;
  while (std::getline(lines, line) && !lines.eof()) {
    std::istringstream words(line);
    std::string kind;
    DiaryEntry entry;
    words >> kind >> entry.tag;
    if (kind == "acknowledged") {
      acknowledged(entry.tag);
    } else if (kind == "begun") {
      words >> entry.lba >> entry.blocks >> entry.fua;
      begun(std::as_const(entry));
    }
  }
}

}  // namespace phasebit::driver
