#include "scenarios/engine/staged_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "scenarios/engine/patient_write.hpp"

namespace phasebit::scenarios {
namespace {

tl::unexpected<Diagnostics> refuse_writing(const std::string& path, int error) {
  return refuse(path, {}, fmt::format("cannot be written: {}", std::strerror(error)), ExitCode::environment);
}

std::string directory_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

/// The name does not grow with the file's, which may be as long as names can be.
int make_beside(const std::string& path, std::string& temporary) {
  temporary = directory_of(path) + "/.phasebit.XXXXXX";
  return ::mkostemp(temporary.data(), O_CLOEXEC);
}

int write_and_close(int descriptor, std::string_view bytes) {
  int error = write_patiently(descriptor, bytes);
  if (error == 0 && (::fchmod(descriptor, 0644) != 0 || ::fsync(descriptor) != 0)) {
    error = errno;
  }
  return ::close(descriptor) != 0 && error == 0 ? errno : error;
}

int write_through(const std::string& path, std::string_view bytes) {
  const int descriptor = open_patiently(path.c_str());
  if (descriptor < 0) {
    return -descriptor;
  }
  const int error = write_patiently(descriptor, bytes);
  return ::close(descriptor) != 0 && error == 0 ? errno : error;
}

/// A temporary file, and what a recorder whose process was ended has left of it.
void remove_temporary(const std::string& temporary) {
  ::unlink(temporary.c_str());
  ::unlink((temporary + ".partial").c_str());
}

bool is_empty(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || status.st_size == 0;
}

/// Something stands there: it is a file that may be replaced, or something that may be written to.
Checked<void> check_what_stands_there(const std::string& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) {
    return refuse(path, {}, "is a directory; name a file");
  }
  if (!S_ISREG(status.st_mode) && ::access(path.c_str(), W_OK) != 0) {
    return refuse_writing(path, errno);
  }
  return {};
}

}  // namespace

Checked<void> StagedFiles::add(const std::string& path, std::string_view bytes) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    through_.push_back({path, std::string(bytes)});
    return {};
  }
  const Checked<std::string> temporary = reserve(path);
  if (!temporary) {
    return tl::unexpected(temporary.error());
  }
  staged_.back().reserved = false;
  const int descriptor = ::open(temporary->c_str(), O_WRONLY | O_CLOEXEC);
  const int error = descriptor < 0 ? errno : write_and_close(descriptor, bytes);
  return error == 0 ? Checked<void>() : refuse_writing(path, error);
}

Checked<std::string> StagedFiles::reserve(const std::string& path) {
  std::string temporary;
  const int descriptor = make_beside(path, temporary);
  if (descriptor < 0) {
    return refuse_writing(path, errno);
  }
  ::close(descriptor);
  staged_.push_back({temporary, path, true});
  return temporary;
}

Checked<void> StagedFiles::commit() {
  for (const Through& file : through_) {
    if (const int error = write_through(file.path, file.bytes); error != 0) {
      return refuse_writing(file.path, error);
    }
  }
  through_.clear();
  while (!staged_.empty()) {
    const Staged& file = staged_.front();
    if (file.reserved && is_empty(file.temporary)) {
      remove_temporary(file.temporary);
    } else if (::rename(file.temporary.c_str(), file.path.c_str()) != 0) {
      return refuse_writing(file.path, errno);
    }
    staged_.erase(staged_.begin());
  }
  return {};
}

void StagedFiles::abandon() {
  for (const Staged& file : staged_) {
    remove_temporary(file.temporary);
  }
  staged_.clear();
  through_.clear();
}

Checked<void> check_file_place(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (Checked<void> there = check_what_stands_there(path, status); !there || !S_ISREG(status.st_mode)) {
      return there;
    }
  } else if (errno != ENOENT) {
    return refuse_writing(path, errno);
  } else if (struct stat parent{}; ::stat(directory_of(path).c_str(), &parent) != 0 || !S_ISDIR(parent.st_mode)) {
    return refuse(path, {}, "cannot be written: there is no directory " + directory_of(path), ExitCode::environment);
  }
  return StagedFiles().reserve(path).map([](const std::string&) {});
}

}  // namespace phasebit::scenarios
