// Catalog items: the catalog that is read is the one that was written, and damage is refused.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "core/catalog.h"
#include "store/catalog_records.h"
#include "store/database.h"
#include "store/layout.h"
#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/record_damage.h"
#include "tests/support/store_subject.h"

namespace muster::store {
namespace {

using core::Catalog;
using core::LabelNumber;
using core::ProfileNumber;
using core::VersionNumber;
using test::RandomValues;
using Items = std::map<std::string, std::string>;

Items items_of(const Catalog& catalog) {
  Items items;
  for (const auto& [name, label] : catalog.labels()) {
    items[label_key(label->number)] = encode_label(*label);
  }
  for (const auto& version : catalog.versions()) {
    items[version_key(version->number)] = encode_version(*version);
  }
  for (const auto& [uuid, profile] : catalog.profiles()) {
    items[profile_key(profile->number())] = encode_profile(*profile);
  }
  for (const auto& [id, team] : catalog.teams()) items[team_key(id)] = encode_team(id, team);
  items[std::string(kCatalogCountersKey)] = encode_catalog_counters(catalog);
  return items;
}

/// A catalog with edits, deletions and broken references, made by events.
Catalog make_catalog(RandomValues& random) {
  Catalog catalog;
  core::CatalogChanges changes;
  std::string why;
  Sequence sequence = 0;
  for (int i = 0; i < 6; ++i) {
    const auto membership = static_cast<LabelMembership>(1 + random.below(3));
    catalog.create_label({"label " + std::to_string(i) + random.text(), membership},
                         Timestamp{random.signed_number() >> 12}, changes);
  }
  std::vector<std::string> names;
  for (const auto& [name, label] : catalog.labels()) names.push_back(name);
  for (int i = 0; i < 12; ++i) {
    ProfileUploaded upload;
    upload.profile_uuid = "p" + std::to_string(random.below(1000)) + "-" + std::to_string(i);
    upload.team_id = static_cast<TeamId>(random.below(3));
    upload.identifier = "com.example." + std::to_string(i) + random.text();
    upload.name = "Profile " + std::to_string(i) + random.text();
    for (auto& byte : upload.checksum) byte = static_cast<std::uint8_t>(random.number());
    upload.uploaded_at = Timestamp{random.signed_number()};
    upload.scope = random.chance(50) ? Scope::kSystem : Scope::kUser;
    if (random.chance(30)) upload.labels_include_all = {names[random.below(names.size())]};
    if (random.chance(30)) upload.labels_exclude_any = {names[random.below(names.size())]};
    if (random.chance(30)) upload.secrets_updated_at = Timestamp{random.signed_number()};
    upload.per_host_variables = random.chance(50);
    EXPECT_EQ(catalog.upload_profile(upload, {}, ++sequence, changes, why), Outcome::kApplied)
        << why;
    if (random.chance(40)) {
      upload.checksum[0] ^= 1;
      EXPECT_EQ(catalog.upload_profile(upload, {}, ++sequence, changes, why), Outcome::kApplied)
          << why;
    }
    if (random.chance(20)) catalog.delete_profile(upload.profile_uuid, ++sequence, changes);
  }
  catalog.delete_label({names[0]}, ++sequence, changes);
  catalog.set_fleet_epoch(sequence);
  return catalog;
}

class CatalogRecords : public testing::Test {
 protected:
  CatalogRecords() {
    std::cout << "MUSTER_SEED=" << seed_ << '\n';
    DatabaseOptions options;
    options.path = folder_.path();
    database_ = test::require(Database::open(options), "open");
  }

  void store(const Items& items) {
    Batch batch(*database_);
    batch.remove_range(Family::kCatalog, std::string(1, '\0'), std::string(1, '\xFF'));
    for (const auto& [key, sealed] : items) batch.put(Family::kCatalog, key, sealed);
    test::require_ok(database_->write(batch, false), "write");
  }
  void put(const std::string& key, std::string_view sealed) {
    Batch batch(*database_);
    batch.put(Family::kCatalog, key, sealed);
    test::require_ok(database_->write(batch, false), "write");
  }
  Result<Catalog> load() { return load_catalog(*database_, nullptr); }

  /// The catalog with one item put under a key is refused, naming the key.
  void expect_refused(const std::string& key, const std::string& sealed, const std::string& words) {
    store(items_of(catalog_));
    ASSERT_TRUE(load().ok());
    put(key, sealed);
    const auto loaded = load();
    ASSERT_FALSE(loaded.ok()) << words << ": accepted";
    EXPECT_EQ(loaded.status().code(), StatusCode::kCorruption);
    EXPECT_NE(loaded.status().message().find("family catalog, item "), std::string::npos);
    EXPECT_NE(loaded.status().message().find(words), std::string::npos)
        << loaded.status().to_string();
  }

  const std::uint64_t seed_ = test::seed_or(99);
  RandomValues random_{seed_};
  const Catalog catalog_ = make_catalog(random_);
  test::TempDir folder_;
  std::shared_ptr<Database> database_;
};

TEST_F(CatalogRecords, RoundTrip) {
  for (int i = 0; i < 50; ++i) {
    const Catalog catalog = make_catalog(random_);
    const Items items = items_of(catalog);
    store(items);
    const auto loaded = load();
    ASSERT_TRUE(loaded.ok()) << loaded.status().to_string();
    EXPECT_EQ(items_of(*loaded), items);
    EXPECT_EQ(loaded->newest_epoch(), catalog.newest_epoch());
    EXPECT_EQ(loaded->fleet_epoch(), catalog.fleet_epoch());
    EXPECT_EQ(loaded->next_label(), catalog.next_label());
    EXPECT_EQ(loaded->profile_numbers(), catalog.profile_numbers());
    for (const auto& [uuid, profile] : catalog.profiles()) {
      const core::Profile* other = loaded->find_profile(uuid);
      ASSERT_NE(other, nullptr);
      EXPECT_EQ(other->broken(), profile->broken());
      EXPECT_EQ(loaded->earliest_upload(other->version->checksum),
                catalog.earliest_upload(profile->version->checksum));
    }
    for (const auto& [id, team] : catalog.teams()) {
      const core::Team* other = loaded->find_team(id);
      ASSERT_NE(other, nullptr);
      EXPECT_EQ(other->labels, team.labels);
      EXPECT_EQ(other->profiles.size(), team.profiles.size());
    }
  }
}

TEST_F(CatalogRecords, RefuseEveryCutAndEveryFlippedBit) {
  const Items items = items_of(catalog_);
  store(items);
  std::map<char, int> tried;
  for (const auto& [key, sealed] : items) {
    if (tried[key[0]]++ == 1) continue;
    test::expect_damage_refused(sealed, [&](std::string_view bytes) {
      put(key, bytes);
      return load().ok();
    });
    if (HasFatalFailure()) FAIL() << "item " << key[0];
    put(key, sealed);
  }
  EXPECT_EQ(tried.size(), 5u);
}

TEST_F(CatalogRecords, RefuseAnItemUnderAnotherKey) {
  const Items items = items_of(catalog_);
  for (const auto& [key, sealed] : items) {
    if (key == kCatalogCountersKey) continue;
    std::string other = key;
    other.back() = static_cast<char>(other.back() + 100);
    expect_refused(other, sealed, "checksum");
  }
}

TEST_F(CatalogRecords, RefuseKeysOfNoKind) {
  expect_refused("X", "", "no known kind");
  expect_refused(std::string("T\0\0", 3), encode_team(0, {}), "checksum");
}

TEST_F(CatalogRecords, RefuseLabelsWithoutMeaning) {
  const core::Label label{LabelNumber{50}, "a new label", LabelMembership::kManual, {}};
  for (const int membership : {0, 4, 255}) {
    core::Label wrong = label;
    wrong.membership = static_cast<LabelMembership>(membership);
    expect_refused(label_key(label.number), encode_label(wrong), "not a label");
  }
  core::Label broken = label;
  broken.number = core::kBrokenLabel;
  expect_refused(label_key(broken.number), encode_label(broken), "not a label");
}

TEST_F(CatalogRecords, RefuseTwoLabelsOfOneName) {
  core::Label twin = *catalog_.labels().begin()->second;
  twin.number = LabelNumber{60};
  expect_refused(label_key(twin.number), encode_label(twin), "label");
}

TEST_F(CatalogRecords, RefuseVersionsThatLeaveAGap) {
  core::ProfileVersion version = *catalog_.versions().back();
  version.number = VersionNumber{core::to_integer(version.number) + 2};
  expect_refused(version_key(version.number), encode_version(version), "next profile version");
}

TEST_F(CatalogRecords, RefuseVersionsOfUnknownProfiles) {
  core::ProfileVersion version = *catalog_.versions().back();
  version.number = VersionNumber{core::to_integer(version.number) + 1};
  for (const std::size_t profile : {std::size_t{0}, catalog_.profile_numbers() + 2}) {
    version.profile = ProfileNumber{static_cast<std::uint32_t>(profile)};
    expect_refused(version_key(version.number), encode_version(version), "next profile version");
  }
}

TEST_F(CatalogRecords, RefuseOneProfileNumberForTwoUuids) {
  core::ProfileVersion version = *catalog_.versions().back();
  version.number = VersionNumber{core::to_integer(version.number) + 1};
  version.profile_uuid += "-other";
  expect_refused(version_key(version.number), encode_version(version), "profile version");
}

TEST_F(CatalogRecords, RefuseTwoProfileNumbersForOneUuid) {
  core::ProfileVersion version = *catalog_.versions().back();
  version.number = VersionNumber{core::to_integer(version.number) + 1};
  version.profile = ProfileNumber{static_cast<std::uint32_t>(catalog_.profile_numbers() + 1)};
  expect_refused(version_key(version.number), encode_version(version), "profile version");
}

TEST_F(CatalogRecords, RefuseProfilesWithoutMeaning) {
  const core::Profile profile = *catalog_.profiles().begin()->second;
  const std::string key = profile_key(profile.number());
  for (const int scope : {0, 3}) {
    core::Profile wrong = profile;
    wrong.scope = static_cast<Scope>(scope);
    expect_refused(key, encode_profile(wrong), "not a profile");
  }
  core::Profile wrong = profile;
  wrong.include_mode = static_cast<core::IncludeMode>(3);
  expect_refused(key, encode_profile(wrong), "not a profile");
}

TEST_F(CatalogRecords, RefuseProfilesOfUnknownVersions) {
  const core::Profile profile = *catalog_.profiles().begin()->second;
  for (const std::size_t number : {std::size_t{0}, catalog_.versions().size() + 1}) {
    auto version = std::make_shared<core::ProfileVersion>(*profile.version);
    version->number = VersionNumber{static_cast<std::uint32_t>(number)};
    core::Profile wrong = profile;
    wrong.version = version;
    expect_refused(profile_key(profile.number()), encode_profile(wrong), "unknown version");
  }
}

TEST_F(CatalogRecords, RefuseTheVersionOfAnotherProfile) {
  const core::Profile first = *catalog_.profiles().begin()->second;
  const core::Profile last = *catalog_.profiles().rbegin()->second;
  auto version = std::make_shared<core::ProfileVersion>(*last.version);
  version->profile = first.number();
  core::Profile wrong = first;
  wrong.version = version;
  expect_refused(profile_key(first.number()), encode_profile(wrong), "contradicts");
}

}  // namespace
}  // namespace muster::store
