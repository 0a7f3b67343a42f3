// Where the naive engine's passes get their commands.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "core/reconcile.h"
#include "tests/support/naive_engine.h"

namespace muster::test {

/// Adds commands to the engine's table.
class CommandTable {
 public:
  CommandTable(NaiveEngine::Commands& commands, std::vector<std::string>& uuids)
      : commands_(commands), uuids_(uuids) {}
  core::CommandNumber intern(const std::string& uuid, Operation operation,
                             const std::string& profile_uuid);

 private:
  NaiveEngine::Commands& commands_;
  std::vector<std::string>& uuids_;
};

/// Makes command uuids up.
class DerivingIssuer : public core::CommandIssuer {
 public:
  DerivingIssuer(CommandTable table, std::string_view source, std::uint64_t event_number)
      : table_(table), source_(source), event_number_(event_number) {}
  core::CommandNumber issue(Operation operation, const core::ProfileVersion& version,
                            std::string_view host_uuid, bool per_host) override;

 private:
  CommandTable table_;
  std::string_view source_;
  std::uint64_t event_number_;
};

/// Takes command uuids from a recorded pass and counts where it and the rules differ.
class RecordedIssuer : public core::CommandIssuer {
 public:
  RecordedIssuer(CommandTable table, const std::vector<IssuedCommand>& listed);
  core::CommandNumber issue(Operation operation, const core::ProfileVersion& version,
                            std::string_view host_uuid, bool per_host) override;
  std::uint64_t divergences() const { return not_listed_ + (listed_.size() - used_.size()); }

 private:
  using Key = std::tuple<Operation, std::string, std::string>;

  CommandTable table_;
  std::map<Key, std::string> listed_;
  std::set<Key> used_;
  std::uint64_t not_listed_ = 0;
};

}  // namespace muster::test
