// Opening a store for a subcommand, with messages that say what to do.
#pragma once

#include <filesystem>
#include <optional>

#include "muster/snapshot.h"
#include "muster/status.h"
#include "muster/store.h"

namespace muster::tool {

/// Nothing there yet, or an empty directory.
bool is_new_store(const std::filesystem::path& path);

/// An existing store, read-only: works beside a writer and changes nothing.
Result<Store> open_for_reading(const std::filesystem::path& path);

/// How to open a store for a change. One that has a recorder goes on recording.
StoreOptions options_for_writing(const std::filesystem::path& path);

/// An existing store, opened so.
Result<Store> open_for_writing(const std::filesystem::path& path);

/// How to open the store's recorder, where it has one in its own directory.
std::optional<RecorderOptions> recorder_of(const std::filesystem::path& path);

/// A snapshot of an existing store, opened as above.
Result<Snapshot> open_snapshot(const std::filesystem::path& path);

}  // namespace muster::tool
