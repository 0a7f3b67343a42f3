// The server's passes.
#include <algorithm>
#include <utility>

#include "base/contract.h"
#include "generate/server.h"

namespace muster::generate {
namespace {

constexpr std::size_t kHostBytes = 39;      // a uuid in quotes, and a comma
constexpr std::size_t kCommandBytes = 180;  // a listed command without hosts

}  // namespace

/// Gives the commands of one range numbers and lists them.
class Server::Issuer : public core::CommandIssuer {
 public:
  Issuer(Server& server, std::vector<IssuedCommand>& listed, std::vector<Issue>& issues)
      : server_(server), listed_(listed), issues_(issues) {}

  void set_host(HostIndex host) { host_ = host; }
  std::size_t bytes() const { return bytes_; }

  core::CommandNumber issue(Operation operation, const core::ProfileVersion& version,
                            std::string_view uuid, bool per_host) override {
    std::uint32_t number = 0;
    if (per_host) {
      number = add(operation, version);
      list(number, operation, version);
      listed_.back().hosts.emplace_back(uuid);
    } else {
      const std::uint64_t key = std::uint64_t{core::to_integer(version.profile)} << 8 |
                                static_cast<std::uint64_t>(operation);
      auto& shared = server_.pass_->shared[key];
      if (shared == 0) shared = add(operation, version);
      number = shared;
      const auto [at, fresh] = places_.try_emplace(number, listed_.size());
      if (fresh) list(number, operation, version);
      listed_[at->second].hosts.emplace_back(uuid);
    }
    bytes_ += kHostBytes;
    issues_.push_back({host_, number});
    return core::CommandNumber{number};
  }

 private:
  std::uint32_t add(Operation operation, const core::ProfileVersion& version) {
    server_.commands_.push_back({version.number, operation});
    return static_cast<std::uint32_t>(server_.commands_.size() - 1);
  }
  void list(std::uint32_t number, Operation operation, const core::ProfileVersion& version) {
    listed_.push_back({operation, version.profile_uuid, server_.command_uuid(number), {}});
    bytes_ += kCommandBytes;
  }

  Server& server_;
  std::vector<IssuedCommand>& listed_;
  std::vector<Issue>& issues_;
  HostIndex host_ = 0;
  std::size_t bytes_ = 0;
  boost::unordered_flat_map<std::uint32_t, std::size_t> places_;  ///< of commands, in listed_
};

bool Server::wants_pass(Timestamp at) const {
  if (catalog_.newest_epoch() > last_full_pass_) return true;
  return std::any_of(due_.begin(), due_.end(),
                     [&](HostIndex index) { return hosts_[index] && hosts_[index]->due <= at; });
}

/// The hosts of due_ in order. Those that stay due are noted again after their visit.
std::vector<HostIndex> Server::take_due() {
  std::sort(due_.begin(), due_.end());
  for (const HostIndex index : due_) noted_due_[index] = false;
  return std::exchange(due_, {});
}

void Server::begin_pass() {
  MUSTER_ASSERT(!pass_);
  pass_ = Pass();
  pass_->everybody = catalog_.newest_epoch() > last_full_pass_;
  pass_->due = take_due();
}

Event Server::continue_pass(Timestamp at, std::vector<Issue>& issues) {
  MUSTER_ASSERT(pass_);
  ++sequence_;
  Reconciled body;
  body.commands.emplace();
  body.after = pass_->after;
  Issuer issuer(*this, *body.commands, issues);
  const auto end = static_cast<std::uint32_t>(pass_->everybody ? hosts_.size() : pass_->due.size());
  while (pass_->next < end && issuer.bytes() < kPassBytes) {
    const HostIndex index = pass_->everybody ? pass_->next : pass_->due[pass_->next];
    ++pass_->next;
    if (!hosts_[index]) continue;
    core::Host& host = *hosts_[index];
    if (core::wants_visit(catalog_, host, at, last_full_pass_)) {
      issuer.set_host(index);
      core::reconcile_host(policy_, limits_, catalog_, at, sequence_, host, issuer);
    }
    note_due(index);
    if (issuer.bytes() >= kPassBytes) body.through = host.uuid;
  }
  if (pass_->next < end) {
    MUSTER_ASSERT(body.through);
    pass_->after = body.through;
  } else {
    body.through.reset();
    if (!pass_->after) last_full_pass_ = sequence_;
    pass_.reset();
  }
  return Event{at, std::move(body)};
}

}  // namespace muster::generate
