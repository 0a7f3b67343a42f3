// The server of a made-up fleet: Muster's rules over hosts in memory. It judges every event as a
// store would and runs the passes, so that the simulation knows which commands a device gets.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/catalog.h"
#include "core/expected.h"
#include "core/host.h"
#include "core/reconcile.h"
#include "muster/event.h"
#include "muster/policy.h"

namespace muster::generate {

/// A device of the fleet; its uuid has the same place among all uuids.
using HostIndex = std::uint32_t;

/// A command that a device got.
struct Issue {
  HostIndex host = 0;
  std::uint32_t command = 0;  ///< number
};

struct Command {
  core::VersionNumber version{};
  Operation operation = Operation::kInstall;
};

class Server {
 public:
  Server(std::uint64_t seed, std::uint32_t hosts);

  std::uint32_t hosts() const { return static_cast<std::uint32_t>(hosts_.size()); }
  /// Null: not in the inventory.
  const core::Host* host(HostIndex index) const;
  std::string uuid(HostIndex index) const;
  const core::Catalog& catalog() const { return catalog_; }
  const Command& command(std::uint32_t number) const { return commands_[number]; }
  std::string command_uuid(std::uint32_t number) const;
  std::uint64_t refused() const { return refused_; }

  /// An event about the host; `command` is the one that it names.
  Outcome judge(const Event& event, HostIndex index, std::uint32_t command = 0);
  /// An event about the catalog, the policy or many hosts; not reconciled or command_not_sent.
  Outcome judge(const Event& event);
  /// command_not_sent for these hosts.
  Outcome take_back(std::uint32_t command, const std::vector<HostIndex>& hosts);

  /// Whether a pass has a host to look at.
  bool wants_pass(Timestamp at) const;
  bool in_pass() const { return pass_.has_value(); }
  void begin_pass();
  /// The pass over the next range of hosts, at most about kPassBytes of text, with the commands in
  /// the order of hosts.
  Event continue_pass(Timestamp at, std::vector<Issue>& issues);

 private:
  class Judge;
  class Issuer;

  /// A pass under way. Shared commands keep their number from range to range.
  struct Pass {
    bool everybody = false;
    std::vector<HostIndex> due;  ///< where not everybody is visited
    std::uint32_t next = 0;      ///< position in `due`, or host
    std::optional<std::string> after;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> shared;  ///< (operation, profile)
  };

  Outcome judge_one(const Event& event, HostIndex index, std::uint32_t command);
  Outcome count(Outcome outcome);
  void note_due(HostIndex index);
  std::vector<HostIndex> take_due();
  template <typename Change>
  bool change_all(const Change& change);

  std::uint64_t seed_;
  Policy policy_;
  StoreLimits limits_;
  core::Catalog catalog_;
  core::ExpectedSets expected_sets_;
  std::vector<std::optional<core::Host>> hosts_;
  std::vector<HostIndex> due_;   ///< hosts to visit, now or at a time; each once
  std::vector<bool> noted_due_;  ///< is in due_
  std::vector<Command> commands_{1};
  Sequence sequence_ = 0;
  Sequence last_full_pass_ = 0;
  std::uint64_t refused_ = 0;
  std::optional<Pass> pass_;
};

/// An estimate of text; a host's rows may come on top (at most kFleetProfilesMax of either
/// operation), so that a line stays below 1 MiB.
inline constexpr std::size_t kPassBytes = 256u << 10;

}  // namespace muster::generate
