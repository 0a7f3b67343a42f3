// The scan of all rows says what single reads say.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

using Names = std::vector<std::pair<std::string, std::string>>;

class VisitRows : public testing::Test {
 protected:
  VisitRows() : store_(open_store(buffered(folder_ / "store"))) {
    apply_all(store_, fleet_events({}, 200), "s", 64);
  }

  Names one_by_one(const Page& page) const {
    Names out;
    const Snapshot snapshot = require(store_.snapshot(), "snapshot");
    require_ok(snapshot.visit_hosts(page,
                                    [&](const HostState& host) {
                                      const auto add = [&](const ProfileState& row) {
                                        out.emplace_back(host.host_uuid, row.profile_uuid);
                                        return true;
                                      };
                                      require_ok(snapshot.visit_host(host.host_uuid, {}, add), "");
                                      return true;
                                    }),
               "hosts");
    return out;
  }
  Names scanned(const Page& page, std::size_t at_most = SIZE_MAX) const {
    Names out;
    const auto add = [&](const HostState& host, const ProfileState& row) {
      out.emplace_back(host.host_uuid, row.profile_uuid);
      return out.size() < at_most;
    };
    require_ok(require(store_.snapshot(), "snapshot").visit_rows(page, add), "rows");
    return out;
  }

  const TempDir folder_;
  Store store_;
};

TEST_F(VisitRows, AllOfThemInOrder) {
  const Names rows = scanned({});
  EXPECT_GT(rows.size(), 20U);
  EXPECT_EQ(rows, one_by_one({}));
}

TEST_F(VisitRows, PagesCountHosts) {
  Page page;
  page.limit = 3;
  EXPECT_EQ(scanned(page), one_by_one(page));
  page.after = scanned(page).back().first;
  EXPECT_EQ(scanned(page), one_by_one(page));
  page.limit = 0;
  EXPECT_TRUE(scanned(page).empty());
}

TEST_F(VisitRows, EndWhereTheVisitorSaysSo) {
  EXPECT_EQ(scanned({}, 7).size(), 7U);
}

}  // namespace
}  // namespace muster::test
