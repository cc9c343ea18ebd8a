#include "scenarios/engine/text_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "scenarios/engine/staged_files.hpp"

namespace phasebit::scenarios {
namespace {

/// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  int number() const { return number_; }

 private:
  int number_;
};

tl::unexpected<Diagnostics> refuse_errno(const std::string& path, std::string_view what, int error) {
  const bool absent = error == ENOENT || error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG;
  const bool reading = what == "cannot be read";
  return refuse(path, {}, fmt::format("{}: {}", what, std::strerror(error)), absent && reading ? ExitCode::usage : ExitCode::environment);
}

}  // namespace

Checked<std::string> read_file(const std::string& path, std::uint64_t bytes_max) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    return refuse_errno(path, "cannot be read", errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return refuse(path, {}, "is no regular file; name a file, or a directory of scenario files");
  }
  std::string bytes;
  char piece[65536];
  for (;;) {
    const ssize_t got = ::read(file.number(), piece, sizeof(piece));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return refuse_errno(path, "cannot be read", errno);
    }
    if (got == 0) {
      return bytes;
    }
    bytes.append(piece, static_cast<std::size_t>(got));
    if (bytes.size() > bytes_max) {
      return refuse(path, {}, fmt::format("is larger than {} bytes", bytes_max));
    }
  }
}

Checked<void> write_file(const std::string& path, std::string_view bytes) {
  StagedFiles files;
  return files.add(path, bytes).and_then([&] { return files.commit(); });
}

Checked<void> prepare_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return refuse_errno(path, "cannot be made", error.value());
  }
  std::string probe = path + "/.phasebit.XXXXXX";
  const Descriptor file(::mkostemp(probe.data(), O_CLOEXEC));
  if (file.number() < 0) {
    return refuse_errno(path, "cannot be written to", errno);
  }
  ::unlink(probe.c_str());
  return {};
}

}  // namespace phasebit::scenarios
