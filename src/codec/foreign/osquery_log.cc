// The agent's log of scheduled queries.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/time.h"
#include "codec/foreign/json_document.h"
#include "codec/foreign/osquery_fold.h"
#include "codec/foreign/reader.h"

namespace muster::codec {
namespace {

/// A run's lines stand together, or nearly so: one that got none for so many documents is closed.
constexpr std::uint64_t kRunOpenFor = 4096;

/// "Tue Feb  3 17:10:00 2026 UTC", with or without its zone, which is always UTC.
std::optional<Timestamp> parse_calendar_time(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (words.size() < 5) return {};
  const auto month = std::find(kMonths.begin(), kMonths.end(), words[1]);
  if (month == kMonths.end()) return {};
  const auto two_digits = [](std::string digits) {
    return digits.size() < 2 ? '0' + digits : digits;
  };
  const std::string number = two_digits(std::to_string(month - kMonths.begin() + 1));
  return base::parse_rfc3339(std::string(words[4]) + '-' + number + '-' +
                             two_digits(std::string(words[2])) + 'T' + std::string(words[3]) + 'Z');
}

std::optional<Timestamp> time_of(const JsonFields& line) {
  constexpr std::int64_t kMostSeconds = kTimestampMax.micros / base::kMicrosPerSecond;
  const auto seconds = find_number(line, "unixTime");
  if (seconds && *seconds > 0 && *seconds <= kMostSeconds) {
    return Timestamp{*seconds * base::kMicrosPerSecond};
  }
  const auto text = find_text(line, "calendarTime");
  return text ? parse_calendar_time(*text) : std::nullopt;
}

class LogReader final : public ForeignReader {
 public:
  LogReader(const DocumentLimits& limits, const HostNames& names) : json_(limits), names_(names) {}

  void read(std::string_view document, Listener& listener) override {
    ++documents_;
    close_old_runs(listener);
    std::string reason;
    const auto root = json_.parse(document, reason);
    JsonFields fields;
    if (!root || root->get(fields) != simdjson::SUCCESS) {
      lose_any();
      return listener.on_unreadable(root ? "it is no object" : reason);
    }
    const auto lines = find_list(fields, "data");
    if (!lines) return read_line(fields, {}, listener);
    if (find_text(fields, "log_type").value_or("result") == "status") {
      return listener.on_passed_over("a log of the agent's own state");
    }
    const std::string_view node_key = find_text(fields, "node_key").value_or("");
    for (const JsonElement element : *lines) {
      JsonFields line;
      if (element.get(line) != simdjson::SUCCESS) {
        lose_any();
        listener.on_unreadable("an entry that is no object");
      } else {
        read_line(line, node_key, listener);
      }
    }
  }

  void lost() override {
    ++documents_;
    lose_any();
  }

  /// The run of the last line may go on in another file.
  void finish(bool whole, Listener& listener) override {
    while (!open_.empty()) {
      const OpenRun front = open_.begin()->second;
      Query& query = query_of(front);
      if (!whole || query.last_document == documents_) query.folded.lose();
      close(front.host, query, listener);
    }
  }

 private:
  /// One query of one host. An open run is the one that lines still come of.
  struct Query {
    FoldedRows folded;
    std::uint64_t open = 0;  ///< the run's number in open_; 0: none is
    QueryRun run;
    std::optional<Timestamp> at;
    std::uint64_t last_document = 0;
    std::uint64_t losses = 0;  ///< before the run began
  };
  struct Host {
    std::unordered_map<std::string, Query> queries;
  };
  struct OpenRun {
    std::string host;
    std::string query;
  };

  /// What a line lists.
  struct Lists {
    std::optional<std::vector<OsqueryRow>> all;
    std::optional<std::vector<OsqueryRow>> added;
    std::optional<std::vector<OsqueryRow>> removed;
    bool whole_run = true;
    std::size_t others = 0;  ///< rows that are of no profile, or not whole
    std::string problem;
    bool any() const { return all || added || removed; }
  };

  Lists read_lists(const JsonFields& line, std::string_view query) {
    Lists lists;
    lists.all = read_rows(line, "snapshot", query, lists.others);
    if (const auto differences = find_fields(line, "diffResults")) {
      lists.added = read_rows(*differences, "added", query, lists.others);
      lists.removed = read_rows(*differences, "removed", query, lists.others);
    } else if (const auto columns = find_value(line, "columns")) {
      lists.whole_run = false;
      const auto row = read_profile_row(*columns);
      const std::string_view action = find_text(line, "action").value_or("");
      if (row && action == "added") lists.added.emplace({*row});
      if (row && action == "removed") lists.removed.emplace({*row});
      if (row && !lists.any()) lists.problem = "its action is neither added nor removed";
      lists.others += row ? 0 : 1;
    }
    if (lists.others > 0 && (lists.any() || profile_queries_.contains(std::string(query)))) {
      lists.problem = "a row without identifier and install_date";
    }
    return lists;
  }

  void read_line(const JsonFields& line, std::string_view node_key, Listener& listener) {
    const auto query = find_text(line, "name");
    if (!query) return listener.on_passed_over("a line that is of no query");
    const std::string name(*query);
    Lists lists = read_lists(line, name);
    const auto host = host_of(line, node_key);
    if (!lists.problem.empty()) {
      if (host) hosts_[*host].queries[name].folded.lose();
      return listener.on_unreadable(lists.problem);
    }
    if (!lists.any()) {
      other_queries_.insert(name);
      return listener.on_passed_over("a query of something else");
    }
    // What was passed over before may have been rows of this run.
    if (profile_queries_.insert(name).second && other_queries_.contains(name)) lose_any();
    if (!host) {
      return listener.on_unreadable(
          "it does not say which host it is of; give its identifier in --host-map");
    }
    Query& of = hosts_[*host].queries[name];
    if (!lists.all) return add_to_run(line, *host, name, std::move(lists), of, listener);
    if (of.open != 0) close(*host, of, listener);
    of.folded.replace(*std::move(lists.all));
    of.at = time_of(line);
    tell(*host, of, listener);
  }

  void add_to_run(const JsonFields& line, const std::string& host, const std::string& name,
                  Lists lists, Query& of, Listener& listener) {
    const QueryRun run{find_number(line, "epoch").value_or(0),
                       find_number(line, "counter").value_or(-1)};
    if (run.counter < 0) {
      of.folded.lose();
      return listener.on_unreadable("it has no counter");
    }
    if (of.open != 0 && of.run != run) close(host, of, listener);
    if (of.open == 0) {
      of.losses = losses_;
      const bool lost = lost_at_ && documents_ - *lost_at_ < kRunOpenFor;
      if (lost && !lists.whole_run) of.folded.lose();
    }
    open_.erase(of.open);
    of.open = ++last_open_;
    open_.emplace(of.open, OpenRun{host, name});
    of.run = run;
    of.at = time_of(line);
    of.last_document = documents_;
    if (lists.added) {
      for (OsqueryRow& row : *lists.added) of.folded.add(std::move(row));
    }
    if (lists.removed) {
      for (OsqueryRow& row : *lists.removed) of.folded.remove(std::move(row));
    }
    if (lists.whole_run) close(host, of, listener);
  }

  /// Nothing: there is no such list, or it is of something else. A list without rows is one of
  /// profiles where the query had them before.
  std::optional<std::vector<OsqueryRow>> read_rows(const JsonFields& fields, std::string_view key,
                                                   std::string_view query, std::size_t& others) {
    const auto list = find_list(fields, key);
    if (!list) return {};
    std::vector<OsqueryRow> rows;
    for (const JsonElement element : *list) {
      auto row = read_profile_row(element);
      if (row) {
        rows.push_back(*std::move(row));
      } else {
        ++others;
      }
    }
    if (rows.empty() && !profile_queries_.contains(std::string(query))) return {};
    return rows;
  }

  std::optional<std::string> host_of(const JsonFields& line, std::string_view node_key) const {
    const auto decorations = find_fields(line, "decorations");
    for (const std::string_view key : {"host_uuid", "hardware_uuid", "uuid"}) {
      const auto uuid = find_text(decorations ? *decorations : line, key);
      if (uuid && !uuid->empty()) return std::string(*uuid);
    }
    auto identifier = find_text(line, "hostIdentifier");
    if (!identifier) identifier = find_text(line, "hostname");
    if (identifier) {
      if (auto host = host_of_identifier(*identifier, names_)) return host;
    }
    if (!node_key.empty()) {
      if (const auto host = names_.find(node_key)) return std::string(*host);
    }
    const auto host = names_.find({});
    return host ? std::optional(std::string(*host)) : std::nullopt;
  }

  /// A line that cannot be read may be of any run that has others near it.
  void lose_any() {
    lost_at_ = documents_;
    ++losses_;
  }
  bool is_lost(const Query& query) const { return query.open != 0 && query.losses != losses_; }

  void close_old_runs(Listener& listener) {
    while (!open_.empty()) {
      const OpenRun front = open_.begin()->second;
      Query& query = query_of(front);
      if (documents_ - query.last_document < kRunOpenFor) return;
      close(front.host, query, listener);
    }
  }

  Query& query_of(const OpenRun& run) { return hosts_[run.host].queries[run.query]; }

  void close(const std::string& host, Query& query, Listener& listener) {
    if (is_lost(query)) query.folded.lose();
    open_.erase(std::exchange(query.open, 0));
    query.folded.close_run(query.run);
    tell(host, query, listener);
  }

  /// What the host has by all its queries of profiles; each may tell a part.
  void tell(const std::string& host, const Query& last, Listener& listener) {
    std::multiset<OsqueryRow> rows;
    for (const auto& [name, query] : hosts_[host].queries) {
      if (!query.folded.whole() || is_lost(query)) {
        return listener.on_passed_over("differences from a list that is not known");
      }
      rows.insert(query.folded.rows().begin(), query.folded.rows().end());
    }
    ProfilesReported report;
    report.host_uuid = host;
    report.detail_updated_at = last.at.value_or(Timestamp{});
    for (const OsqueryRow& row : rows) {
      if (!add_to(report.profiles, row)) {
        return listener.on_unreadable("a row whose install_date cannot be read");
      }
    }
    Statement statement;
    statement.at = last.at;
    statement.key = key_of_profiles(host, rows);
    statement.body = std::move(report);
    listener.on_statement(std::move(statement));
  }

  JsonDocument json_;
  const HostNames& names_;
  std::unordered_map<std::string, Host> hosts_;
  std::unordered_set<std::string> profile_queries_;  ///< names of queries that had profiles
  std::unordered_set<std::string> other_queries_;    ///< of those that had something else
  std::map<std::uint64_t, OpenRun> open_;            ///< in the order of their last lines
  std::uint64_t last_open_ = 0;
  std::uint64_t documents_ = 0;
  std::optional<std::uint64_t> lost_at_;  ///< the last document that could not be read
  std::uint64_t losses_ = 0;
};

}  // namespace

std::unique_ptr<ForeignReader> make_osquery_log_reader(const DocumentLimits& limits,
                                                       const HostNames& names) {
  return std::make_unique<LogReader>(limits, names);
}

}  // namespace muster::codec
