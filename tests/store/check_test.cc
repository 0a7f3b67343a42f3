// One thing changed below a closed store: opening refuses, or check() names it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "store/catalog_records.h"
#include "store/database.h"
#include "store/group_record.h"
#include "store/host_record.h"
#include "store/layout.h"
#include "store/meta_records.h"
#include "store/store_directory.h"
#include "tests/support/files.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

/// A store with hosts in all states: closed, and as a crash leaves it, with its groups.
struct Originals {
  Originals() {
    FleetOptions options;
    options.seed = 5;
    options.hosts = 300;
    events = fleet_events(options, 3'000);
    wait_for_user_channels();
    Store store = open_store(buffered(folder / "closed"));
    apply_all(store, events, "fleet", 64);
    EXPECT_TRUE(copy_store(folder / "closed", folder / "crashed"));
    require_ok(store.close(), "close");
    store::DatabaseOptions database;
    database.path = store::data_path(folder / "closed");
    database.read_only = true;
    catalog =
        require(store::load_catalog(*require(store::Database::open(database), "database"), nullptr),
                "catalog");
  }
  /// Hosts whose next visit has a time.
  void wait_for_user_channels() {
    Timestamp at;
    for (const Event& event : events) at = std::max(at, event.at);
    LabelCreated label{"last", LabelMembership::kManual};
    events.push_back({at, label});
    for (TeamId team = 0; team < 4; ++team) {
      ProfileUploaded profile;
      profile.profile_uuid = "waits-" + std::to_string(team);
      profile.team_id = team;
      profile.identifier = profile.name = profile.profile_uuid;
      profile.scope = Scope::kUser;
      profile.uploaded_at = at;
      events.push_back({at, profile});
      HostAdded host;
      host.host_uuid = "waits-" + std::to_string(team);
      host.team_id = team;
      events.push_back({at, host});
    }
    events.push_back({at, Reconciled()});
    events.push_back({at, HostTransferred{"waits-0", 1}});
  }
  TempDir folder;
  std::vector<Event> events;
  core::Catalog catalog;
};

const Originals& originals() {
  static const Originals kOriginals;
  return kOriginals;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Check : public testing::Test {
 protected:
  using Change = std::function<void(RawStore&)>;

  void damage(const Change& change, const char* original = "closed") {
    fs::remove_all(path_);
    fs::copy(originals().folder / original, path_, fs::copy_options::recursive);
    RawStore raw(path_);
    change(raw);
  }

  /// Opening names the place.
  void expect_refused(const std::string& place, const std::string& why) {
    const auto store = Store::open(read_only(path_));
    ASSERT_FALSE(store.ok()) << place << ": opened";
    EXPECT_EQ(store.status().code(), StatusCode::kCorruption) << store.status().to_string();
    const std::string message(store.status().message());
    EXPECT_NE(message.find(place), std::string::npos) << message;
    EXPECT_NE(message.find(why), std::string::npos) << message;
    EXPECT_EQ(Store::open(buffered(path_)).status().code(), StatusCode::kCorruption);
  }

  /// check() names the family and the key once; besides there are findings in `besides` only.
  void expect_found(const std::string& family, const std::string& key, const std::string& what,
                    Names besides = {}) {
    const std::vector<Finding> all = findings_of(open_store(read_only(path_)));
    const auto wanted = [&](const Finding& finding) {
      return finding.family == family && finding.key == key &&
             finding.what.find(what) != std::string::npos;
    };
    EXPECT_EQ(std::count_if(all.begin(), all.end(), wanted), 1)
        << "wanted " << family << " / " << key << ": " << what << "\n"
        << to_text(all);
    besides.insert(family);
    for (const Finding& finding : all) {
      EXPECT_TRUE(besides.contains(finding.family)) << to_text({finding});
    }
  }

  static std::string first_key(const RawStore& raw, std::string_view family, char prefix) {
    for (const auto& [key, value] : raw.all(family)) {
      if (key[0] == prefix) return key;
    }
    ADD_FAILURE() << "the fleet has no such key in " << family;
    return {};
  }
  static std::string words_of_due(std::string_view due_key) {
    const auto due = store::parse_due_key(due_key);
    const bool now = due_key[0] == store::kDueNowPrefix;
    return (now ? "now" : to_string(due->due)) + ", host " + std::string(due->host_uuid);
  }
  static std::string words_of_failed(std::string_view failed_key) {
    const auto failed = store::parse_failed_key(failed_key);
    return "profile " + originals().catalog.profile_uuid(failed->profile) + ", host " +
           std::string(failed->host_uuid);
  }
  /// A host with rows, a failed one among them if asked.
  static core::Host some_host(const RawStore& raw, bool failed = false) {
    for (const auto& [uuid, sealed] : raw.all("hosts")) {
      core::Host host = require(store::decode_host(uuid, sealed, originals().catalog), "host");
      const bool has_failed = std::any_of(host.slots.begin(), host.slots.end(), [](const auto& s) {
        return s.status() == DeliveryStatus::kFailed;
      });
      if (host.slots.size() > 1 && host.apple() && (!failed || has_failed)) return host;
    }
    throw std::runtime_error("the fleet has no such host");
  }
  /// Changes the state page and seals it again.
  void change_state(const std::function<void(store::Committed&)>& change) {
    damage([&](RawStore& raw) {
      store::Committed committed;
      require_ok(store::decode_state_page(*raw.get("pages", "s"), committed), "state page");
      change(committed);
      raw.put("pages", "s", store::encode_state_page(committed));
    });
  }

  TempDir folder_;
  const fs::path path_ = folder_ / "store";
};

TEST_F(Check, TheFleetHasHostsInAllStates) {
  const RawStore raw(originals().folder / "crashed");
  EXPECT_GT(raw.all("groups").size(), 20u);
  std::set<DeliveryStatus> statuses;
  std::size_t details = 0;
  for (const auto& [uuid, sealed] : raw.all("hosts")) {
    const auto host = require(store::decode_host(uuid, sealed, originals().catalog), "host");
    for (const core::Slot& slot : host.slots) statuses.insert(slot.status());
    details += host.details.size();
  }
  EXPECT_EQ(statuses.size(), 5u);
  EXPECT_GT(details, 10u);
}

TEST_F(Check, AnUnharmedStoreHasNoFinding) {
  for (const char* original : {"closed", "crashed"}) {
    damage([](RawStore&) {}, original);
    EXPECT_EQ(to_text(findings_of(open_store(read_only(path_)))), "");
    for (int round = 0; round < 2; ++round) {
      Store store = open_store(buffered(path_));
      EXPECT_EQ(to_text(findings_of(store)), "");
      EXPECT_EQ(to_text(findings_of(open_store(read_only(path_)))), "") << "beside the writer";
      require_ok(store.close(), "close");
    }
  }
}

TEST_F(Check, FindsNothingWhileEventsAreApplied) {
  Store store = open_store(buffered(path_), small_windows());
  std::thread writer([&] { apply_all(store, originals().events, "fleet", 16); });
  Sequence sequence = 0;
  while (sequence < originals().events.size()) {
    EXPECT_EQ(to_text(findings_of(store)), "");
    sequence = require(store.snapshot(), "snapshot").sequence();
  }
  writer.join();
  EXPECT_EQ(to_text(findings_of(store)), "");
}

TEST_F(Check, StopsWhenTheVisitorHasSeenEnough) {
  damage([](RawStore& raw) {
    for (const auto& [key, value] : raw.all("due")) raw.remove("due", key);
    for (const auto& [key, value] : raw.all("failed")) raw.remove("failed", key);
  });
  const Store store = open_store(read_only(path_));
  int seen = 0;
  const auto count = require(store.check([&](const Finding&) { return ++seen < 3; }), "check");
  EXPECT_EQ(count, 3u);
  EXPECT_EQ(seen, 3);
  EXPECT_GT(require(store.check({}), "check"), 3u) << "nobody listens, nobody ends it";
}

TEST_F(Check, ABitInADueKey) {
  std::string key;
  for (const char kind : {store::kDueNowPrefix, store::kDueLaterPrefix}) {
    damage([&](RawStore& raw) {
      key = first_key(raw, "due", kind);
      raw.remove("due", key);
      raw.put("due", with_bit_flipped(key, key.size() * 8 - 8), "");
    });
    expect_found("due", words_of_due(key), "the key is missing");
    expect_found("due", words_of_due(with_bit_flipped(key, key.size() * 8 - 8)),
                 "no host record says so");
  }
  damage([&](RawStore& raw) {
    key = first_key(raw, "due", store::kDueLaterPrefix);
    raw.remove("due", key);
    raw.put("due", with_bit_flipped(key, 8 * 8), "");
  });
  expect_found("due", words_of_due(with_bit_flipped(key, 8 * 8)), "no host record says so");
  damage([&](RawStore& raw) {
    key = first_key(raw, "due", store::kDueNowPrefix);
    raw.remove("due", key);
    raw.put("due", with_bit_flipped(key, 1), "");
  });
  expect_found("due", "\\x02" + key.substr(1), "not a key of this family");
}

TEST_F(Check, ADueKeyDeleted) {
  std::string key;
  damage([&](RawStore& raw) {
    key = first_key(raw, "due", store::kDueNowPrefix);
    raw.remove("due", key);
  });
  expect_found("due", words_of_due(key), "the key is missing");
}

TEST_F(Check, ABitInAFailedKey) {
  std::string key;
  damage([&](RawStore& raw) {
    key = raw.all("failed").begin()->first;
    raw.remove("failed", key);
    raw.put("failed", with_bit_flipped(key, key.size() * 8 - 8), "");
  });
  expect_found("failed", words_of_failed(key), "the key is missing");
  expect_found("failed", words_of_failed(with_bit_flipped(key, key.size() * 8 - 8)),
               "no failed row says so");
  damage([&](RawStore& raw) { raw.put("failed", with_bit_flipped(key, 7), ""); });
  expect_found("failed",
               "\\x80" + std::string("\\x00\\x00\\x0") + std::to_string(key[3]) + key.substr(4),
               "not a key of this family");
}

TEST_F(Check, AFailedKeyDeleted) {
  std::string key;
  damage([&](RawStore& raw) {
    key = raw.all("failed").rbegin()->first;
    raw.remove("failed", key);
  });
  expect_found("failed", words_of_failed(key), "the key is missing");
}

TEST_F(Check, ABitInAHost) {
  const Names besides = {"due", "failed", "totals", "times"};
  std::string uuid;
  for (const std::size_t bit : {0u, 24u, 40u, 64u, 127u, 128u, 400u}) {
    damage([&](RawStore& raw) {
      uuid = some_host(raw).uuid;
      raw.put("hosts", uuid, with_bit_flipped(*raw.get("hosts", uuid), bit));
    });
    expect_found("hosts", "host " + uuid, "family hosts, host " + uuid, besides);
  }
}

TEST_F(Check, TwoHostsSwapped) {
  const Names besides = {"due", "failed", "totals", "times"};
  std::vector<std::string> uuids;
  damage([&](RawStore& raw) {
    for (const auto& [uuid, sealed] : raw.all("hosts")) uuids.push_back(uuid);
    const std::string first = *raw.get("hosts", uuids[10]);
    raw.put("hosts", uuids[10], *raw.get("hosts", uuids[20]));
    raw.put("hosts", uuids[20], first);
  });
  expect_found("hosts", "host " + uuids[10], "checksum", besides);
  expect_found("hosts", "host " + uuids[20], "checksum", besides);
}

TEST_F(Check, AHostDeleted) {
  core::Host host;
  damage([&](RawStore& raw) {
    host = some_host(raw, true);
    raw.remove("hosts", host.uuid);
  });
  const Names besides = {"due", "failed", "hosts", "totals", "times"};
  const std::string ordinal = std::to_string(core::to_integer(host.ordinal));
  expect_found("times", "ordinal " + ordinal, "no host has it", besides);
  expect_found("totals", "hosts", "stored", besides);
  expect_found("totals", "team " + std::to_string(host.team), "counted", besides);
  expect_found("hosts", "store digest", "do not add up", besides);
}

TEST_F(Check, AHostThatIsOlderThanTheRest) {
  std::string uuid;
  damage([&](RawStore& raw) {
    core::Host host = some_host(raw);
    uuid = host.uuid;
    host.reconciled ^= 1;
    raw.put("hosts", uuid, store::encode_host(host));
  });
  expect_found("hosts", "store digest", "do not add up");
}

TEST_F(Check, TwoHostsOfOneOrdinal) {
  std::string uuid;
  damage([&](RawStore& raw) {
    core::Host host = some_host(raw);
    host.uuid = uuid = host.uuid + "-twin";
    raw.put("hosts", uuid, store::encode_host(host));
  });
  expect_found("hosts", "host " + uuid, "another host has its ordinal",
               {"due", "failed", "totals"});
}

TEST_F(Check, ATotal) {
  TeamId team = 0;
  change_state([&](auto& state) {
    team = state.totals.teams.rbegin()->first;
    state.totals.teams[team].verified += 1;
  });
  expect_found("totals", "team " + std::to_string(team), "counted");
  core::ProfileNumber profile{};
  change_state([&](auto& state) {
    profile = state.totals.profiles.begin()->first;
    state.totals.profiles[profile].pending -= 1;
  });
  expect_found("totals", "profile " + originals().catalog.profile_uuid(profile), "counted");
  change_state([](auto& state) { state.totals.profiles[core::ProfileNumber{9999}].all = 3; });
  expect_found("totals", "profile 9999", "stored failed 0");
  change_state([](auto& state) { state.totals.hosts += 1; });
  expect_found("totals", "hosts", "stored");
  change_state([](auto& state) { state.totals.rows -= 1; });
  expect_found("totals", "rows", "stored");
  change_state([](auto& state) { state.totals.due += 1; });
  expect_found("totals", "due hosts", "stored");
}

TEST_F(Check, AFamilysSum) {
  change_state([](auto& state) { state.digest.restore(static_cast<std::uint32_t>(3), 1); });
  expect_found("hosts", "store digest", "do not add up");
}

TEST_F(Check, AStatePageThatIsGone) {
  damage([](RawStore& raw) { raw.remove("pages", "s"); });
  const auto store = Store::open(read_only(path_));
  if (!store.ok()) {
    EXPECT_EQ(store.status().code(), StatusCode::kCorruption);
    return;
  }
  EXPECT_NE(to_text(findings_of(*store)).find("totals / hosts"), std::string::npos);
}

TEST_F(Check, ATimesPage) {
  const std::string key = store::times_page_key(0);
  damage([&](RawStore& raw) {
    raw.put("pages", key, with_bit_flipped(*raw.get("pages", key), 16 * 8 + 1000));
  });
  expect_refused("family pages, times page 0", "checksum");
  damage(
      [&](RawStore& raw) { raw.put("pages", store::times_page_key(99), *raw.get("pages", key)); });
  expect_refused("family pages, t\\x00\\x00\\x00c", "no host has such an ordinal");
  damage([&](RawStore& raw) {
    store::HostTimes::Page page;
    require_ok(store::decode_times_page(key, *raw.get("pages", key), page), "times page");
    page[1].detail_updated_at += 1;
    raw.put("pages", key, store::encode_times_page(key, page));
  });
  expect_found("times", "store digest", "do not add up");
  damage([&](RawStore& raw) {
    store::HostTimes::Page page;
    require_ok(store::decode_times_page(key, *raw.get("pages", key), page), "times page");
    page[4000].detail_updated_at += 1;
    raw.put("pages", key, store::encode_times_page(key, page));
  });
  expect_found("times", "ordinal 4000", "no host has it");
  damage([&](RawStore& raw) { raw.remove("pages", key); });
  expect_found("times", "store digest", "do not add up");
}

TEST_F(Check, ABitInTheStatePage) {
  damage(
      [](RawStore& raw) { raw.put("pages", "s", with_bit_flipped(*raw.get("pages", "s"), 300)); });
  expect_refused("family pages, state page", "checksum");
}

TEST_F(Check, ACommand) {
  std::string uuid;
  const std::string key = store::command_key(core::CommandNumber{1});
  damage([&](RawStore& raw) {
    const std::string sealed = *raw.get("commands", key);
    uuid = require(store::decode_command(core::CommandNumber{1}, sealed), "command").uuid;
    raw.put("commands", key, with_bit_flipped(sealed, 200));
  });
  expect_found("commands", "command 1", "checksum");
  expect_found("commands", "command " + uuid, "does not lead back");
  damage([&](RawStore& raw) { raw.remove("commands", key); });
  expect_found("commands", "command " + uuid, "does not lead back");
  damage([&](RawStore& raw) {
    auto command = require(store::decode_command(core::CommandNumber{1}, *raw.get("commands", key)),
                           "command");
    command.version = core::VersionNumber{9999};
    raw.put("commands", key, store::encode_command(core::CommandNumber{1}, command));
  });
  expect_found("commands", "command 1", "unknown profile version");
  damage([&](RawStore& raw) { raw.put("commands", "n\1\2", *raw.get("commands", key)); });
  expect_found("commands", "n\\x01\\x02", "not a key of this family");
}

TEST_F(Check, ACommandsIndex) {
  std::string key;
  damage([&](RawStore& raw) {
    key = first_key(raw, "commands", store::kCommandUuidPrefix);
    raw.put("commands", key, with_bit_flipped(*raw.get("commands", key), 200));
  });
  const std::string words = "command " + key.substr(1);
  expect_found("commands", words, "checksum");
  expect_found("commands", words, "does not lead to number");
  damage([&](RawStore& raw) { raw.remove("commands", key); });
  expect_found("commands", words, "does not lead to number");
  damage([&](RawStore& raw) {
    auto index =
        require(store::decode_command_index(key.substr(1), *raw.get("commands", key)), "index");
    index.number = core::CommandNumber{core::to_integer(index.number) + 1};
    raw.put("commands", key, store::encode_command_index(key.substr(1), index));
  });
  expect_found("commands", words, "does not lead to number");
  expect_found("commands", words, "does not lead back");
  damage([&](RawStore& raw) {
    auto index =
        require(store::decode_command_index(key.substr(1), *raw.get("commands", key)), "index");
    index.profile = core::ProfileNumber{core::to_integer(index.profile) + 1};
    raw.put("commands", key, store::encode_command_index(key.substr(1), index));
  });
  expect_found("commands", words, "does not lead to number");
}

TEST_F(Check, ACatalogItem) {
  for (const char prefix : {'L', 'V', 'P', 'T', 'C'}) {
    std::string key;
    damage([&](RawStore& raw) {
      key = first_key(raw, "catalog", prefix);
      raw.put("catalog", key, with_bit_flipped(*raw.get("catalog", key), 150));
    });
    expect_refused(std::string("family catalog, item ") + prefix, "checksum");
  }
  damage([&](RawStore& raw) {
    core::Label label = *originals().catalog.labels().begin()->second;
    label.name += " renamed";
    raw.put("catalog", store::label_key(label.number), store::encode_label(label));
  });
  expect_found("catalog", "store digest", "do not add up");
  damage([](RawStore& raw) { raw.remove("catalog", "C"); });
  expect_found("catalog", "store digest", "do not add up");
}

TEST_F(Check, AVersionThatIsGone) {
  damage([](RawStore& raw) { raw.remove("catalog", store::version_key(core::VersionNumber{2})); });
  expect_refused("family catalog, item V\\x00\\x00\\x00\\x03", "next profile version");
}

TEST_F(Check, AGroup) {
  const std::string key = store::group_key(5);
  damage(
      [&](RawStore& raw) {
        raw.put("groups", key, with_bit_flipped(*raw.get("groups", key), 200));
      },
      "crashed");
  expect_refused("family groups, group 5", "checksum");
  damage([&](RawStore& raw) { raw.remove("groups", key); }, "crashed");
  expect_refused("family groups", "group 5 is missing");
  damage([&](RawStore& raw) { raw.put("groups", "short", *raw.get("groups", key)); }, "crashed");
  expect_refused("family groups, short", "is missing before it");
}

TEST_F(Check, TheLastGroupDeleted) {
  damage([](RawStore& raw) { raw.remove("groups", raw.all("groups").rbegin()->first); }, "crashed");
  const std::vector<Finding> all = findings_of(open_store(read_only(path_)));
  EXPECT_NE(to_text(all).find("hosts / store digest"), std::string::npos) << to_text(all);
}

TEST_F(Check, AMetaRecord) {
  for (const std::string key : {"format", "policy"}) {
    damage(
        [&](RawStore& raw) { raw.put("meta", key, with_bit_flipped(*raw.get("meta", key), 140)); });
    expect_refused("family meta, " + key, "checksum");
  }
  damage([](RawStore& raw) { raw.remove("meta", "policy"); });
  expect_refused("family meta, policy", "missing");
}

/// Whole in itself, and not the one that was written.
TEST_F(Check, AnotherPolicy) {
  Policy other;
  other.grace_seconds += 1;
  for (const char* original : {"closed", "crashed"}) {
    damage([&](RawStore& raw) { raw.put("meta", store::kPolicyKey, store::encode_policy(other)); },
           original);
    expect_refused("meta, store digest", "do not add up");
  }
}

TEST_F(Check, AFanOutThatHadEnded) {
  damage([](RawStore& raw) {
    store::FanOutRecord record;
    record.event = "{}";
    raw.put("meta", store::kFanOutKey, store::encode_fan_out(record));
    raw.put("meta", store::kFanOutProgressKey, store::encode_progress({}));
  });
  expect_refused("meta, store digest", "do not add up");
}

TEST_F(Check, AByteInAFileOfRocksDb) {
  damage([](RawStore&) {});
  require_ok(open_store(buffered(path_)).close(), "close");
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(store::data_path(path_))) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  }
  ASSERT_GE(tables.size(), 5u);
  for (const fs::path& table : tables) {
    const std::string bytes = bytes_of(table);
    std::string damaged = bytes;
    damaged[bytes.size() / 3] = static_cast<char>(damaged[bytes.size() / 3] ^ 0x20);
    write_file(table, damaged);
    const auto store = Store::open(read_only(path_));
    if (!store.ok()) {
      EXPECT_EQ(store.status().code(), StatusCode::kCorruption) << store.status().to_string();
    } else {
      const auto found = store->check([](const Finding&) { return true; });
      EXPECT_TRUE(found.ok() ? *found > 0 : found.status().code() == StatusCode::kCorruption)
          << table << ": " << found.status().to_string();
    }
    write_file(table, bytes);
  }
  EXPECT_EQ(to_text(findings_of(open_store(read_only(path_)))), "");
}

}  // namespace
}  // namespace muster::test
