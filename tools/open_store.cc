#include "tools/open_store.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace muster::tool {

namespace {

Result<Store> open_existing(StoreOptions options) {
  if (is_new_store(options.path)) {
    return Status(StatusCode::kNotFound,
                  fmt::format("there is no store at {0}: check --db, or make one with "
                              "'muster replay --db {0} FILE'",
                              options.path.native()));
  }
  options.create_if_missing = false;
  return Store::open(options);
}

}  // namespace

bool is_new_store(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return !error;
  return std::filesystem::is_directory(path, error) && std::filesystem::is_empty(path, error) &&
         !error;
}

std::optional<RecorderOptions> recorder_of(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path / "recorder", error)) return std::nullopt;
  return RecorderOptions();
}

Result<Store> open_for_reading(const std::filesystem::path& path) {
  StoreOptions options;
  options.path = path;
  options.read_only = true;
  return open_existing(options);
}

StoreOptions options_for_writing(const std::filesystem::path& path) {
  StoreOptions options;
  options.path = path;
  options.recorder = recorder_of(path);
  return options;
}

Result<Store> open_for_writing(const std::filesystem::path& path) {
  return open_existing(options_for_writing(path));
}

Result<Snapshot> open_snapshot(const std::filesystem::path& path) {
  Result<Store> store = open_for_reading(path);
  if (!store.ok()) return store.status();
  return store->snapshot();
}

}  // namespace muster::tool
