// What an agent answers to distributed queries, as a server's log keeps it.
#include <array>
#include <set>
#include <string>
#include <utility>

#include "codec/foreign/json_document.h"
#include "codec/foreign/osquery_rows.h"
#include "codec/foreign/reader.h"

namespace muster::codec {
namespace {

// The later one tells of both scopes: where it was asked and tells nothing, the list is not whole.
constexpr std::array<std::string_view, 2> kProfileQueries = {
    "fleet_detail_query_mdm_config_profiles_darwin",
    "fleet_detail_query_mdm_config_profiles_darwin_with_user",
};
constexpr std::string_view kWindowsQuery = "fleet_detail_query_mdm_config_profiles_windows";

/// The first of these keys that has a text.
std::optional<std::string_view> find_any(const JsonFields& fields,
                                         std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const auto text = find_text(fields, key)) return text;
  }
  return {};
}

std::optional<Timestamp> find_any_time(const JsonFields& fields) {
  for (const std::string_view key : {"at", "received_at", "time", "ts"}) {
    if (const auto time = find_time(fields, key)) return time;
    if (const auto seconds = find_number(fields, key)) {
      constexpr std::int64_t kMost = kTimestampMax.micros / 1'000'000;
      if (*seconds > 0 && *seconds <= kMost) return Timestamp{*seconds * 1'000'000};
    }
  }
  return {};
}

class WriteReader final : public ForeignReader {
 public:
  WriteReader(const DocumentLimits& limits, const HostNames& names)
      : outer_(limits), inner_(limits), results_(limits), statuses_(limits), names_(names) {}

  void read(std::string_view document, Listener& listener) override {
    std::string reason;
    const auto root = outer_.parse(document, reason);
    JsonFields fields;
    if (!root || root->get(fields) != simdjson::SUCCESS) {
      return listener.on_unreadable(root ? "it is no object" : reason);
    }
    const Envelope envelope = read_envelope(fields);
    // The body stands in the envelope, as an object or as a text, or beside its keys.
    for (const std::string_view key : {"body", "request", "data"}) {
      if (const auto text = find_text(fields, key)) {
        const auto body = parse_text(inner_, body_text_, *text, reason);
        if (!body) return listener.on_unreadable("its body: " + reason);
        return read_body(*body, envelope, listener);
      }
      if (const auto body = find_fields(fields, key)) return read_body(*body, envelope, listener);
    }
    read_body(fields, envelope, listener);
  }

 private:
  struct Envelope {
    std::string host;  ///< empty: not told
    std::optional<Timestamp> at;
  };

  Envelope read_envelope(const JsonFields& fields) const {
    Envelope envelope;
    envelope.at = find_any_time(fields);
    if (const auto host = find_text(fields, "host_uuid")) {
      envelope.host = names_.find(*host).value_or(*host);
    } else if (const auto name = find_any(fields, {"hostIdentifier", "host_identifier"})) {
      envelope.host = host_of_identifier(*name, names_).value_or("");
    }
    return envelope;
  }

  /// JSON in a text of another document.
  static std::optional<JsonFields> parse_text(JsonDocument& parser, std::string& kept,
                                              std::string_view text, std::string& reason) {
    kept.assign(text);
    kept.reserve(kept.size() + simdjson::SIMDJSON_PADDING);
    const auto root = parser.parse(kept, reason);
    JsonFields fields;
    if (!root) return {};
    if (root->get(fields) == simdjson::SUCCESS) return fields;
    reason = "it is no object";
    return {};
  }

  /// A server may log fields of the body as texts of JSON.
  static std::optional<JsonFields> find_part(const JsonFields& body, std::string_view key,
                                             JsonDocument& parser, std::string& kept,
                                             std::string& reason) {
    if (const auto part = find_fields(body, key)) return part;
    const auto text = find_text(body, key);
    return text ? parse_text(parser, kept, *text, reason) : std::nullopt;
  }

  void read_body(const JsonFields& body, const Envelope& envelope, Listener& listener) {
    std::string reason;
    auto queries = find_part(body, "queries", results_, results_text_, reason);
    if (!queries) queries = find_part(body, "results", results_, results_text_, reason);
    if (!queries) return listener.on_passed_over("a body without lists of profiles");
    const auto statuses = find_part(body, "statuses", statuses_, statuses_text_, reason);
    if (find_value(*queries, kWindowsQuery)) listener.on_passed_over("profiles of Windows");
    // Statuses that cannot be read may have been failures.
    const bool doubtful = !statuses && find_value(body, "statuses").has_value();
    JsonList rows;
    bool answered = false;
    bool asked = find_value(*queries, kWindowsQuery).has_value();
    for (const std::string_view query : kProfileQueries) {
      const auto value = find_value(*queries, query);
      if (!value) continue;
      asked = true;
      answered = false;
      if (doubtful ||
          (statuses && find_value(*statuses, query) && find_number(*statuses, query) != 0)) {
        listener.on_passed_over("a query that failed");
      } else if (value->get(rows) != simdjson::SUCCESS) {
        listener.on_passed_over("an answer without rows, which tells nothing");
      } else {
        answered = true;
      }
    }
    if (!asked) return listener.on_passed_over("a body without lists of profiles");
    if (answered) read_rows(rows, body, envelope, listener);
  }

  void read_rows(const JsonList& rows, const JsonFields& body, const Envelope& envelope,
                 Listener& listener) {
    const auto host = host_of(body, envelope);
    if (!host) {
      return listener.on_unreadable(
          "it does not say which host it is of; give its node key or file in --host-map");
    }
    ProfilesReported report;
    report.host_uuid = *host;
    report.detail_updated_at = envelope.at.value_or(Timestamp{});
    std::multiset<OsqueryRow> whole;
    for (const JsonElement row : rows) {
      const auto read = read_profile_row(row);
      if (!read) return listener.on_unreadable("a row without identifier and install_date");
      if (!add_to(report.profiles, *read)) {
        return listener.on_unreadable("a row whose install_date cannot be read");
      }
      whole.insert(*read);
    }
    Statement statement;
    statement.at = envelope.at;
    statement.key = key_of_profiles(*host, whole);
    statement.body = std::move(report);
    listener.on_statement(std::move(statement));
  }

  std::optional<std::string> host_of(const JsonFields& body, const Envelope& envelope) const {
    if (!envelope.host.empty()) return envelope.host;
    const auto node_key = find_text(body, "node_key");
    auto host = node_key && !node_key->empty() ? names_.find(*node_key) : std::nullopt;
    if (!host) host = names_.find({});
    if (!host) return {};
    return std::string(*host);
  }

  JsonDocument outer_;
  JsonDocument inner_;
  JsonDocument results_;
  JsonDocument statuses_;
  std::string body_text_;
  std::string results_text_;
  std::string statuses_text_;
  const HostNames& names_;
};

}  // namespace

std::unique_ptr<ForeignReader> make_osquery_write_reader(const DocumentLimits& limits,
                                                         const HostNames& names) {
  return std::make_unique<WriteReader>(limits, names);
}

}  // namespace muster::codec
