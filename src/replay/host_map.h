// Hosts that go by other names than their uuids.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "codec/foreign/statement.h"
#include "muster/status.h"

namespace muster::recording {

class HostMap {
 public:
  /// Lines {"name":"...","host_uuid":"..."}. A name that stands there twice must mean one host.
  static Result<HostMap> read(const std::filesystem::path& path);
  std::optional<std::string_view> find(std::string_view name) const;
  /// Equal for maps that say the same.
  std::uint64_t mark() const { return mark_; }

 private:
  std::uint64_t mark_ = 0;
  std::unordered_map<std::string, std::string> uuids_;
};

/// The same for one file, whose own name may stand in the map.
class FileHosts final : public codec::HostNames {
 public:
  FileHosts(const HostMap& map, std::filesystem::path file) : map_(map), file_(std::move(file)) {}
  std::optional<std::string_view> find(std::string_view name) const override;

 private:
  const HostMap& map_;
  std::filesystem::path file_;
};

}  // namespace muster::recording
