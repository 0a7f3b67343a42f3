// Reports that repeat what a host said last: the same outcomes, rows and times, whether they are
// known or judged; and what keeps them and host records in memory.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "muster/fleet_generator.h"
#include "muster/recording.h"
#include "muster/recording_writer.h"
#include "store/host_cache.h"
#include "store/known_reports.h"
#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

Event report_of(std::int64_t seconds, const std::string& identifier, std::int64_t installed) {
  ProfilesReported report;
  report.host_uuid = "h1";
  report.detail_updated_at = at(seconds);
  report.profiles.add(identifier, "A profile", at(installed));
  return {at(seconds), report};
}

Event upload_to(std::int64_t seconds, TeamId team, const std::string& uuid, std::uint8_t content) {
  ProfileUploaded profile;
  profile.profile_uuid = uuid;
  profile.team_id = team;
  profile.identifier = profile.name = "com.example.p";
  profile.checksum[0] = content;
  profile.uploaded_at = at(seconds);
  return {at(seconds), profile};
}

class Repeats : public testing::Test {
 protected:
  /// Applies the event and returns whether it was known.
  bool is_known(const Event& event) {
    const std::uint64_t before = store_.metrics().reports_repeated;
    const Applied applied = require(store_.apply(std::span(&event, 1)), "apply");
    outcome_ = applied.results.front().outcome;
    return store_.metrics().reports_repeated > before;
  }
  void do_all(const std::vector<Event>& events) {
    for (const Event& event : events) is_known(event);
  }

  TempDir folder_;
  Store store_ = open_store(buffered(folder_ / "store"));
  Outcome outcome_ = Outcome::kInvalid;
};

TEST_F(Repeats, OfProfiles) {
  do_all({upload_to(0, 0, "p", 1),
          {at(1), HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}}},
          {at(2), Reconciled{}}});
  EXPECT_FALSE(is_known(report_of(10, "com.example.p", 5)));
  EXPECT_EQ(outcome_, Outcome::kApplied);
  EXPECT_TRUE(is_known(report_of(20, "com.example.p", 5)));
  EXPECT_EQ(outcome_, Outcome::kUnchanged);
  EXPECT_FALSE(is_known(report_of(30, "com.example.p", 6))) << "another date";
  EXPECT_TRUE(is_known(report_of(40, "com.example.p", 6)));
  EXPECT_FALSE(is_known(report_of(50, "com.example.other", 6))) << "missing: time decides";
  EXPECT_FALSE(is_known(report_of(60, "com.example.other", 6)));
  EXPECT_FALSE(is_known(report_of(70, "com.example.p", 6)));
  EXPECT_TRUE(is_known(report_of(80, "com.example.p", 6)));
  is_known(upload_to(90, 0, "p", 2));
  EXPECT_FALSE(is_known(report_of(100, "com.example.p", 6))) << "the profile has new content";
  is_known({at(110), HostDeleted{"h1"}});
  EXPECT_FALSE(is_known(report_of(120, "com.example.p", 6)));
  EXPECT_EQ(outcome_, Outcome::kUnknownHost);
}

TEST_F(Repeats, AnotherListThatConfirmsWhatIsExpectedNeedsNoRecord) {
  const auto confirmed = [this](const Event& event) {
    const std::uint64_t before = store_.metrics().reports_confirmed;
    EXPECT_FALSE(is_known(event)) << "it is another list";
    return store_.metrics().reports_confirmed > before;
  };
  do_all({upload_to(0, 0, "p", 1),
          {at(1), HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}}},
          {at(2), Reconciled{}}});
  EXPECT_FALSE(confirmed(report_of(10, "com.example.p", 5))) << "the row moves";
  EXPECT_TRUE(confirmed(report_of(20, "com.example.p", 6)));
  EXPECT_EQ(outcome_, Outcome::kUnchanged);
  EXPECT_TRUE(is_known(report_of(30, "com.example.p", 6))) << "and is the last one now";
  EXPECT_FALSE(confirmed(report_of(40, "com.example.p", -5))) << "older than the upload";
  EXPECT_EQ(outcome_, Outcome::kUnchanged) << "within the grace period";
  EXPECT_FALSE(confirmed(report_of(50, "com.example.p", 7))) << "nothing was known";
  EXPECT_TRUE(confirmed(report_of(60, "com.example.p", 8)));
  is_known({at(70), ProfileResent{"h1", "p"}});
  EXPECT_EQ(outcome_, Outcome::kApplied);
  EXPECT_FALSE(confirmed(report_of(80, "com.example.p", 9))) << "the row waits";
  is_known({at(90), Reconciled{}});
  EXPECT_FALSE(confirmed(report_of(100, "com.example.p", 10))) << "the row moves";
  EXPECT_EQ(outcome_, Outcome::kApplied);
  EXPECT_TRUE(confirmed(report_of(110, "com.example.p", 11)));
  is_known(upload_to(120, 0, "p", 2));
  EXPECT_FALSE(confirmed(report_of(130, "com.example.p", 12))) << "new content is expected";
  const auto host = require(require(store_.snapshot(), "snapshot").find_host("h1"), "host");
  ASSERT_TRUE(host.has_value());
  EXPECT_EQ(host->detail_updated_at, at(130));
}

TEST_F(Repeats, AnotherTeamMovesTheEarliestDate) {
  do_all({upload_to(100, 0, "p", 1),
          upload_to(100, 1, "q", 1),
          {at(101), HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}}},
          {at(102), Reconciled{}},
          report_of(110, "com.example.p", 105)});
  EXPECT_TRUE(is_known(report_of(120, "com.example.p", 105)));
  is_known({at(130), ProfileDeleted{"q"}});
  EXPECT_FALSE(is_known(report_of(140, "com.example.p", 105)));
  EXPECT_TRUE(is_known(report_of(150, "com.example.p", 105)));
}

TEST_F(Repeats, ALateResultIsNotPassedOver) {
  do_all({upload_to(0, 0, "p", 1),
          {at(1), HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}}},
          {at(2), Reconciled{{{{Operation::kInstall, "p", "c1", {"h1"}}}}, {}, {}, {}}},
          report_of(10, "com.example.p", 5)});
  EXPECT_TRUE(is_known(report_of(20, "com.example.p", 5)));
  is_known({at(30), CommandResult{"h1", "c1", "Error", "no", {}}});
  EXPECT_EQ(outcome_, Outcome::kApplied);
  EXPECT_FALSE(is_known(report_of(40, "com.example.p", 5)));
}

TEST_F(Repeats, OfLabels) {
  const auto labels = [](std::int64_t seconds, std::vector<std::string> names) {
    return Event{at(seconds), HostLabelsReported{"h1", std::move(names), {}}};
  };
  do_all({{at(0), LabelCreated{"a"}},
          {at(1), HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}}}});
  EXPECT_FALSE(is_known(labels(10, {"a"})));
  EXPECT_TRUE(is_known(labels(20, {"a"})));
  EXPECT_FALSE(is_known(labels(30, {})));
  EXPECT_FALSE(is_known(labels(40, {"a", "unknown"}))) << "it is counted each time";
  EXPECT_FALSE(is_known(labels(50, {"a", "unknown"})));
  is_known(labels(60, {"a"}));
  EXPECT_TRUE(is_known(labels(70, {"a"})));
  is_known({at(80), LabelCreated{"unknown"}});
  EXPECT_FALSE(is_known(labels(90, {"a"})));
  EXPECT_TRUE(is_known(labels(100, {"a"})));
}

/// Replays the same recording into a store of each kind.
struct Kept {
  std::string digest;
  std::uint64_t repeated = 0;
  std::map<std::string, std::map<Outcome, std::uint64_t>> outcomes;
};

Kept replay_into(const std::filesystem::path& store, const std::filesystem::path& recording,
                 bool known, unsigned threads) {
  StoreOptions options = buffered(store);
  options.known_reports = known;
  Store opened = open_store(options);
  ReplayOptions replay_options;
  replay_options.threads = threads;
  const ReplayReport report =
      require(replay(opened, std::span(&recording, 1), replay_options, {}), "replay");
  EXPECT_EQ(to_text(findings_of(opened)), "");
  return {digest_of(opened), opened.metrics().reports_repeated, report.by_type};
}

TEST(KnownReports, ChangeNoResult) {
  TempDir folder;
  for (const FleetScenario scenario :
       {FleetScenario::kSteady, FleetScenario::kDrift, FleetScenario::kMixed}) {
    SCOPED_TRACE(name_of(scenario));
    muster::FleetOptions fleet;
    fleet.hosts = 60;
    fleet.profiles = 8;
    fleet.hours = 36;
    fleet.scenario = scenario;
    for (const RecordingForm form : {RecordingForm::kText, RecordingForm::kBinary}) {
      FleetGenerator events = require(FleetGenerator::make(fleet), "make");
      const std::string name =
          std::string(name_of(scenario)) + (form == RecordingForm::kText ? ".ndjson" : ".muster");
      RecordingWriter writer = require(
          RecordingWriter::create(folder / name, {events.recording_id(), "", 1}, {form}), "create");
      while (const std::optional<Event> event = events.next()) {
        ASSERT_TRUE(writer.append(*event).ok());
      }
      ASSERT_TRUE(writer.close().ok());
      const Kept judged = replay_into(folder / (name + "1"), folder / name, false, 1);
      const Kept known = replay_into(folder / (name + "2"), folder / name, true, 2);
      EXPECT_EQ(judged.digest, known.digest);
      EXPECT_EQ(judged.outcomes, known.outcomes);
      EXPECT_EQ(judged.repeated, 0U);
      EXPECT_GT(known.repeated, 0U);
    }
  }
}

TEST(KnownReports, AreBoundedAndFound) {
  store::KnownReports reports(64 * 1'024);
  constexpr std::uint32_t kHosts = 10'000;
  reports.reserve(kHosts);
  const auto key = [](std::uint32_t host, std::uint64_t list) {
    return store::ReportKey{store::host_hash(std::to_string(host)), host, Digest{list, host}};
  };
  for (std::uint32_t host = 0; host < kHosts; ++host) {
    reports.remember(key(host, 1), {core::HostOrdinal{host}, store::BasisNumber{host % 7}});
  }
  EXPECT_LE(reports.kept(), 64U * 1'024 / 32);
  std::uint64_t found = 0;
  for (std::uint32_t host = 0; host < kHosts; ++host) {
    const auto known = reports.find(key(host, 1));
    EXPECT_FALSE(reports.find(key(host, 2)));
    if (!known) continue;
    ++found;
    EXPECT_EQ(*known, (store::KnownReport{core::HostOrdinal{host}, store::BasisNumber{host % 7}}));
    EXPECT_EQ(reports.find_host(key(host, 2)), known) << "whatever its list";
    reports.remember(key(host, 2), {core::HostOrdinal{host}, store::BasisNumber{0}});
    EXPECT_FALSE(reports.find(key(host, 1))) << "one report a host";
    reports.forget(store::host_hash(std::to_string(host)), core::HostOrdinal{host});
    EXPECT_FALSE(reports.find(key(host, 2)));
    EXPECT_FALSE(reports.find_host(key(host, 2)));
  }
  EXPECT_GT(found, 64U * 1'024 / 32 * 9 / 10);
  EXPECT_EQ(reports.kept(), 0U);
  store::KnownReports none(0);
  none.remember(key(1, 1), {});
  EXPECT_FALSE(none.find(key(1, 1)));
}

/// A host whose record is small or large, by chance.
core::Host some_host(const std::string& uuid, std::mt19937_64& random) {
  core::Host host;
  host.uuid = uuid;
  host.ordinal = core::HostOrdinal{static_cast<std::uint32_t>(random() % 1'000)};
  host.team = static_cast<TeamId>(random() % 5);
  host.slots.resize(random() % 40);
  for (core::Slot& slot : host.slots) {
    slot = core::Slot(core::VersionNumber{static_cast<std::uint32_t>(random() % 300 + 1)},
                      Operation::kInstall, DeliveryStatus::kVerified, Scope::kSystem);
    slot.set_command(core::CommandNumber{random() % 100'000});
  }
  return host;
}

TEST(HostCache, HoldsWhatWasPutLastOrNothing) {
  constexpr std::size_t kBound = 40'000;
  store::HostCache cache(kBound);
  struct Put {
    core::Host host;
    std::uint64_t envelope_hash;
  };
  std::map<std::string, Put> last;
  std::mt19937_64 random(7);
  std::size_t found = 0;
  core::Host read;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const std::string uuid = "host " + std::to_string(random() % 200);
    const std::uint64_t hash = store::host_hash(uuid);
    const auto is_here = [&] {
      store::SealedRecord record;
      if (!cache.find(hash, uuid, read, record)) return false;
      const auto at = last.find(uuid);
      EXPECT_NE(at, last.end()) << uuid;
      EXPECT_TRUE(at != last.end() && read.same_record(at->second.host) && read.uuid == uuid &&
                  record.envelope_hash == at->second.envelope_hash &&
                  record.bytes == record.envelope_hash % 7)
          << uuid;
      EXPECT_TRUE(cache.guess_ordinal(hash).has_value());
      return true;
    };
    switch (random() % 4) {
      case 0:
        cache.erase(hash, uuid);
        last.erase(uuid);
        EXPECT_FALSE(is_here());
        break;
      case 1:
        last[uuid] = {some_host(uuid, random), i};
        cache.put(hash, last[uuid].host, {i, i % 7});
        EXPECT_TRUE(is_here());
        break;
      case 2:
        if (is_here()) {
          last[uuid] = {some_host(uuid, random), i};
          cache.refresh(hash, last[uuid].host, {i, i % 7});
          is_here();
        } else {
          cache.refresh(hash, some_host(uuid, random), {i, i % 7});
          EXPECT_FALSE(is_here());
        }
        break;
      default:
        found += is_here();
    }
    ASSERT_LE(cache.bytes(), kBound);
  }
  EXPECT_GT(cache.kept(), 50U);
  EXPECT_GT(found, 500U);
  cache.bound(0);
  EXPECT_EQ(cache.kept(), 0U);
  EXPECT_EQ(cache.bytes(), store::HostCache(kBound).bytes());
}

TEST(HostCache, AHostThatIsLargerThanTheCacheMovesNobody) {
  store::HostCache cache(400'000);
  std::mt19937_64 random(8);
  const auto put = [&cache](const core::Host& host) {
    cache.put(store::host_hash(host.uuid), host, {});
  };
  const auto ordinal_of = [&cache](const std::string& uuid) {
    return cache.guess_ordinal(store::host_hash(uuid));
  };
  for (int i = 0; i < 100; ++i) put(some_host("host " + std::to_string(i), random));
  const std::size_t kept = cache.kept();
  EXPECT_GT(kept, 90U);
  core::Host large = some_host("large", random);
  put(large);
  EXPECT_EQ(cache.kept(), kept + 1);
  EXPECT_EQ(ordinal_of("large"), large.ordinal);
  // Beyond the cache, and beyond what is packed at all.
  for (const std::uint32_t details : {10U, 40U}) {
    large.slots.clear();
    large.details.clear();
    for (std::uint32_t i = 1; i <= details; ++i) {
      large.slots.emplace_back(core::VersionNumber{i}, Operation::kInstall, DeliveryStatus::kFailed,
                               Scope::kSystem);
      large.set_detail(large.slots.back(), std::string(60'000, 'x'));
    }
    put(large);
    EXPECT_EQ(cache.kept(), kept) << "what was kept of it is gone, and nobody else";
    EXPECT_EQ(ordinal_of("large"), std::nullopt);
    put(some_host("large", random));
  }
}

}  // namespace
}  // namespace muster::test
