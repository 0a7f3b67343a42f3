// What cannot be opened says why, names the place and stays as it was.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "muster/store.h"
#include "tests/support/files.h"
#include "tests/support/store_subject.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

class OpenErrors : public ::testing::Test {
 protected:
  OpenErrors() { options_.path = folder_.path() / "store"; }

  void make_store() {
    Store store = require(Store::open(options_), "open");
    const std::vector<Event> events = {{Timestamp{1}, LabelCreated{"kept"}}};
    require(store.apply(events), "apply");
    require_ok(store.close(), "close");
  }

  void expect_store_kept() {
    const Store store = require(Store::open(options_), "open");
    EXPECT_EQ(require(store.stats(), "stats").labels, 1U);
  }

  void expect_error(StatusCode code, const std::string& what) {
    const auto opened = Store::open(options_);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(name_of(opened.status().code()), name_of(code)) << opened.status().to_string();
    EXPECT_THAT(std::string(opened.status().message()), ::testing::HasSubstr(what));
  }

  TempDir folder_;
  StoreOptions options_;
};

TEST_F(OpenErrors, aFile) {
  write_file(options_.path, "text");
  expect_error(StatusCode::kNotAStore, options_.path.string());
  EXPECT_EQ(read_file(options_.path), "text");
}

TEST_F(OpenErrors, aFolderOfSomethingElse) {
  fs::create_directory(options_.path);
  write_file(options_.path / "letter.txt", "text");
  expect_error(StatusCode::kNotAStore, "letter.txt");
  EXPECT_EQ(std::distance(fs::directory_iterator(options_.path), {}), 1);
}

TEST_F(OpenErrors, nothing) {
  options_.create_if_missing = false;
  expect_error(StatusCode::kNotFound, options_.path.string());
  EXPECT_FALSE(fs::exists(options_.path));
  options_.create_if_missing = true;
  options_.read_only = true;
  expect_error(StatusCode::kNotFound, options_.path.string());
  EXPECT_FALSE(fs::exists(options_.path));
}

TEST_F(OpenErrors, noPath) {
  options_.path.clear();
  expect_error(StatusCode::kInvalidArgument, "path");
}

TEST_F(OpenErrors, aPlaceThatTakesNoFiles) {
  options_.path = "/proc/muster-store";
  expect_error(StatusCode::kIoError, "/proc/muster-store");
}

TEST_F(OpenErrors, aNewerFormat) {
  make_store();
  fs::path marker;
  for (const auto& entry : fs::directory_iterator(options_.path)) {
    if (entry.is_regular_file() && read_file(entry.path()).starts_with("format ")) {
      marker = entry.path();
    }
  }
  ASSERT_FALSE(marker.empty());
  const std::string text = read_file(marker);
  write_file(marker, "format 99" + text.substr(text.find('\n')));
  expect_error(StatusCode::kFormatTooNew, "99");
  expect_error(StatusCode::kFormatTooNew, options_.path.string());
  write_file(marker, "nonsense\n");
  expect_error(StatusCode::kCorruption, marker.string());
  write_file(marker, text);
  expect_store_kept();
}

TEST_F(OpenErrors, anotherPolicy) {
  make_store();
  options_.policy = Policy();
  options_.policy->max_retries_apple = 7;
  expect_error(StatusCode::kPolicyMismatch, "max_retries_apple=7");
  expect_error(StatusCode::kPolicyMismatch, "max_retries_apple=1");
  options_.policy.reset();
  expect_store_kept();
}

TEST_F(OpenErrors, aPolicyOutOfRange) {
  options_.policy = Policy();
  options_.policy->max_retries_apple = kRetriesMax + 1;
  expect_error(StatusCode::kInvalidArgument, "max_retries_apple");
  EXPECT_FALSE(fs::exists(options_.path));
}

TEST_F(OpenErrors, aStoreInUse) {
  const Store store = require(Store::open(options_), "open");
  expect_error(StatusCode::kBusy, options_.path.string());
}

TEST_F(OpenErrors, changesOfAReadOnlyStore) {
  make_store();
  options_.read_only = true;
  Store store = require(Store::open(options_), "open");
  const std::vector<Event> events = {{Timestamp{2}, LabelDeleted{"kept"}}};
  EXPECT_EQ(store.apply(events).status().code(), StatusCode::kReadOnly);
  EXPECT_EQ(require(store.stats(), "stats").labels, 1U);
}

TEST_F(OpenErrors, callsAfterClose) {
  Store store = require(Store::open(options_), "open");
  require_ok(store.close(), "close");
  const std::vector<Event> events = {{Timestamp{2}, LabelDeleted{"kept"}}};
  EXPECT_EQ(store.apply(events).status().code(), StatusCode::kClosed);
  EXPECT_EQ(store.snapshot().status().code(), StatusCode::kClosed);
  EXPECT_EQ(store.stats().status().code(), StatusCode::kClosed);
}

}  // namespace
}  // namespace muster::test
