// Hosts of a view, in the words of the public API.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/host.h"
#include "muster/snapshot.h"
#include "muster/status.h"
#include "store/view.h"

namespace muster::store {

/// For one thread; remembers the uuids of commands, which many hosts share.
class HostReader {
 public:
  explicit HostReader(const View& view) : view_(view) {}

  Result<std::optional<core::Host>> find(std::string_view host_uuid);
  /// Hosts with uuids greater than `after`, in order, until the visitor returns false.
  Status scan(std::string_view after, const std::function<Result<bool>(const core::Host&)>& visit);

  HostState to_host_state(const core::Host& host) const;
  /// Into `state`, whose memory serves again.
  Status read_profile_state(const core::Host& host, const core::Slot& slot, ProfileState& state);
  /// "" for kNoCommand.
  Status read_command_uuid(core::CommandNumber number, std::string& uuid);

 private:
  static constexpr std::size_t kCommandsRemembered = 1u << 16;

  Result<core::Host> decode(std::string_view host_uuid, std::string_view sealed) const;

  const View& view_;
  boost::unordered_flat_map<std::uint64_t, std::string> commands_;
  std::string value_;
};

}  // namespace muster::store
