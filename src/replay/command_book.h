// Which command installs or removes what, as a server's records tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "codec/foreign/statement.h"
#include "muster/types.h"

namespace muster::recording {

/// What is known of one command, put together from all that tells of it.
struct BookedCommand {
  std::string uuid;
  std::optional<Operation> operation;  ///< nothing: no command about profiles, or not told yet
  std::string profile_uuid;            ///< empty: not told
  std::string identifier;              ///< of the profile; empty: not told
  std::optional<Timestamp> at;         ///< when it was issued
  /// What it does to which profile, by uuid or identifier: as it was first known.
  std::optional<std::pair<Operation, std::string>> about;
  bool has_hosts = false;  ///< otherwise it may be anyone's
  bool is_other = false;   ///< it is not about profiles
};

class CommandBook {
 public:
  using Number = std::uint32_t;

  void add(codec::CommandStatement command);

  bool empty() const { return commands_.empty(); }
  std::size_t size() const { return commands_.size(); }
  const BookedCommand& operator[](Number number) const { return commands_[number]; }
  std::optional<Number> find(std::string_view command_uuid) const;
  /// The host's own commands, as they were told.
  std::span<const Number> of_host(std::string_view host_uuid) const;
  /// Those that no host is named for, by what they do to which profile.
  const std::map<std::pair<Operation, std::string>, std::set<Number>>& of_anyone() const {
    return of_anyone_;
  }

 private:
  std::vector<BookedCommand> commands_;
  std::unordered_map<std::string, Number> numbers_;
  struct OfHost {
    std::vector<Number> in_order;
    std::unordered_set<Number> all;
  };
  std::unordered_map<std::string, OfHost> by_host_;
  std::map<std::pair<Operation, std::string>, std::set<Number>> of_anyone_;
};

}  // namespace muster::recording
