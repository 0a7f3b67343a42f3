// Files of other systems, and stores that take them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "muster/import.h"
#include "tests/support/base64.h"
#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {

inline std::string uploaded(const std::string& uuid, const std::string& identifier) {
  return R"({"type":"profile_uploaded","at":"2026-02-03T16:00:00Z","profile_uuid":")" + uuid +
         R"(","team_id":0,"identifier":")" + identifier + R"(","name":")" + identifier +
         R"(","checksum":"00000000000000000000000000000001",)" +
         R"("uploaded_at":"2026-02-03T16:00:00Z"})" + "\n";
}
inline std::string pass(const std::string& at,
                        const std::vector<std::pair<std::string, std::string>>& commands) {
  std::string listed;
  for (const auto& [profile, uuid] : commands) {
    if (!listed.empty()) listed += ',';
    listed += R"({"operation":"install","profile_uuid":")" + profile + R"(","command_uuid":")" +
              uuid + R"(","hosts":["H1"]})";
  }
  return R"({"type":"reconciled","at":")" + at + R"(","commands":[)" + listed + "]}\n";
}

/// Two profiles of team 0, and the host in it.
inline const std::string kCatalog =
    R"({"type":"host_added","at":"2026-02-03T16:00:00Z","host_uuid":"H1",)"
    R"("platform":"darwin","team_id":0})"
    "\n" +
    uploaded("p-dock", "com.example.dock") + uploaded("p-wifi", "com.example.wifi");

inline std::string answer(const std::string& at, const std::string& command,
                          const std::string& status, const std::string& host = "H1") {
  return R"({"topic":"mdm.Connect","created_at":")" + at + R"(","acknowledge_event":{"udid":")" +
         host + R"(","status":")" + status + R"(","command_uuid":")" + command + "\"}}\n";
}
inline std::string check_in(const std::string& at, const std::string& type) {
  const std::string payload = "<plist><dict><key>MessageType</key><string>" + type +
                              "</string><key>UDID</key><string>H1</string></dict></plist>";
  return R"({"topic":"mdm.)" + type + R"(","created_at":")" + at +
         R"(","checkin_event":{"token_update_tally":1,"raw_payload":")" + base64(payload) +
         "\"}}\n";
}
inline std::string snapshot_line(int unix_time, const std::vector<std::string>& identifiers,
                                 const std::string& host = "H1") {
  std::string rows;
  for (const std::string& identifier : identifiers) {
    if (!rows.empty()) rows += ',';
    rows += R"({"identifier":")" + identifier +
            R"(","display_name":"","install_date":"2026-02-03 16:30:00 +0000"})";
  }
  return R"({"name":"profiles","hostIdentifier":"x","decorations":{"uuid":")" + host +
         R"("},"unixTime":)" + std::to_string(unix_time) + R"(,"action":"snapshot","snapshot":[)" +
         rows + "]}\n";
}
constexpr int kFive = 1'770'138'000;  // 2026-02-03T17:00:00Z

class Import : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = (folder_.path() / name).string();
    write_file(path, content);
    return path;
  }

  /// Into the store of that name.
  ImportReport import(const std::string& name, const std::vector<std::filesystem::path>& files,
                      ImportOptions options = {}, const ReplayOptions& replaying = {}) {
    Store store = open_store(buffered(folder_ / name));
    ImportReport report =
        require(replay(store, files, std::move(options), replaying, {}), "replay");
    digest_ = digest_of(store);
    rows_ = rows_of(store);
    require_ok(store.close(), "close");
    return report;
  }
  ImportOptions with_catalog() {
    ImportOptions options;
    options.catalogs = {file("catalog.ndjson", kCatalog)};
    return options;
  }

  /// "profile operation status retries command", a line each.
  static std::string rows_of(Store& store) {
    std::ostringstream text;
    const Snapshot snapshot = require(store.snapshot(), "snapshot");
    require_ok(snapshot.visit_rows({},
                                   [&](const HostState& host, const ProfileState& row) {
                                     text << host.host_uuid << ' ' << row.profile_uuid << ' '
                                          << name_of(row.operation) << ' ' << name_of(row.status)
                                          << ' ' << row.retries << '\n';
                                     return true;
                                   }),
               "rows");
    return text.str();
  }

  TempDir folder_;
  std::string digest_;
  std::string rows_;
};

}  // namespace muster::test
