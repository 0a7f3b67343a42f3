#include "tools/open_store.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace muster::tool {

bool is_new_store(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return !error;
  return std::filesystem::is_directory(path, error) && std::filesystem::is_empty(path, error) &&
         !error;
}

Result<Store> open_for_reading(const std::filesystem::path& path) {
  if (is_new_store(path)) {
    return Status(StatusCode::kNotFound,
                  fmt::format("there is no store at {0}: check --db, or make one with "
                              "'muster replay --db {0} FILE'",
                              path.native()));
  }
  StoreOptions options;
  options.path = path;
  options.create_if_missing = false;
  options.read_only = true;
  return Store::open(options);
}

Result<Snapshot> open_snapshot(const std::filesystem::path& path) {
  Result<Store> store = open_for_reading(path);
  if (!store.ok()) return store.status();
  return store->snapshot();
}

}  // namespace muster::tool
