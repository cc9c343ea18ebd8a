#include "hw/mounts.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <system_error>

namespace phasebit::hw {
namespace {

/// Blanks and backslashes stand as three octal digits behind a backslash.
std::string unescaped(const std::string& word) {
  std::string result;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto is_octal = [&](std::size_t at) { return at < word.size() && word[at] >= '0' && word[at] <= '7'; };
    if (word[i] == '\\' && is_octal(i + 1) && is_octal(i + 2) && is_octal(i + 3)) {
      result += static_cast<char>((word[i + 1] - '0') << 6 | (word[i + 2] - '0') << 3 | (word[i + 3] - '0'));
      i += 3;
    } else {
      result += word[i];
    }
  }
  return result;
}

/// ID, parent, device, root, mount point, options, optional fields, `-`, type, source, options.
Mount parse_mount(const std::string& line, const std::string& process) {
  std::istringstream words(line);
  Mount mount;
  std::string word;
  words >> word >> word >> mount.number >> word >> mount.point;
  while (words >> word && word != "-") {
  }
  words >> word >> mount.source;
  return {mount.number, unescaped(mount.source), unescaped(mount.point), process};
}

std::string mount_namespace(const Machine& machine, const std::string& process) {
  std::error_code error;
  return std::filesystem::read_symlink(machine.at("/proc/" + process + "/ns/mnt"), error).string();
}

}  // namespace

std::vector<Mount> mounts(const Machine& machine) {
  std::vector<Mount> found;
  std::set<std::string> seen{""};  // of processes that cannot be asked
  const auto read = [&](const std::string& process, const std::string& shown) {
    for (const auto& line : machine.lines_of("/proc/" + process + "/mountinfo")) {
      found.push_back(parse_mount(line, shown));
    }
  };
  seen.insert(mount_namespace(machine, "self"));
  read("self", "");
  for (const auto& name : machine.names_in("/proc")) {
    if (name.find_first_not_of("0123456789") == std::string::npos && seen.insert(mount_namespace(machine, name)).second) {
      read(name, name);
    }
  }
  return found;
}

std::vector<std::string> swaps(const Machine& machine) {
  std::vector<std::string> found;
  for (const auto& line : machine.lines_of("/proc/swaps")) {
    if (line.starts_with('/')) {  // below a line of headings
      found.push_back(unescaped(line.substr(0, line.find_first_of(" \t"))));
    }
  }
  return found;
}

}  // namespace phasebit::hw
