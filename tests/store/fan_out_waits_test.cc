// A change of many hosts beside somebody who waits.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::uint32_t kFleet = 64;
constexpr std::uint32_t kWindow = 32;

std::string host_name(std::uint32_t number) {
  return "h" + std::to_string(100 + number);
}

Store founded(const TempDir& folder) {
  store::Tuning tuning;
  tuning.window_hosts = kWindow;
  Store store = open_store(buffered(folder.path() / "store"), tuning);
  ProfileUploaded profile;
  profile.profile_uuid = profile.identifier = profile.name = "p";
  std::vector<Event> events = {{Timestamp{1}, profile}};
  for (std::uint32_t i = 0; i < kFleet; ++i) {
    events.push_back(
        {Timestamp{2}, HostAdded{host_name(i), Platform::kDarwin, 0, true, {}, false, {}}});
  }
  require(store.apply(events), "apply");
  return store;
}

TEST(FanOutWaits, WindowsAreWholeWhereNobodyWaits) {
  const TempDir folder;
  Store store = founded(folder);
  const PassReport pass = require(store.reconcile(Timestamp{3}, [] { return "c"; }), "pass");
  EXPECT_EQ(pass.windows, kFleet / kWindow);
}

TEST(FanOutWaits, AWindowEndsSoonWhereACheckInWaits) {
  const TempDir folder;
  Store store = founded(folder);
  std::optional<std::thread> caller;
  std::vector<std::uint64_t> changed;
  const auto uuids = [&] {
    // The first window runs now: the caller waits until it ends.
    caller.emplace([&] {
      const std::vector<Event> report = {
          {Timestamp{3}, HostLabelsReported{host_name(kFleet - 1), {}, Timestamp{3}}}};
      require(store.apply(report), "report");
    });
    while (store.metrics().waiting_spans == 0) std::this_thread::yield();
    return "c";
  };
  const auto look = [&](const PassReport& report) {
    changed.push_back(report.hosts_changed);
    return true;
  };
  const PassReport pass = require(store.reconcile(Timestamp{3}, uuids, look), "pass");
  caller->join();
  EXPECT_TRUE(pass.complete);
  EXPECT_EQ(pass.windows, 3U);
  EXPECT_EQ(pass.hosts_changed, kFleet);
  // An eighth of a window; nobody waits behind it.
  EXPECT_EQ(changed, (std::vector<std::uint64_t>{4, 36}));
}

}  // namespace
}  // namespace muster::test
