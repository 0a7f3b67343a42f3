// RocksDB below a closed store, to read and change single records behind the store's back.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster::test {

/// Errors are thrown as std::runtime_error.
class RawStore {
 public:
  explicit RawStore(const std::filesystem::path& store);
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;
  ~RawStore();

  using Records = std::map<std::string, std::string, std::less<>>;
  Records all(std::string_view family) const;
  std::optional<std::string> get(std::string_view family, std::string_view key) const;
  void put(std::string_view family, std::string_view key, std::string_view value);
  void remove(std::string_view family, std::string_view key);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same bytes with one bit flipped.
std::string with_bit_flipped(std::string bytes, std::size_t bit);

}  // namespace muster::test
