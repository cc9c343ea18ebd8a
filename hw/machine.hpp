// The running Linux as an administrator meets it: files below a root, which tests replace by a tree of their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw/file_descriptor.hpp"
#include "hw/refusal.hpp"

namespace phasebit::hw {

/// Names of files are absolute, as /sys/bus/pci/devices, and mean what lies there below the root. What is read is read anew by every call.
class Machine {
 public:
  explicit Machine(std::filesystem::path root = "/") : root_(std::move(root)) {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  virtual ~Machine() = default;

  std::filesystem::path at(std::string_view file) const { return root_ / file.substr(1); }
  bool has(std::string_view file) const;
  /// The first line, without its end; none if there is none or it cannot be read.
  std::optional<std::string> line_of(std::string_view file) const;
  /// The decimal number that the first line is.
  std::optional<std::uint64_t> number_in(std::string_view file) const;
  std::vector<std::string> lines_of(std::string_view file) const;
  /// What lies in a directory, in the order of its names; nothing if it cannot be read.
  std::vector<std::string> names_in(std::string_view directory) const;

  /// Which device a file is, links followed: `b259:1` or `c240:0`, by kind, major and minor number; none if it is no device, or is not
  /// there. Waits for nobody, such as the server whose file it may be.
  virtual std::optional<std::string> device_number(const std::string& file) const;

  /// Writes the text in one go to a file that is there. Errors: permission_denied; environment for whatever else the kernel says. The text
  /// of the refusal names the file.
  virtual Answer<void> write(const std::string& file, std::string_view text);
  /// Opens a device for reading if nobody has it for himself (O_EXCL), and nobody gets it for himself while it is open. Errors: busy,
  /// permission_denied, environment.
  virtual Answer<FileDescriptor> open_exclusively(const std::string& file) const;
  /// Loads a kernel module with what it needs, by the program that the kernel itself calls for that. What that program complains of goes to
  /// stderr. Errors: environment if the program is missing or fails.
  virtual Answer<void> load_module(const std::string& module);

 private:
  std::filesystem::path root_;
};

}  // namespace phasebit::hw
