#include "hw/machine.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>

namespace phasebit::hw {
namespace {

tl::unexpected<Refusal> refuse_file(const std::string& file, const std::string& what, int error) {
  const std::string why = file + ": " + what + ": " + std::generic_category().message(error);
  switch (error) {
    case EBUSY:
      return refuse(Errc::busy, why);
    case EACCES:
    case EPERM:
      return refuse(Errc::permission_denied, why + "; run this as root");
    default:
      return refuse(Errc::environment, why);
  }
}

/// What a program that was started ended with; 128 and more for a signal.
int ending_of(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) {
      return 127;
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

bool Machine::has(std::string_view file) const {
  std::error_code error;
  return std::filesystem::exists(at(file), error);
}

std::optional<std::string> Machine::line_of(std::string_view file) const {
  std::string line;
  std::ifstream stream(at(file));
  return std::getline(stream, line) ? std::optional(line) : std::nullopt;
}

std::optional<std::uint64_t> Machine::number_in(std::string_view file) const {
  const auto line = line_of(file);
  std::uint64_t number = 0;
  if (!line) {
    return std::nullopt;
  }
  const char* const end = line->data() + line->size();
  const auto [stop, error] = std::from_chars(line->data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

std::vector<std::string> Machine::lines_of(std::string_view file) const {
  std::vector<std::string> lines;
  std::ifstream stream(at(file));
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> Machine::names_in(std::string_view directory) const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(at(directory), error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> Machine::device_number(const std::string& file) const {
  struct statx seen {};
  if (statx(AT_FDCWD, at(file).c_str(), AT_STATX_DONT_SYNC, STATX_TYPE, &seen) != 0 ||
      !(S_ISBLK(seen.stx_mode) || S_ISCHR(seen.stx_mode))) {
    return std::nullopt;
  }
  return (S_ISBLK(seen.stx_mode) ? "b" : "c") + std::to_string(seen.stx_rdev_major) + ":" + std::to_string(seen.stx_rdev_minor);
}

Answer<void> Machine::write(const std::string& file, std::string_view text) {
  const FileDescriptor opened(::open(at(file).c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!opened.is_open() || ::write(opened.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return refuse_file(file, "cannot be written", errno);
  }
  return {};
}

// Not for writing: udev looks at a device anew whenever one who could have written to it closes it.
Answer<FileDescriptor> Machine::open_exclusively(const std::string& file) const {
  FileDescriptor opened(::open(at(file).c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
  if (!opened.is_open()) {
    return refuse_file(file, "cannot be opened", errno);
  }
  return opened;
}

Answer<void> Machine::load_module(const std::string& module) {
  const std::string told = line_of("/proc/sys/kernel/modprobe").value_or("");
  const std::string loader = told.starts_with('/') ? told : "/sbin/modprobe";
  std::string program = at(loader).string();
  std::string word = module;
  const std::array<char*, 3> arguments{program.data(), word.data(), nullptr};
  pid_t process = 0;
  const int error = posix_spawn(&process, program.c_str(), nullptr, nullptr, arguments.data(), environ);
  const std::string why = "the kernel module " + module + " is not loaded, and ";
  if (error != 0) {
    return refuse(Errc::environment, why + loader + " cannot be run: " + std::generic_category().message(error) +
                                         "; load the module by hand, or install the package kmod");
  }
  const int code = ending_of(process);
  if (code != 0) {
    return refuse(Errc::environment, why + "`" + loader + " " + module + "` ends with " + std::to_string(code) +
                                         "; it needs root, and the module has to be one of this kernel's");
  }
  return {};
}

}  // namespace phasebit::hw
