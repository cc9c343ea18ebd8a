#include "scenarios/engine/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "scenarios/engine/output.hpp"

namespace phasebit::scenarios {
namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(200);
constexpr auto line_interval = std::chrono::seconds(10);

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool terminal_is_dumb() {
  const char* const terminal = std::getenv("TERM");
  return terminal == nullptr || std::string_view(terminal) == "dumb";
}

}  // namespace

ProgressLine::ProgressLine(std::string what, std::size_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(::isatty(STDERR_FILENO) == 1 && !terminal_is_dumb()),
      plain_(is_set("NO_COLOR")),
      next_(std::chrono::steady_clock::now() + (terminal_ ? std::chrono::seconds(0) : line_interval)) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::add(bool failed) {
  ++done_;
  failed_ += failed ? 1 : 0;
  tick();
}

std::string ProgressLine::line() const {
  const bool red = failed_ > 0 && terminal_ && !plain_;
  return fmt::format("{} of {} {}, {}{} failed{}", done_, total_, what_, red ? "\033[31m" : "", failed_, red ? "\033[0m" : "");
}

void ProgressLine::tick() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) {
    return;
  }
  next_ = now + (terminal_ ? std::chrono::steady_clock::duration(redraw_interval) : line_interval);
  tell(fmt::format("{}{}{}", terminal_ ? "\r\033[K" : "", line(), terminal_ ? "" : "\n"));
}

void ProgressLine::clear() {
  if (terminal_) {
    tell("\r\033[K");
  }
}

}  // namespace phasebit::scenarios
