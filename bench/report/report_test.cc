// The page and the plots of a run, looked at as XML.
#include "bench/report/report.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "bench/report/drawing.h"
#include "bench/report/plots.h"
#include "bench/report/report_command.h"

namespace muster::bench::report {
namespace {

std::string fixture() {
  std::ifstream file(REPORT_TESTDATA "/run.jsonl");
  EXPECT_TRUE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string page_of(const std::string& lines) {
  std::istringstream results(lines);
  std::ostringstream page;
  write_report(results, page);
  return page.str();
}

std::string svg_of(const std::string& lines, std::string_view plot) {
  std::istringstream results(lines);
  std::ostringstream svg;
  write_svg(results, plot, svg);
  return svg.str();
}

/// The page is written so that it is XML too.
void parse(const std::string& text, pugi::xml_document& document) {
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_full & ~pugi::parse_doctype);
  ASSERT_TRUE(parsed) << parsed.description() << " at " << text.substr(parsed.offset, 200);
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

std::vector<std::string> texts(const pugi::xml_node& root, const char* path) {
  std::vector<std::string> found;
  for (const pugi::xpath_node& node : root.select_nodes(path)) {
    found.emplace_back(node.node().text().get());
  }
  return found;
}

struct Box {
  double left, top, right, bottom;
  std::string text;
};

double size_of(const std::string& classes) {
  if (classes.find("head") != std::string::npos) return 14;
  if (classes.find("label") != std::string::npos) return kLabelSize;
  return classes.find("note") != std::string::npos ? kNoteSize : 10;
}

Box box_of(const pugi::xml_node& text) {
  const double size = size_of(text.attribute("class").value());
  // The estimate of widths is generous.
  const double width = 0.9 * text_width(text.text().get(), size);
  const double share = std::map<std::string, double>{{"start", 0}, {"middle", 0.5}, {"end", 1}}.at(
      text.attribute("text-anchor").value());
  const double left = text.attribute("x").as_double() - share * width;
  const double line = text.attribute("y").as_double();
  return {left, line - 0.7 * size, left + width, line + 0.1 * size, text.text().get()};
}

bool overlap(const Box& a, const Box& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/// All numbers are numbers, everything is inside, and no two texts meet.
void expect_tidy(const pugi::xml_node& svg) {
  double width = 0;
  double height = 0;
  std::istringstream box(svg.attribute("viewBox").value());
  double zero = 0;
  box >> zero >> zero >> width >> height;
  ASSERT_GT(width * height, 0);
  std::vector<Box> boxes;
  for (const pugi::xpath_node& found : svg.select_nodes(".//*")) {
    const pugi::xml_node node = found.node();
    for (const char* name : {"x", "x1", "x2", "cx"}) {
      if (const pugi::xml_attribute x = node.attribute(name)) {
        EXPECT_GE(x.as_double(), 0) << node.name();
        EXPECT_LE(x.as_double() + node.attribute("width").as_double(), width + 0.5) << node.name();
      }
    }
    if (std::strcmp(node.name(), "text") == 0) boxes.push_back(box_of(node));
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    EXPECT_GE(boxes[i].left, -1) << boxes[i].text;
    EXPECT_LE(boxes[i].right, width + 1) << boxes[i].text;
    EXPECT_LE(boxes[i].bottom, height + 1) << boxes[i].text;
    for (std::size_t j = i + 1; j < boxes.size(); ++j) {
      EXPECT_FALSE(overlap(boxes[i], boxes[j])) << boxes[i].text << " | " << boxes[j].text;
    }
  }
}

void expect_no_odd_numbers(const std::string& text) {
  static const std::regex kOdd(R"([^A-Za-z](nan|inf)[^A-Za-z])", std::regex::icase);
  std::smatch match;
  EXPECT_FALSE(std::regex_search(text, match, kOdd)) << match.prefix().str().substr(0, 200);
}

TEST(Page, showsEveryPromiseAndEveryResult) {
  const std::string lines = fixture();
  const std::string text = page_of(lines);
  pugi::xml_document page;
  ASSERT_NO_FATAL_FAILURE(parse(text, page));
  EXPECT_EQ(texts(page, "//table[@class='promises']/tbody/tr/td[1]").size(),
            count(lines, R"("kind": "figure")"));
  EXPECT_EQ(texts(page, "//table[@class='results']/tbody/tr[td]").size(),
            count(lines, R"("kind": "result")"));
  const std::vector<std::string> verdicts = texts(page, "//span[starts-with(@class,'verdict')]");
  EXPECT_EQ(verdicts,
            (std::vector<std::string>{"pass", "short", "pass", "pass", "pass", "pass", "not run"}));
  EXPECT_NE(text.find("7 promises: 5 pass, 1 short, 1 not run."), std::string::npos);
  for (const char* wanted : {"AMD EPYC 7B13", "bd7c0c3", "muster_bench run --preset both", "8 GiB",
                             "full_change, cpu against raw RocksDB Put of the same bytes"}) {
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted;
  }
}

TEST(Page, hasAllPlotsWithTheirCaptions) {
  pugi::xml_document page;
  ASSERT_NO_FATAL_FAILURE(parse(page_of(fixture()), page));
  for (const std::string_view name : kPlotNames) {
    const pugi::xml_node section =
        page.select_node(fmt::format("//section[h2/@id='{}']", name).c_str()).node();
    ASSERT_TRUE(section) << name;
    EXPECT_GE(section.select_nodes(".//div[@class='panels']/svg").size(), 2U) << name;
    const std::string caption = section.select_node(".//p").node().text().get();
    for (const char* wanted : {"100k-buffered", "30 profiles", "preset appliance"}) {
      EXPECT_NE(caption.find(wanted), std::string::npos) << name << ": " << caption;
    }
  }
}

TEST(Page, needsNothingElse) {
  const std::string page = page_of(fixture());
  for (const char* banned : {"<script", "<link", "<img", "url(", "@import", "src="}) {
    EXPECT_EQ(page.find(banned), std::string::npos) << banned;
  }
  EXPECT_EQ(count(page, "http"), count(page, "xmlns=\"http://www.w3.org/2000/svg\""));
  expect_no_odd_numbers(page);
}

TEST(Plots, areTidy) {
  pugi::xml_document page;
  ASSERT_NO_FATAL_FAILURE(parse(page_of(fixture()), page));
  const pugi::xpath_node_set panels = page.select_nodes("//svg");
  EXPECT_GE(panels.size(), 20U);
  for (const pugi::xpath_node& panel : panels) {
    SCOPED_TRACE(panel.node().attribute("aria-label").value());
    expect_tidy(panel.node());
  }
}

TEST(Plots, standAlone) {
  for (const std::string_view name : kPlotNames) {
    SCOPED_TRACE(name);
    const std::string text = svg_of(fixture(), name);
    pugi::xml_document svg;
    ASSERT_NO_FATAL_FAILURE(parse(text, svg));
    const pugi::xml_node root = svg.document_element();
    EXPECT_STREQ(root.name(), "svg");
    EXPECT_EQ(root.select_nodes("rect[@class='paper']").size(), 1U);
    EXPECT_GE(root.select_nodes("g").size(), 2U);
    expect_no_odd_numbers(text);
  }
  EXPECT_THROW(svg_of(fixture(), "weather"), std::runtime_error);
}

/// All texts of a result and of a promise are `name`.
std::string hostile_lines(const std::string& json_name) {
  std::string lines = R"({"kind":"machine","cpu":NAME,"command":NAME,"commit":NAME})"
                      "\n";
  for (const char* hosts : {"10", "1000"}) {
    for (const char* engine : {R"("muster")", "NAME"}) {
      lines += fmt::format(
          R"({{"kind":"result","cell":NAME,"workload":NAME,"engine":{},"preset":NAME,)"
          R"("durability":NAME,"input":NAME,"digest":NAME,"hosts":{},"events_per_second":5,)"
          R"("cpu_micros":3,"ratio":1,"latency_micros":{{"p50":1,"max":9}},)"
          R"("resident_bytes":9,"disk_bytes_per_host":4,"parts":{{NAME:1,"judge":2}},)"
          R"("counts":{{NAME:3}}}})"
          "\n",
          engine, hosts);
    }
  }
  lines += R"({"kind":"figure","figure":NAME,"preset":NAME,"bound":NAME,"measured":NAME,)"
           R"("verdict":NAME,"cell":NAME,"why":NAME})"
           "\n";
  return std::regex_replace(lines, std::regex("NAME"), json_name);
}

TEST(Page, escapesNames) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {R"("<script>alert(1)</script>")", "<script>alert(1)</script>"},
      {R"("\"'><svg onload='x'>&amp;")", "\"'><svg onload='x'>&amp;"},
      {R"("</style></details>]]>")", "</style></details>]]>"},
      {R"("a\u0000\u001bb")",
       "a\xEF\xBF\xBD\xEF\xBF\xBD"
       "b"},
      {'"' + std::string(200, 'W') + '"', std::string(200, 'W')},
  };
  for (const auto& [json, name] : names) {
    SCOPED_TRACE(name);
    const std::string lines = hostile_lines(json);
    const std::string text = page_of(lines);
    EXPECT_EQ(text.find("<script"), std::string::npos);
    EXPECT_EQ(text.find("<svg onload"), std::string::npos);
    pugi::xml_document page;
    ASSERT_NO_FATAL_FAILURE(parse(text, page));
    EXPECT_EQ(texts(page, "//table[@class='promises']/tbody/tr/td[1]").front(), name);
    EXPECT_EQ(texts(page, "//dl/dd").front(), name);
    for (const std::string_view plot : kPlotNames) {
      pugi::xml_document svg;
      ASSERT_NO_FATAL_FAILURE(parse(svg_of(lines, plot), svg));
    }
    for (const pugi::xpath_node& panel : page.select_nodes("//svg")) expect_tidy(panel.node());
  }
}

TEST(Page, saysWhenThereIsNothingToShow) {
  const std::string machine = R"({"kind":"machine","cpu":"one of these"})";
  for (const std::string& lines : {std::string(), std::string("\n \n"), machine}) {
    const std::string text = page_of(lines);
    pugi::xml_document page;
    ASSERT_NO_FATAL_FAILURE(parse(text, page));
    EXPECT_NE(text.find("There are no results"), std::string::npos) << lines;
    EXPECT_EQ(page.select_nodes("//section").size(), lines == machine ? 1U : 0U);
  }
}

TEST(Page, leavesOutWhatWasNotMeasured) {
  const std::string line = R"({"kind":"result","cell":"c","workload":"w","engine":"muster",)"
                           R"("hosts":10,"events_per_second":5,"latency_micros":{"p50":0}})";
  pugi::xml_document page;
  ASSERT_NO_FATAL_FAILURE(parse(page_of(line), page));
  EXPECT_EQ(texts(page, "//h2"), (std::vector<std::string>{"Throughput by engine", "All results"}));
  EXPECT_NE(svg_of(line, "throughput"), "");
  EXPECT_EQ(svg_of(line, "latency"), "");
}

TEST(Page, ignoresUnknownKeys) {
  const std::string lines = fixture();
  const std::string more = std::regex_replace(lines, std::regex("\"kind\": \""),
                                              "\"colour\": {\"of\": [null]}, \"kind\": \"");
  ASSERT_NE(more, lines);
  EXPECT_EQ(page_of(more), page_of(lines));
}

TEST(Page, isNotBegunWhereALineIsBroken) {
  std::istringstream results(fixture() + "{\"kind\":\n");
  std::ostringstream page;
  EXPECT_THROW(write_report(results, page), std::runtime_error);
  EXPECT_EQ(page.str(), "");
}

TEST(Ratios, areAgainstMusterWhicheverEngineIsFirst) {
  const std::string lines =
      R"({"kind":"result","cell":"c","workload":"w","engine":"lmdb","cpu_micros":9,"ratio":1})"
      "\n"
      R"({"kind":"result","cell":"c","workload":"w","engine":"muster","cpu_micros":3,"ratio":0.3})"
      "\n";
  pugi::xml_document svg;
  ASSERT_NO_FATAL_FAILURE(parse(svg_of(lines, "cpu_ratio"), svg));
  EXPECT_EQ(texts(svg, "//g/text[starts-with(@class,'label')]"),
            (std::vector<std::string>{"lmdb", "muster", "3x", "1x"}));
}

class Command : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "muster-report-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  void run(std::vector<std::string> arguments) {
    CLI::App app;
    add_report_command(app);
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
  }

  std::filesystem::path folder_;
};

TEST_F(Command, writesThePageAndThePlots) {
  run({"report", REPORT_TESTDATA "/run.jsonl", "-o", path("page.html"), "--svg-folder",
       path("plots")});
  EXPECT_EQ(std::filesystem::file_size(path("page.html")), page_of(fixture()).size());
  for (const std::string_view name : kPlotNames) {
    const std::string file = path("plots") + fmt::format("/{}.svg", name);
    EXPECT_EQ(std::filesystem::file_size(file), svg_of(fixture(), name).size());
  }
}

TEST_F(Command, writesNothingForResultsThatCannotBeRead) {
  std::ofstream(path("broken.jsonl")) << "{}\n";
  try {
    run({"report", path("broken.jsonl"), "-o", path("page.html")});
    FAIL() << "was read";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), path("broken.jsonl") + ": results, line 1: has no 'kind'");
  }
  EXPECT_FALSE(std::filesystem::exists(path("page.html")));
  EXPECT_THROW(run({"report", path("absent.jsonl"), "-o", path("page.html")}), std::runtime_error);
  EXPECT_THROW(run({"report", path("broken.jsonl")}), CLI::ParseError);
}

}  // namespace
}  // namespace muster::bench::report
