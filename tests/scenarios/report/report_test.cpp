#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "scenarios/engine/scalar.hpp"
#include "scenarios/report/html.hpp"
#include "scenarios/report/junit.hpp"
#include "scenarios/report/markup.hpp"
#include "scenarios/report/summary.hpp"
#include "scenarios/report/text.hpp"

namespace phasebit::scenarios {
namespace {

constexpr char nasty[] = "a<b>&\"c'\x01]]>\t\n\xc3\xa9";
constexpr char nasty_read_back[] = "a<b>&\"c'\\x01]]>\t\n\xc3\xa9";

std::vector<RunResult> sample() {
  RunResult passed;
  passed.name = "good";
  passed.file = "good.yaml";
  passed.about = "All is well.";
  passed.virtual_ns = 1'234'567;
  passed.faults = {{"status #0", 3, "status"}, {"status #1", 4, "status"}};
  RunResult failed;
  failed.name = nasty;
  failed.about = nasty;
  failed.seed = 0xfeedfacecafebeefull;
  failed.hash = ~0ull;
  failed.objections = {{"oracle", nasty, ExitCode::objected, 49'380, 17, "media_read <1>"}};
  failed.timeline = {{"lane", 10, 20, nasty, true}, {"other", 15, 15, "moment", false}};
  failed.again = "phasebit run a&b.yaml";
  failed.failure_file = "name: <x>\n";
  RunResult crashed;
  crashed.name = "crashed";
  crashed.objections = {{"assertion", "x != 3", ExitCode::internal, 0, 0, ""}};
  RunResult skipped;
  skipped.name = "skipped";
  skipped.skipped = "needs a device";
  return {passed, failed, crashed, skipped};
}

TEST(Junit, is_read_back_by_an_xml_parser_with_every_character) {
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(junit_xml(sample(), "catalog & more").c_str(), pugi::parse_default | pugi::parse_ws_pcdata));
  const pugi::xml_node suite = xml.child("testsuites").child("testsuite");
  EXPECT_STREQ(suite.attribute("name").value(), "catalog & more");
  EXPECT_EQ(suite.attribute("tests").as_int(), 4);
  EXPECT_EQ(suite.attribute("failures").as_int(), 1);
  EXPECT_EQ(suite.attribute("errors").as_int(), 1);
  EXPECT_EQ(suite.attribute("skipped").as_int(), 1);
  const pugi::xml_node failed = suite.find_child_by_attribute("testcase", "name", nasty_read_back);
  ASSERT_TRUE(failed);
  EXPECT_STREQ(failed.child("failure").attribute("message").value(), nasty_read_back);
  EXPECT_NE(std::string(failed.child("failure").text().get()).find("again: phasebit run a&b.yaml"), std::string::npos);
  EXPECT_STREQ(suite.find_child_by_attribute("testcase", "name", "crashed").child("error").attribute("type").value(), "assertion");
  EXPECT_STREQ(suite.find_child_by_attribute("testcase", "name", "good").attribute("time").value(), "0.001234567");
  EXPECT_STREQ(suite.find_child_by_attribute("testcase", "name", "skipped").child("skipped").attribute("message").value(),
               "needs a device");
}

TEST(Junit, of_nothing_is_still_a_document) {
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(junit_xml({}, "none").c_str()));
  EXPECT_EQ(xml.child("testsuites").attribute("tests").as_int(-1), 0);
}

TEST(Markup, replaces_every_byte_that_xml_cannot_hold) {
  for (int byte = 1; byte < 128; ++byte) {
    const std::string xml = "<a b=\"" + escaped(std::string(1, static_cast<char>(byte))) + "\"/>";
    EXPECT_TRUE(pugi::xml_document().load_string(xml.c_str())) << byte;
    EXPECT_EQ(xml.find_first_of("\x01\x02\x08\x0b\x0c\x1f\x7f"), std::string::npos) << byte;
  }
}

TEST(Markup, replaces_the_characters_that_xml_does_not_have) {
  EXPECT_EQ(escaped("a\xef\xbf\xbf"
                    "b\xef\xbf\xbe"),
            "a\\xef\\xbf\\xbf"
            "b\\xef\\xbf\\xbe");
  EXPECT_EQ(escaped("\xef\xbf\xbd"), "\xef\xbf\xbd");
}

TEST(Html, is_one_page_that_needs_no_script_and_no_network) {
  const std::string html = report_html(sample(), "Phasebit <report>");
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_EQ(html.find("<b>&\"c"), std::string::npos);
  EXPECT_NE(html.find("4 scenarios: 1 passed, 2 failed, 1 skipped"), std::string::npos);
  EXPECT_NE(html.find("<svg class=\"timeline\""), std::string::npos);
  EXPECT_NE(html.find("name: &lt;x&gt;"), std::string::npos);
  EXPECT_NE(html.find("7</text>"), std::string::npos) << "strikes of one verb are added up";
}

TEST(Html, has_a_body_that_an_xml_parser_finds_well_formed) {
  const std::string html = report_html(sample(), "t");
  const std::size_t body = html.find("<body>");
  std::string text = html.substr(body, html.find("</body>") + 7 - body);
  for (std::size_t at = 0; (at = text.find("<br>", at)) != std::string::npos;) {
    text.replace(at, 4, "<br/>");
  }
  for (std::size_t at = 0; (at = text.find("&times;", at)) != std::string::npos;) {
    text.replace(at, 7, "x");
  }
  const pugi::xml_parse_result parsed = pugi::xml_document().load_string(text.c_str());
  EXPECT_TRUE(parsed) << parsed.description() << " at " << text.substr(static_cast<std::size_t>(parsed.offset), 80);
}

TEST(Summary, prints_numbers_beyond_2_to_the_53_as_strings) {
  const Json summary = Json::parse(summary_json(sample()));
  EXPECT_EQ(summary["total"], 4);
  EXPECT_EQ(summary["exit_code"], 6);
  EXPECT_EQ(summary["results"][1]["seed"], "0xfeedfacecafebeef");
  EXPECT_EQ(summary["results"][1]["trace_hash"], "0xffffffffffffffff");
  EXPECT_EQ(summary["results"][1]["verdict"], "failed");
  EXPECT_EQ(summary["results"][3]["verdict"], "skipped");
  EXPECT_EQ(summary["results"][0]["faults"][1]["fired"], 4);
  EXPECT_EQ(summary["results"][0]["virtual_ns"], 1'234'567);
  std::vector<RunResult> large(2);
  large[0].events = 1ull << 53;
  large[1].events = (1ull << 53) + 1;
  const Json results = Json::parse(summary_json(Results(std::move(large))))["results"];
  EXPECT_EQ(results[0]["events"], 9'007'199'254'740'992);
  EXPECT_EQ(results[1]["events"], "9007199254740993");
}

TEST(Text, prints_seed_cycle_judge_access_and_the_line_that_repeats_a_failure) {
  RunResult failed = sample()[1];
  failed.name = "lost-write";
  failed.objections[0].judge = "oracle data_integrity";
  failed.objections[0].sentence = "block 5 holds neither.";
  EXPECT_EQ(result_text(failed),
            "FAIL  lost-write seed 0xfeedfacecafebeef\n"
            "      oracle data_integrity: block 5 holds neither.\n"
            "      at cycle 12345 (49.380 us), event 17: media_read <1>\n"
            "      again: phasebit run a&b.yaml\n");
  EXPECT_EQ(tally_text(Results(sample()).tally(), "scenario"), "4 scenarios: 1 passed, 2 failed, 1 skipped\n");
}

TEST(Text, reads_times_as_a_person_would) {
  EXPECT_EQ(time_text(0), "0 ns");
  EXPECT_EQ(time_text(999), "999 ns");
  EXPECT_EQ(time_text(1'000), "1.000 us");
  EXPECT_EQ(time_text(1'234'567), "1.234 ms");
  EXPECT_EQ(time_text(61'000'000'000), "61.000 s");
}

TEST(ExitCodes, are_told_in_the_order_6_4_1_3_5_2_0_77) {
  const ExitCode order[] = {ExitCode::internal,    ExitCode::determinism, ExitCode::objected, ExitCode::liveness,
                            ExitCode::environment, ExitCode::usage,       ExitCode::clean,    ExitCode::nothing_ran};
  for (std::size_t i = 0; i < std::size(order); ++i) {
    for (std::size_t j = 0; j < std::size(order); ++j) {
      EXPECT_EQ(louder(order[i], order[j]), order[std::min(i, j)]);
    }
  }
}

TEST(RunResult, passes_between_processes_whole) {
  for (const RunResult& result : sample()) {
    EXPECT_EQ(to_bytes(run_result_from_bytes(to_bytes(result))), to_bytes(result));
  }
  EXPECT_EQ(run_result_from_bytes(to_bytes(sample()[1])).objections[0].sentence, nasty);
}

RunResult remarked() {
  RunResult result;
  result.name = "noted";
  result.remarks = {{"rule RST-05", "I/O queues <exist>", ExitCode::objected, 8'000, 5, "register_write"}};
  return result;
}

TEST(Remark, is_shown_everywhere_and_fails_nothing) {
  const Results results({remarked()});
  EXPECT_EQ(results.tally().code(), ExitCode::clean);
  EXPECT_EQ(result_text(remarked()),
            "pass  noted (0 ns, 0 events, 0 faults)\n"
            "note  rule RST-05: I/O queues <exist>\n"
            "      at cycle 2000 (8.000 us), event 5: register_write\n");
  EXPECT_EQ(remarks_text(results.totals(), "world"), "note  rule RST-05 in 1 world\n");
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(junit_xml(results, "s").c_str()));
  const pugi::xml_node test = xml.child("testsuites").child("testsuite").child("testcase");
  EXPECT_EQ(std::string(test.child("system-out").text().get()).find("note  rule RST-05: I/O queues <exist>"), 0u);
  EXPECT_FALSE(test.child("failure"));
  EXPECT_NE(report_html(results, "t").find("<strong>rule RST-05</strong>: I/O queues &lt;exist&gt;"), std::string::npos);
  EXPECT_EQ(Json::parse(summary_json(results))["totals"]["remarks"]["rule RST-05"], 1);
}

TEST(Results, grow_with_what_is_kept_and_count_what_is_not) {
  Results results;
  for (int i = 0; i < 20'000; ++i) {
    results.count(sample()[0]);
  }
  results.count(sample()[1]);
  results.keep(sample()[1]);
  EXPECT_EQ(results.kept().size(), 1u);
  EXPECT_EQ(tally_text(results.tally(), "world"), "20001 worlds: 20000 passed, 1 failed, 0 skipped\n");
  EXPECT_EQ(results.totals().faults.at("status"), 140'000u);
  const Json summary = Json::parse(summary_json(results));
  EXPECT_EQ(summary["total"], 20'001);
  EXPECT_EQ(summary["passed"], 20'000);
  EXPECT_EQ(summary["results"].size(), 1u);
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(junit_xml(results, "s").c_str()));
  EXPECT_EQ(xml.child("testsuites").attribute("tests").as_int(), 20'001);
  EXPECT_NE(report_html(results, "t").find("1 of 20001 results; the others are counted only"), std::string::npos);
}

TEST(Tally, of_skipped_worlds_alone_is_77) {
  EXPECT_EQ(Results({sample()[3]}).tally().code(), ExitCode::nothing_ran);
  EXPECT_EQ(Results({sample()[3], sample()[0]}).tally().code(), ExitCode::clean);
  EXPECT_EQ(Results(sample()).tally().code(), ExitCode::internal);
}

}  // namespace
}  // namespace phasebit::scenarios
