// The source tree keeps the project's rules.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "tests/support/places.h"
#include "tests/tidy/rules.h"

namespace muster::test {
namespace {

using Rule = std::function<Violations(const Source&)>;

const std::vector<Source>& tree() {
  static const std::vector<Source> kTree = read_tree(test::source_dir());
  return kTree;
}

std::string breaches(const Rule& rule) {
  Violations all;
  for (const Source& source : tree()) {
    for (Violation& violation : rule(source)) all.push_back(std::move(violation));
  }
  return to_text(all);
}

TEST(Tree, isRead) {
  std::map<std::string, int> files;
  for (const Source& source : tree()) ++files[source.path.substr(0, source.path.find('/'))];
  EXPECT_GE(files["src"], 30);
  EXPECT_GE(files["include"], 7);
  EXPECT_GE(files["tests"], 10);
}

TEST(Tree, includesAsTheArchitectureSays) {
  EXPECT_EQ(breaches(check_includes), "");
}

TEST(Tree, namesTheEngineInOneFolder) {
  EXPECT_EQ(breaches(check_engine_names), "");
}

TEST(Tree, callsNothingBanned) {
  EXPECT_EQ(breaches(check_calls), "");
}

TEST(Tree, keepsLinesAndFilesShort) {
  EXPECT_EQ(breaches(check_lines), "");
}

TEST(Tree, keepsFunctionsShort) {
  EXPECT_EQ(breaches(check_functions), "");
}

TEST(Tree, isAscii) {
  EXPECT_EQ(breaches(check_ascii), "");
}

TEST(Tree, guardsItsHeaders) {
  EXPECT_EQ(breaches(check_pragma_once), "");
}

TEST(Tree, hasNothingLeftOver) {
  EXPECT_EQ(breaches(check_markers), "");
}

TEST(Tree, buildsEveryTest) {
  std::set<std::string> folders;
  for (const Source& source : tree()) {
    if (source.path == "tests/CMakeLists.txt") folders = built_folders(source.text);
  }
  ASSERT_GE(folders.size(), 5U);
  folders.insert("fuzz");  // a program a format, by its own CMakeLists.txt
  EXPECT_EQ(breaches([&](const Source& source) { return check_built(source, folders); }), "");
}

}  // namespace
}  // namespace muster::test
