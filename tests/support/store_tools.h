// Short forms for tests that work with stores themselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/snapshot.h"
#include "muster/store.h"
#include "store/tuning.h"
#include "tests/support/fleet.h"
#include "tests/support/store_subject.h"

namespace muster::test {

/// Options of a store at `path`: buffered, everything else as users have it.
StoreOptions buffered(const std::filesystem::path& path);
StoreOptions read_only(const std::filesystem::path& path);

/// Buffered, with a recorder in its directory.
StoreOptions recording_to(const std::filesystem::path& path,
                          std::uint64_t segment_bytes = 64u << 20);
/// The recorder's segments in a store's directory, in order.
std::vector<std::filesystem::path> segments_of(const std::filesystem::path& store);

Store open_store(const StoreOptions& options, const store::Tuning& tuning = {});
/// Fan-outs in windows of four hosts.
store::Tuning small_windows();

Applied apply(Store& store, std::span<const Event> events, std::string_view source,
              std::uint64_t first);
/// In spans of `batch` events, from the first event on.
void apply_all(Store& store, const std::vector<Event>& events, std::string_view source,
               std::size_t batch);

/// The event that makes label `number`, a second behind the one before it.
Event label(int number);
/// Applies such events, one commit each.
void add_labels(Store& store, int first, int count);

/// Copies a store's folder as a crash would leave it at this moment: no events may be applied
/// meanwhile, but RocksDB may tidy up. False: it never stood still.
bool copy_store(const std::filesystem::path& from, const std::filesystem::path& to);

std::string digest_of(const Store& store);
std::vector<Finding> findings_of(const Store& store);
std::string to_text(const std::vector<Finding>& findings);

/// The rows of a store's hosts, for a Fleet.
class StoreView : public FleetView {
 public:
  explicit StoreView(const Store& store) : store_(store) {}
  std::vector<ProfileState> rows(std::string_view host_uuid) const override;

 private:
  const Store& store_;
};

/// A random fleet's events, the founding ones and `more` behind them.
std::vector<Event> fleet_events(const FleetOptions& options, std::size_t more);

}  // namespace muster::test
