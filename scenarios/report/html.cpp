#include "scenarios/report/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "scenarios/report/markup.hpp"
#include "scenarios/report/text.hpp"
#include "scenarios/report/timeline_svg.hpp"

namespace phasebit::scenarios {
namespace {

constexpr char style[] = R"(
:root { color-scheme: light dark; --ink: #1c2430; --page: #fff; --line: #d5dae1; --soft: #f4f6f8; --good: #1a7f4b; --bad: #c02b2b; --mark: #3b76b8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e7ec; --page: #14181d; --line: #333b45; --soft: #1d232a; --good: #54c98b; --bad: #ff7b72; --mark: #6aa6e6; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1180px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; } h3 { font-size: 1em; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35em .6em; border-bottom: 1px solid var(--line); vertical-align: top; }
th { background: var(--soft); } td.number { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 13px/1.45 ui-monospace, monospace; } pre { background: var(--soft); padding: .7em; overflow-x: auto; }
.passed { color: var(--good); } .failed { color: var(--bad); font-weight: 600; } .skipped { opacity: .7; }
.failure { border-left: 3px solid var(--bad); padding-left: 1em; margin: 1.5em 0; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--ink); } svg line { stroke: var(--line); }
rect.mark { fill: var(--mark); } rect.bad { fill: var(--bad); }
)";

const char* verdict(const RunResult& result) {
  return result.failed() ? "failed" : result.skipped.empty() ? "passed" : "skipped";
}

std::string objections_html(const RunResult& result, const std::vector<Objection>& objections) {
  std::string list = "<ul>\n";
  for (const Objection& objection : objections) {
    list += fmt::format("<li><strong>{}</strong>: {}", escaped(objection.judge), escaped(objection.sentence));
    if (!objection.access.empty()) {
      list += fmt::format("<br>first offending access: event {} at cycle {} ({}): <code>{}</code>", objection.event,
                          objection.time_ns / result.cycle_ns, time_text(objection.time_ns), escaped(objection.access));
    }
    list += "</li>\n";
  }
  return objections.empty() ? "" : list + "</ul>\n";
}

std::string seed_html(const RunResult& result) {
  return result.seeded ? fmt::format("<code>{}</code>", seed_text(result.seed)) : "none";
}

std::string failure_html(const RunResult& result) {
  std::string text = fmt::format("<section class=\"failure\">\n<h3>{}</h3>\n<p>{}</p>\n<p>seed {}</p>\n", escaped(result.name),
                                 escaped(result.about), seed_html(result));
  text += objections_html(result, result.objections) + timeline_svg(result.timeline);
  if (!result.again.empty()) {
    text += fmt::format("<p>again: <code>{}</code></p>\n", escaped(result.again));
  }
  if (!result.failure_name.empty()) {
    text += fmt::format("<p>replay: <code>{0}</code>, <a href=\"failures/{1}\">{1}</a></p>\n", escaped(result.replay),
                        escaped(result.failure_name));
  }
  if (!result.failure_file.empty()) {
    text += fmt::format("<details><summary>the failure file</summary><pre>{}</pre></details>\n", escaped(result.failure_file));
  }
  return text + "</section>\n";
}

std::string row_html(const RunResult& result) {
  std::string faults;
  for (const FaultTally& fault : result.faults) {
    faults += fmt::format("{}{} &times; {}", faults.empty() ? "" : "<br>", fault.fired, escaped(fault.what));
  }
  const std::string about = result.skipped.empty() ? result.about : result.about + " Skipped: " + result.skipped;
  return fmt::format(
      "<tr><td class=\"{0}\">{0}</td><td><strong>{1}</strong><br>{2}{7}</td><td>{3}</td><td class=\"number\">{4}</td><td>{5}</td>"
      "<td><code>0x{6:016x}</code></td></tr>\n",
      verdict(result), escaped(result.name), escaped(about), faults, time_text(result.virtual_ns), seed_html(result), result.hash,
      result.remarks.empty() ? "" : "<br>Noted, and no failure:" + objections_html(result, result.remarks));
}

/// How often each kind of fault struck in all worlds together, as bars.
std::string strikes_html(const std::map<std::string, std::uint64_t>& strikes) {
  std::uint64_t most = 1;
  for (const auto& [what, fired] : strikes) {
    most = std::max(most, fired);
  }
  constexpr std::uint64_t bar_width = 700;
  std::string bars;
  std::uint64_t y = 4;
  for (const auto& [what, fired] : strikes) {
    bars += fmt::format(
        "<text x=\"4\" y=\"{}\">{}</text><rect class=\"mark\" x=\"190\" y=\"{}\" width=\"{}\" height=\"14\"/><text x=\"{}\" "
        "y=\"{}\">{}</text>\n",
        y + 11, escaped(what), y, std::max<std::uint64_t>(1, fired * bar_width / most), 196 + fired * bar_width / most, y + 11, fired);
    y += 20;
  }
  return strikes.empty() ? ""
                         : fmt::format("<h2>Faults that struck</h2>\n<svg viewBox=\"0 0 980 {}\" role=\"img\">\n{}</svg>\n", y + 4, bars);
}

/// Of a swarm only a part is listed.
std::string scope(const Results& results) {
  const std::size_t listed = results.kept().size();
  const std::size_t total = results.tally().total();
  return listed == total ? "All results" : fmt::format("{} of {} results; the others are counted only", listed, total);
}

}  // namespace

std::string report_html(const Results& results, const std::string& title) {
  const Tally& sum = results.tally();
  std::string failures;
  std::string rows;
  for (const RunResult& result : results.kept()) {
    failures += result.failed() ? failure_html(result) : "";
    rows += row_html(result);
  }
  const std::string head = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p class=\"{2}\">{3}</p>\n",
      escaped(title), style, sum.failed > 0 ? "failed" : "passed", tally_text(sum, "scenario"));
  const std::string failed = failures.empty() ? "" : "<h2>What failed</h2>\n" + failures;
  const std::string table = fmt::format("<h2>{}</h2>\n", scope(results)) +
                            "<table>\n<thead><tr><th>verdict</th><th>story</th><th>faults that struck</th><th>virtual "
                            "time</th><th>seed</th>"
                            "<th>trace hash</th></tr></thead>\n<tbody>\n" +
                            rows + "</tbody>\n</table>\n";
  return head + failed + table + strikes_html(results.totals().faults) + "</body>\n</html>\n";
}

}  // namespace phasebit::scenarios
