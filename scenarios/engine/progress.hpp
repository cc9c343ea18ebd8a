// How far a run is, on stderr: one line redrawn on a terminal, else a line every ten seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace phasebit::scenarios {

class ProgressLine {
 public:
  /// `what` is counted, as in "scenarios". Nothing is printed before the first ten seconds unless stderr is a terminal.
  ProgressLine(std::string what, std::size_t total);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// Takes the redrawn line away.
  ~ProgressLine();

  void add(bool failed);
  /// Prints if it is time to; cheap to call often.
  void tick();
  /// Makes room on the terminal for other output.
  void clear();

 private:
  std::string line() const;

  std::string what_;
  std::size_t total_;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  bool terminal_;
  bool plain_;  ///< NO_COLOR is set, or the terminal is dumb
  std::chrono::steady_clock::time_point next_;
};

}  // namespace phasebit::scenarios
