#include "tests/support/planted_secrets.h"

#include <vector>

#include "tests/support/base64.h"

namespace muster::test {
namespace {

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
  if (shape == Shape::kCut) document.erase(document.size() - document.size() / 8);
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

}  // namespace

std::string with_secrets(RecordingFormat format, int& planted) {
  std::string content;
  for (const std::string& key : kSecretKeys) {
    for (const Shape shape : kShapes) {
      content += document(format, key, shape) + "\n";
      ++planted;
    }
  }
  return content;
}

std::string first_secret_in(std::string_view text) {
  for (const std::string& spelling : spellings()) {
    const std::size_t at = text.find(spelling);
    if (at != std::string_view::npos) return spelling + ": " + std::string(text.substr(at, 80));
  }
  return {};
}

}  // namespace muster::test
