// Files that appear together or not at all: each is written beside its place, and all are renamed when the last one is whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/engine/diagnostic.hpp"

namespace phasebit::scenarios {

class StagedFiles {
 public:
  StagedFiles() = default;
  StagedFiles(const StagedFiles&) = delete;
  StagedFiles& operator=(const StagedFiles&) = delete;
  /// What was not committed goes.
  ~StagedFiles() { abandon(); }

  /// Stages `bytes` for `path`. A pipe or a device cannot be replaced by a rename, and must not be (/dev/null is somebody else's too): its
  /// bytes are kept, and written to it first of all when the rest is whole.
  Checked<void> add(const std::string& path, std::string_view bytes);
  /// Gives the name of an empty file of our own beside `path`, for somebody else to write or replace. If it is still empty when all is
  /// committed, it goes.
  Checked<std::string> reserve(const std::string& path);
  /// After an error nothing that stood anywhere before has changed, unless a rename fails: what was renamed until then stays, whole.
  Checked<void> commit();
  void abandon();

 private:
  struct Staged {
    std::string temporary;
    std::string path;
    bool reserved = false;
  };
  struct Through {
    std::string path;
    std::string bytes;
  };

  std::vector<Staged> staged_;
  std::vector<Through> through_;
};

/// Finds out whether a file can be made or replaced at `path`, and says why not.
Checked<void> check_file_place(const std::string& path);

}  // namespace phasebit::scenarios
