// Runs the program as a user would: another process, its two outputs, its exit code.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

namespace phasebit::cli {

/// A fresh directory that is removed at the end.
class Folder {
 public:
  Folder() { path_ = ::mkdtemp(pattern_.data()); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string path() const { return path_; }
  std::string write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name), std::ios::binary).rdbuf();
    return text.str();
  }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {})); }

 private:
  std::string pattern_ = testing::TempDir() + "phasebit.XXXXXX";
  std::string path_;
};

struct Ended {
  int code = -1;  ///< of exit; 1000 + signal if it was ended by one
  std::string out;
  std::string err;
};

/// A running program.
class Program {
 public:
  /// `prepare` runs in the child before it becomes the program. Signals end the program whatever the shell in the background of which the
  /// tests run has to say to that.
  explicit Program(
      std::vector<std::string> arguments, const std::function<void()>& prepare = [] {}) {
    const std::string out = folder_.write("out", "");
    const std::string err = folder_.write("err", "");
    const std::string path = PHASEBIT_PROGRAM;
    arguments.insert(arguments.begin(), path);
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(::open(out.c_str(), O_WRONLY | O_APPEND), STDOUT_FILENO);
      ::dup2(::open(err.c_str(), O_WRONLY | O_APPEND), STDERR_FILENO);
      for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        ::signal(signal, SIG_DFL);
      }
      prepare();
      std::vector<char*> argv;
      for (std::string& argument : arguments) {
        argv.push_back(argument.data());
      }
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      wait();
    }
  }

  pid_t process() const { return process_; }
  std::string out_so_far() const { return folder_.read("out"); }

  Ended wait() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status), folder_.read("out"), folder_.read("err")};
  }

 private:
  Folder folder_;
  pid_t process_ = 0;
};

inline Ended run(
    std::vector<std::string> arguments, const std::function<void()>& prepare = [] {}) {
  return Program(std::move(arguments), prepare).wait();
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A small scenario with more lines behind it.
inline std::string story(const std::string& name, const std::string& rest = "") {
  return "name: " + name + "\nabout: A story.\nworkload: {number_ios: 20, bs: 4k, size: 64k}\n" + rest;
}

}  // namespace phasebit::cli
