#include "tests/support/store_tools.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "tests/support/files.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

/// Files with their sizes; RocksDB's notes on itself are not part of the state.
using Listing = std::map<fs::path, std::uintmax_t>;

Listing listing_of(const fs::path& store) {
  Listing listing;
  for (const fs::path& folder : {fs::path(), fs::path("data")}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(store / folder, error)) {
      const std::string name = entry.path().filename().string();
      std::error_code gone;
      if (entry.is_directory(gone) || name.starts_with("LOG")) continue;
      listing[folder / name] = entry.file_size(gone);
    }
  }
  return listing;
}

}  // namespace

StoreOptions buffered(const std::filesystem::path& path) {
  StoreOptions options;
  options.path = path;
  options.durability = Durability::kBuffered;
  return options;
}

StoreOptions read_only(const std::filesystem::path& path) {
  StoreOptions options;
  options.path = path;
  options.read_only = true;
  return options;
}

StoreOptions recording_to(const std::filesystem::path& path, std::uint64_t segment_bytes) {
  StoreOptions options = buffered(path);
  options.recorder.emplace();
  options.recorder->segment_bytes = segment_bytes;
  return options;
}

std::vector<fs::path> segments_of(const fs::path& store) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(store / "recorder")) {
    if (entry.path().extension() == ".mrec") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Store open_store(const StoreOptions& options, const store::Tuning& tuning) {
  return require(store::open_tuned(options, tuning), "open");
}

store::Tuning small_windows() {
  store::Tuning tuning;
  tuning.window_hosts = 4;
  return tuning;
}

Event label(int number) {
  return {Timestamp{1'748'736'000'000'000 + std::int64_t{number} * 1'000'000},
          LabelCreated{"label " + std::to_string(number), LabelMembership::kManual}};
}

void add_labels(Store& store, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    const Event event = label(i);
    require(store.apply(std::span(&event, 1)), "apply");
  }
}

Applied apply(Store& store, std::span<const Event> events, std::string_view source,
              std::uint64_t first) {
  return require(store.apply(events, SourcePosition{std::string(source), first}), "apply");
}

void apply_all(Store& store, const std::vector<Event>& events, std::string_view source,
               std::size_t batch) {
  for (std::size_t done = 0; done < events.size(); done += batch) {
    const std::size_t count = std::min(batch, events.size() - done);
    apply(store, std::span(events).subspan(done, count), source, done + 1);
  }
}

bool copy_store(const fs::path& from, const fs::path& to) {
  constexpr int kTries = 1000;
  for (int tries = 0; tries < kTries; ++tries) {
    std::error_code error;
    fs::remove_all(to, error);
    fs::create_directories(to / "data", error);
    const Listing before = listing_of(from);
    for (const auto& [file, size] : before) {
      if (!error) fs::copy_file(from / file, to / file, error);
    }
    if (!error && listing_of(from) == before) return true;
  }
  return false;
}

std::string digest_of(const Store& store) {
  const Snapshot snapshot = require(store.snapshot(), "snapshot");
  return to_string(require(snapshot.content_digest(), "digest"));
}

std::vector<Finding> findings_of(const Store& store) {
  std::vector<Finding> findings;
  const auto visit = [&findings](const Finding& finding) {
    findings.push_back(finding);
    return true;
  };
  require(store.check(visit), "check");
  return findings;
}

std::string to_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.family + " / " + finding.key + ": " + finding.what + "\n";
  }
  return text;
}

std::vector<ProfileState> StoreView::rows(std::string_view host_uuid) const {
  std::vector<ProfileState> rows;
  const Snapshot snapshot = require(store_.snapshot(), "snapshot");
  const auto keep = [&rows](const ProfileState& row) {
    rows.push_back(row);
    return true;
  };
  require_ok(snapshot.visit_host(host_uuid, {}, keep), "rows");
  return rows;
}

std::vector<Event> fleet_events(const FleetOptions& options, std::size_t more) {
  const TempDir folder;
  Store store = open_store(buffered(folder / "store"));
  const StoreView view(store);
  Fleet fleet(options, view);
  std::vector<Event> events;
  const std::size_t total = options.hosts + 9 + options.teams * 6 + 1 + more;
  while (events.size() < total) {
    events.push_back(fleet.next());
    apply(store, std::span(events).last(1), "fleet", events.size());
  }
  return events;
}

}  // namespace muster::test
