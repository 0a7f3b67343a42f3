// Each file below tests/data/foreign/FORMAT, as its reader tells it: FILE.told. To write the files
// anew after a change: MUSTER_WRITE_GOLDEN=1 muster_unit_tests --gtest_filter='*Golden*', and read
// the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "replay/statement_source.h"
#include "tests/support/files.h"
#include "tests/support/places.h"
#include "tests/support/store_tools.h"
#include "tests/support/told.h"

namespace muster::recording {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = test::source_dir() + "/tests/data/foreign";

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
    const bool in_format = entry.path().parent_path() != kFolder;
    if (entry.is_regular_file() && in_format && entry.path().extension() != ".told") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string told_of_file(const fs::path& file) {
  const HostMap hosts = test::require(HostMap::read(kFolder / "hosts.ndjson"), "hosts");
  auto format = recording_format_of(file.parent_path().filename().string());
  auto source = test::require(open_source(file, {}, hosts, format), "open");
  test::Told told;
  std::string text;
  for (bool more = true; more;) {
    more = test::require(source->read(told), "read");
    const std::string lines = told.take();
    if (more || !lines.empty()) {
      text +=
          (more ? "@" + std::to_string(source->document().offset) : "at the end") + "\n" + lines;
    }
  }
  return text;
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, isToldAsBefore) {
  const fs::path expected = GetParam().string() + ".told";
  const std::string told = told_of_file(GetParam());
  EXPECT_EQ(told.find("CANARY"), std::string::npos);
  if (std::getenv("MUSTER_WRITE_GOLDEN") != nullptr) test::write_file(expected.string(), told);
  EXPECT_EQ(told, test::read_file(expected.string()));
}

INSTANTIATE_TEST_SUITE_P(Foreign, Golden, testing::ValuesIn(golden_files()),
                         [](const testing::TestParamInfo<fs::path>& file) {
                           std::string name = file.param.parent_path().filename().string() + '_' +
                                              file.param.filename().string();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(ForeignFormats, areToldByContent) {
  for (const fs::path& file : golden_files()) {
    const auto found = test::require(detect_format(file), "detect");
    const std::string name = file.parent_path().filename().string();
    // A report without its message, and text in UTF-16: nothing tells what they are.
    if (file.filename() == "apple_ddm_status.json" || file.filename() == "two_byte_text.plist") {
      EXPECT_FALSE(found.has_value());
      continue;
    }
    ASSERT_TRUE(found.has_value()) << file;
    EXPECT_EQ(name_of(*found), name) << file;
  }
}

}  // namespace
}  // namespace muster::recording
