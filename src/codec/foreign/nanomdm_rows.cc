// Rows of NanoMDM's tables commands, command_results and enrollment_queue, or of a join of them, as
// a database prints them in JSON.
#include <algorithm>
#include <string>
#include <utility>

#include "base/time.h"
#include "codec/foreign/apple_command.h"
#include "codec/foreign/base64.h"
#include "codec/foreign/device_message.h"
#include "codec/foreign/json_document.h"
#include "codec/foreign/reader.h"

namespace muster::codec {
namespace {

/// RFC 3339, or as databases print it: "2026-02-03 17:00:03.123456", in UTC.
std::optional<Timestamp> row_time(const JsonFields& row, std::string_view key) {
  const auto text = find_text(row, key);
  if (!text) return {};
  if (const auto time = base::parse_rfc3339(*text)) return time;
  return base::parse_rfc3339(std::string(*text) + 'Z');
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

/// A column of bytes: XML as it is, in base64, or in PostgreSQL's hexadecimal.
std::string column_bytes(const JsonFields& row, std::string_view key) {
  constexpr std::string_view kHexMark = "\\x";
  const std::string_view text = find_text(row, key).value_or("");
  if (text.starts_with('<') || text.starts_with("bplist")) return std::string(text);
  std::string bytes;
  if (!text.starts_with(kHexMark)) {
    if (!decode_base64(text, bytes)) bytes.clear();
    return bytes;
  }
  for (std::size_t at = kHexMark.size(); at + 1 < text.size(); at += 2) {
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<char>(16 * high + low));
  }
  return bytes;
}

/// On a user channel "device:user".
DeviceIdentity identity_of_row(std::string id) {
  const std::size_t colon = id.find(':');
  return {id.substr(0, colon), std::move(id)};
}

class RowReader final : public ForeignReader {
 public:
  explicit RowReader(const DocumentLimits& limits) : limits_(limits), json_(limits) {}

  void read(std::string_view document, Listener& listener) override {
    std::string reason;
    const auto root = json_.parse(document, reason);
    JsonFields row;
    if (!root || root->get(row) != simdjson::SUCCESS) {
      return listener.on_unreadable(root ? "it is no object" : reason);
    }
    const auto uuid = find_text(row, "command_uuid");
    if (!uuid || uuid->empty()) return listener.on_unreadable("a row without a command_uuid");
    const std::string id(find_text(row, "id").value_or(""));
    CommandStatement issued;
    issued.command_uuid = *uuid;
    issued.request_type = find_text(row, "request_type").value_or("");
    if (!id.empty()) issued.host_uuid = identity_of_row(id).host;
    if (const auto command = read_apple_command(column_bytes(row, "command"), limits_)) {
      if (issued.request_type.empty()) issued.request_type = command->request_type;
      issued.identifier = command->identifier;
    }
    const auto status = find_text(row, "status");
    // A result's time is its own, not its command's.
    if (!status) issued.at = row_time(row, "created_at");
    listener.on_command(std::move(issued));
    if (status && !status->empty() && !id.empty()) {
      tell_result(row, *uuid, *status, identity_of_row(id), listener);
    }
  }

 private:
  void tell_result(const JsonFields& row, std::string_view uuid, std::string_view status,
                   DeviceIdentity who, Listener& listener) {
    std::vector<ErrorChainEntry> chain;
    std::string reason;
    const std::string body = column_bytes(row, "result");
    const auto message = body.empty() ? std::nullopt : parse_plist(body, limits_, reason);
    if (message) {
      status = message->find_text("Status").value_or(status);
      if (auto told = identity_of(*message)) who = *std::move(told);
      chain = error_chain_of(*message);
    }
    auto at = row_time(row, "updated_at");
    if (!at) at = row_time(row, "created_at");
    if (const auto not_now = row_time(row, "not_now_at"); not_now && status != "NotNow") {
      tell_answer(who, {std::string(uuid), "NotNow", {}}, not_now, listener);
    }
    tell_answer(who, {std::string(uuid), std::string(status), std::move(chain)}, at, listener);
  }

  DocumentLimits limits_;
  JsonDocument json_;
};

}  // namespace

std::unique_ptr<ForeignReader> make_nanomdm_rows_reader(const DocumentLimits& limits) {
  return std::make_unique<RowReader>(limits);
}

}  // namespace muster::codec
