#include "codec/foreign/format.h"

#include <algorithm>
#include <array>
#include <vector>

#include "codec/recording_frame.h"

namespace muster {
namespace {

struct Name {
  RecordingFormat format;
  std::string_view text;
};

constexpr std::array kNames = {
    Name{RecordingFormat::kCanonical, "canonical"},
    Name{RecordingFormat::kMdmWebhook, "mdm_webhook"},
    Name{RecordingFormat::kMdmMessage, "mdm_message"},
    Name{RecordingFormat::kOsqueryWrite, "osquery_write"},
    Name{RecordingFormat::kOsqueryLog, "osquery_log"},
    Name{RecordingFormat::kFleet, "fleet"},
    Name{RecordingFormat::kNanomdmRows, "nanomdm_rows"},
};

}  // namespace

std::string_view name_of(RecordingFormat format) {
  for (const Name& name : kNames) {
    if (name.format == format) return name.text;
  }
  return "unknown";
}

std::optional<RecordingFormat> recording_format_of(std::string_view text) {
  for (const Name& name : kNames) {
    if (name.text == text) return name.format;
  }
  return {};
}

namespace codec {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The keys of the outermost object, as far as the text goes, in their spelling.
std::vector<std::string_view> outer_keys(std::string_view text) {
  std::vector<std::string_view> keys;
  std::size_t depth = 0;
  std::string_view last;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char here = text[at];
    if (here == '"') {
      const std::size_t begin = ++at;
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
      last = text.substr(begin, std::min(at, text.size()) - begin);
    } else if (here == '{' || here == '[') {
      ++depth;
    } else if (here == '}' || here == ']') {
      if (depth <= 1) break;
      --depth;
    } else if (here == ':' && depth == 1) {
      keys.push_back(last);
    }
  }
  return keys;
}

class Keys {
 public:
  explicit Keys(std::string_view document) : keys_(outer_keys(document)) {}

  bool have(std::string_view key) const {
    return std::find(keys_.begin(), keys_.end(), key) != keys_.end();
  }
  bool have_any(std::initializer_list<std::string_view> keys) const {
    return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) { return have(key); });
  }

 private:
  std::vector<std::string_view> keys_;
};

std::optional<RecordingFormat> format_of_object(std::string_view document) {
  const Keys keys(document);
  if (keys.have("type")) return RecordingFormat::kCanonical;
  if (keys.have_any({"checkin_event", "acknowledge_event"})) return RecordingFormat::kMdmWebhook;
  if (keys.have("topic") && keys.have("created_at")) return RecordingFormat::kMdmWebhook;
  if (keys.have_any({"diffResults", "snapshot", "columns", "log_type"})) {
    return RecordingFormat::kOsqueryLog;
  }
  if (keys.have("queries") || (keys.have("statuses") && keys.have("results"))) {
    return RecordingFormat::kOsqueryWrite;
  }
  if (keys.have_any({"body", "request"})) return RecordingFormat::kOsqueryWrite;
  // An event without its type is refused, not taken for what its other keys look like.
  if (keys.have("at")) return RecordingFormat::kCanonical;
  if (keys.have_any({"hosts", "host", "profiles", "configuration_profiles", "results", "labels",
                     "commands", "profile_uuid"})) {
    return RecordingFormat::kFleet;
  }
  if (keys.have("command_uuid")) {
    return keys.have("host_uuid") ? RecordingFormat::kFleet : RecordingFormat::kNanomdmRows;
  }
  if (keys.have("uuid") && keys.have_any({"mdm", "platform"})) return RecordingFormat::kFleet;
  return {};
}

}  // namespace

std::optional<RecordingFormat> format_of_document(std::string_view document) {
  if (document.starts_with(kFrameMagic)) return RecordingFormat::kCanonical;
  if (document.starts_with(kByteOrderMark)) document.remove_prefix(kByteOrderMark.size());
  document.remove_prefix(std::min(document.find_first_not_of(kBlanks), document.size()));
  if (document.starts_with("bplist")) return RecordingFormat::kMdmMessage;
  if (document.starts_with('<')) return RecordingFormat::kMdmMessage;
  if (document.starts_with('{')) return format_of_object(document);
  return {};
}

}  // namespace codec
}  // namespace muster
