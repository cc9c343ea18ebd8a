#include "scenarios/report/timeline_svg.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/report/markup.hpp"
#include "scenarios/report/text.hpp"

namespace phasebit::scenarios {
namespace {

// All lengths are user units of the drawing; integers, so that the same world gives the same file.
constexpr std::uint64_t label_width = 170;
constexpr std::uint64_t plot_width = 900;
constexpr std::uint64_t lane_height = 22;
constexpr std::uint64_t axis_height = 26;
constexpr std::uint64_t bar_height = 14;
constexpr std::uint64_t tick_count = 5;

class Drawing {
 public:
  explicit Drawing(const std::vector<TimelineEntry>& timeline) : from_(~0ull) {
    for (const TimelineEntry& entry : timeline) {
      from_ = std::min(from_, entry.from_ns);
      to_ = std::max(to_, entry.to_ns);
      if (std::find(lanes_.begin(), lanes_.end(), entry.lane) == lanes_.end()) {
        lanes_.push_back(entry.lane);
      }
    }
    to_ = std::max(to_, from_ + 1);
  }

  std::string draw(const std::vector<TimelineEntry>& timeline) const {
    const std::uint64_t height = axis_height + lane_height * lanes_.size() + 6;
    std::string svg = fmt::format("<svg class=\"timeline\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"timeline\">\n",
                                  label_width + plot_width + 10, height);
    svg += axis(height);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      svg += fmt::format("<text x=\"4\" y=\"{}\">{}</text>\n", top(lane) + bar_height - 3, escaped(lanes_[lane]));
    }
    for (const TimelineEntry& entry : timeline) {
      svg += mark(entry);
    }
    return svg + "</svg>\n";
  }

 private:
  /// Multiplied in 128 bits: a run may last longer than 2^64 / 900 ns.
  std::uint64_t x(std::uint64_t ns) const {
    __extension__ using Wide = unsigned __int128;
    return label_width + static_cast<std::uint64_t>(Wide{ns - from_} * plot_width / (to_ - from_));
  }
  static std::uint64_t top(std::size_t lane) { return axis_height + lane * lane_height; }

  std::string axis(std::uint64_t height) const {
    std::string lines;
    for (std::uint64_t i = 0; i <= tick_count; ++i) {
      const std::uint64_t at = label_width + plot_width * i / tick_count;
      const std::uint64_t ns = from_ + (to_ - from_) / tick_count * i;
      lines += fmt::format("<line x1=\"{0}\" y1=\"18\" x2=\"{0}\" y2=\"{1}\"/><text x=\"{0}\" y=\"12\" text-anchor=\"{2}\">{3}</text>\n",
                           at, height, i == tick_count ? "end" : "middle", time_text(ns));
    }
    return lines;
  }

  std::string mark(const TimelineEntry& entry) const {
    const auto lane = static_cast<std::size_t>(std::find(lanes_.begin(), lanes_.end(), entry.lane) - lanes_.begin());
    const std::uint64_t left = x(entry.from_ns);
    const std::uint64_t width = std::max<std::uint64_t>(2, x(entry.to_ns) - left);
    const std::string when =
        entry.to_ns > entry.from_ns ? fmt::format("{} to {}", time_text(entry.from_ns), time_text(entry.to_ns)) : time_text(entry.from_ns);
    return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{} ({})</title></rect>\n",
                       entry.bad ? "bad" : "mark", left, top(lane), width, bar_height, escaped(entry.label), when);
  }

  std::uint64_t from_;
  std::uint64_t to_ = 0;
  std::vector<std::string> lanes_;
};

}  // namespace

std::string timeline_svg(const std::vector<TimelineEntry>& timeline) {
  return timeline.empty() ? "" : Drawing(timeline).draw(timeline);
}

}  // namespace phasebit::scenarios
