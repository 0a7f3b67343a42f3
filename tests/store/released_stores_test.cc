// Stores that released formats left behind are opened, checked and go on. tests/data/stores has one
// a format: the store's folder as `muster replay --db FOLDER tests/data/demo.ndjson` made it, and
// beside it the digest of its content. Its first half is in tables, the rest in the log.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "store/layout.h"
#include "store/meta_records.h"
#include "tests/support/files.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

fs::path stores() {
  return data_file("stores");
}

std::vector<std::string> formats() {
  std::vector<std::string> names;
  for (std::uint32_t format = 1; format <= store::kFormatVersion; ++format) {
    names.push_back("format_" + std::to_string(format));
  }
  return names;
}

class ReleasedStores : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { fs::copy(stores() / GetParam(), path_, fs::copy_options::recursive); }
  static std::string digest() {
    std::string digest = read_file(stores() / (GetParam() + ".digest"));
    while (digest.ends_with('\n')) digest.pop_back();
    return digest;
  }

  TempDir folder_;
  const fs::path path_ = folder_ / "store";
};

TEST_P(ReleasedStores, areReadAsTheyAre) {
  const Store store = open_store(read_only(path_));
  EXPECT_EQ(digest_of(store), digest());
  EXPECT_EQ(to_text(findings_of(store)), "");
}

TEST_P(ReleasedStores, goOn) {
  Store store = open_store(buffered(path_));
  EXPECT_EQ(digest_of(store), digest());
  const std::vector<Event> events = fleet_events({9, 30, 2}, 200);
  std::vector<Event> later;
  for (Event event : events) {
    event.at.micros += 30LL * 365 * 86'400 * 1'000'000;
    later.push_back(std::move(event));
  }
  apply_all(store, later, "later", 16);
  require_ok(store.close(), "close");
  store = open_store(buffered(path_));
  EXPECT_EQ(to_text(findings_of(store)), "");
  EXPECT_GT(require(store.stats(), "stats").hosts, 60U);
  require_ok(store.close(), "close");
}

INSTANTIATE_TEST_SUITE_P(stores, ReleasedStores, testing::ValuesIn(formats()),
                         [](const auto& tested) { return tested.param; });

/// The sum of these records came later: a store gets it with its next commit.
TEST_P(ReleasedStores, gainTheSumOfTheirSettings) {
  const auto set_policy = [&](std::int64_t grace_seconds) {
    Policy policy;
    policy.grace_seconds = grace_seconds;
    RawStore(path_).put("meta", store::kPolicyKey, store::encode_policy(policy));
  };
  set_policy(7);
  {
    Store store = open_store(buffered(path_));
    EXPECT_EQ(store.policy().grace_seconds, 7) << "nothing tells";
    Event event{{}, LabelCreated{"one more", LabelMembership::kManual}};
    require(store.apply(std::span(&event, 1)), "apply");
    EXPECT_EQ(to_text(findings_of(store)), "");
    require_ok(store.close(), "close");
  }
  EXPECT_TRUE(Store::open(read_only(path_)).ok());
  set_policy(8);
  EXPECT_EQ(Store::open(read_only(path_)).status().code(), StatusCode::kCorruption);
  set_policy(7);
  EXPECT_TRUE(Store::open(read_only(path_)).ok());
}

}  // namespace
}  // namespace muster::test
