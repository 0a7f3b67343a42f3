// Secrets in recordings of other systems: none of them is kept anywhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "muster/import.h"
#include "store/layout.h"
#include "tests/support/base64.h"
#include "tests/support/files.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kSecretKeys = {"UnlockToken",    "Token",          "PushMagic",
                                              "BootstrapToken", "DigestResponse", "TokenData",
                                              "node_key"};
const std::string kMark = "CANARY";
const std::string kRow = R"({"identifier":"a","install_date":"2026-02-03T17:00:00Z",)";

/// What a mark looks like in base64, wherever it begins.
std::vector<std::string> spellings() {
  std::vector<std::string> found = {kMark, "PD94bWwg", "PHBsaXN0"};  // payloads as such, too
  for (const std::string before : {"", "x", "xx"}) {
    const std::string text = base64(before + kMark);
    found.push_back(text.substr(before.empty() ? 0 : 4, 4));
  }
  return found;
}

enum class Shape { kValid, kCut, kWrongType };
constexpr Shape kShapes[] = {Shape::kValid, Shape::kCut, Shape::kWrongType};

std::string canary(const std::string& format, const std::string& key, Shape shape) {
  return kMark + "-" + format + "-" + key + "-" + std::to_string(static_cast<int>(shape));
}

std::string shaped(std::string document, Shape shape) {
  if (shape == Shape::kCut) document.resize(document.size() - document.size() / 8);
  return document;
}

std::string plist(const std::string& key, const std::string& secret, Shape shape) {
  const std::string value = shape == Shape::kWrongType
                                ? "<array><string>" + secret + "</string></array>"
                                : "<string>" + secret + "</string>";
  return "<?xml version=\"1.0\"?><plist><dict><key>MessageType</key><string>TokenUpdate</string>"
         "<key>UDID</key><string>H1</string><key>" +
         key + "</key>" + value + "<key>" + key + "2</key><data>" + base64(secret) +
         "</data></dict></plist>";
}

std::string json_value(const std::string& secret, Shape shape) {
  return shape == Shape::kWrongType ? "{\"x\":[\"" + secret + "\"]}" : '"' + secret + '"';
}

/// One document with the secret, of each format.
std::string document(RecordingFormat format, const std::string& key, Shape shape) {
  const std::string secret = canary(std::string(name_of(format)), key, shape);
  const std::string value = '"' + key + "\":" + json_value(secret, shape);
  switch (format) {
    case RecordingFormat::kMdmMessage:
      return shaped(plist(key, secret, shape), shape);
    case RecordingFormat::kMdmWebhook:
      return shaped(R"({"topic":"mdm.Connect","created_at":"2026-02-03T17:00:00Z",)" + value +
                        R"(,"checkin_event":{"udid":"H1",)" + value + R"(,"raw_payload":")" +
                        base64(shaped(plist(key, secret, shape), shape)) + "\"}}\n",
                    shape);
    case RecordingFormat::kOsqueryWrite:
      return shaped(R"({"host_uuid":"H1","at":"2026-02-03T17:00:00Z",)" + value +
                        R"(,"queries":{"fleet_detail_query_mdm_config_profiles_darwin")" + ":[" +
                        kRow + value + "}],\"q\":[{" + value + R"(}]},"messages":{)" + value +
                        "}}\n",
                    shape);
    case RecordingFormat::kOsqueryLog:
      return shaped(R"({"name":"p","hostIdentifier":"x","decorations":{"uuid":"H1",)" + value +
                        R"(},"unixTime":1770138000,"snapshot":[)" + kRow + value + "}]," + value +
                        "}\n",
                    shape);
    case RecordingFormat::kFleet:
      return shaped(R"({"hosts":[{"uuid":"H1","platform":"darwin",)" + value + R"(,"mdm":{)" +
                        value + R"(}}],"results":[{"host_uuid":"H1","command_uuid":"c1",)" +
                        R"("status":"Acknowledged","request_type":"InstallProfile",)" + value +
                        R"(,"payload":")" + base64(plist(key, secret, shape)) + R"(","result":")" +
                        base64(plist(key, secret, shape)) + "\"}]," + value + "}\n",
                    shape);
    case RecordingFormat::kNanomdmRows:
      return shaped(R"({"id":"H1","command_uuid":"c1","status":"Acknowledged",)" + value +
                        R"(,"command":")" + base64(plist(key, secret, shape)) + R"(","result":")" +
                        base64(plist(key, secret, shape)) + "\"}\n",
                    shape);
    case RecordingFormat::kCanonical:
      break;
  }
  return {};
}

class ImportSecrets : public testing::Test {
 protected:
  /// Everything that was kept, as text: records of every family, and every file as it is.
  std::string kept() {
    std::string text;
    const RawStore raw(folder_ / "store");
    for (const store::FamilyInfo& family : store::kFamilies) {
      for (const auto& [key, value] : raw.all(family.name)) text += key + '\n' + value + '\n';
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "store")) {
      if (entry.is_regular_file()) text += raw_bytes(entry.path());
      if (entry.path().extension() == ".mrec") text += recorded(entry.path());
    }
    return text;
  }

  static std::string raw_bytes(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// A segment of the recorder, whose frames are compressed.
  static std::string recorded(const fs::path& segment) {
    std::string text;
    RecordingReader reader = require(RecordingReader::open(segment), "open");
    while (const RecordedEvent* recorded = require(reader.next(), "next")) {
      text += to_canonical_line(recorded->event) + '\n';
    }
    return text;
  }

  TempDir folder_;
};

TEST_F(ImportSecrets, areNotKept) {
  const RecordingFormat formats[] = {RecordingFormat::kMdmWebhook,   RecordingFormat::kMdmMessage,
                                     RecordingFormat::kOsqueryWrite, RecordingFormat::kOsqueryLog,
                                     RecordingFormat::kFleet,        RecordingFormat::kNanomdmRows};
  StoreOptions store_options = buffered(folder_ / "store");
  store_options.recorder.emplace();
  Store store = open_store(store_options);
  int planted = 0;
  std::string told;
  for (const RecordingFormat format : formats) {
    std::string content;
    for (const std::string& key : kSecretKeys) {
      for (const Shape shape : kShapes) {
        content += document(format, key, shape) + "\n";
        ++planted;
      }
    }
    const fs::path file = folder_ / std::string(name_of(format));
    write_file(file, content);
    ImportOptions options;
    options.format = format;
    options.begin = Timestamp{1'770'138'000'000'000};
    options.on_unread = [&](const UnreadDocument& unread) {
      told += unread.reason + '\n';
      return Status();
    };
    const std::vector<fs::path> files = {file};
    const ImportReport report =
        require(replay(store, files, options, ReplayOptions{}, {}), "replay");
    EXPECT_GT(report.notes.documents, 20U) << name_of(format);
    EXPECT_GT(report.notes.unreadable, 0U) << name_of(format);
    for (const auto& [what, count] : report.notes.passed_over) told += what + '\n';
    for (const auto& [what, count] : report.notes.noted) told += what + '\n';
    for (const RejectedEvent& rejected : report.first_rejected) told += rejected.reason + '\n';
    for (const std::string& line : report.first_divergences) told += line + '\n';
  }
  EXPECT_GE(planted, 100);
  require_ok(store.close(), "close");
  const std::string all = kept() + told;
  EXPECT_NE(all.find(R"("type":"profiles_reported")"), std::string::npos) << "what may be kept is";
  for (const std::string& spelling : spellings()) {
    const std::size_t at = all.find(spelling);
    EXPECT_EQ(at, std::string::npos) << spelling << ": " << all.substr(at, 80);
  }
}

}  // namespace
}  // namespace muster::test
