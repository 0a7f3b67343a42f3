#include "generate/server.h"

#include <utility>

#include "base/contract.h"
#include "core/fan_out.h"
#include "core/step.h"
#include "generate/names.h"

namespace muster::generate {

Server::Server(std::uint64_t seed, std::uint32_t hosts)
    : seed_(seed), hosts_(hosts), noted_due_(hosts) {}

const core::Host* Server::host(HostIndex index) const {
  return hosts_[index] ? &*hosts_[index] : nullptr;
}

std::string Server::uuid(HostIndex index) const {
  return host_uuid(seed_, hosts(), index);
}

std::string Server::command_uuid(std::uint32_t number) const {
  return generate::command_uuid(seed_, number);
}

Outcome Server::count(Outcome outcome) {
  if (refusal_of(outcome) != Refusal::kNone) ++refused_;
  return outcome;
}

void Server::note_due(HostIndex index) {
  if (!hosts_[index] || hosts_[index]->due == core::kNotDue || noted_due_[index]) return;
  noted_due_[index] = true;
  due_.push_back(index);
}

Outcome Server::judge(const Event& event, HostIndex index, std::uint32_t command) {
  ++sequence_;
  core::StepInput input{policy_, limits_, catalog_, expected_sets_, event.at, std::nullopt, {}};
  if (command != 0) {
    input.command = core::KnownCommand{core::CommandNumber{command}, commands_[command].operation};
  }
  input.new_ordinal = core::HostOrdinal{index};
  const core::Step step = core::step(input, event, hosts_[index]);
  MUSTER_ASSERT(step.unknown_labels == 0);
  note_due(index);
  return count(step.outcome);
}

template <typename Change>
bool Server::change_all(const Change& change) {
  bool changed = false;
  for (HostIndex index = 0; index < hosts(); ++index) {
    if (!hosts_[index]) continue;
    changed |= change(*hosts_[index]);
    note_due(index);
  }
  return changed;
}

/// One member an event that is not about one host.
class Server::Judge {
 public:
  Judge(Server& server, Timestamp at) : server_(server), at_(at) {}

  Outcome operator()(const LabelCreated& event) {
    return server_.catalog_.create_label(event, at_, changes_);
  }
  Outcome operator()(const LabelDeleted& event) {
    return server_.catalog_.delete_label(event, server_.sequence_, changes_);
  }
  Outcome operator()(const ProfileUploaded& event) {
    std::string why;
    return server_.catalog_.upload_profile(event, server_.limits_, server_.sequence_, changes_,
                                           why);
  }
  Outcome operator()(const ProfileDeleted& event) {
    const auto number = server_.catalog_.profile_number(event.profile_uuid);
    const Outcome outcome =
        server_.catalog_.delete_profile(event.profile_uuid, server_.sequence_, changes_);
    if (outcome != Outcome::kApplied) return outcome;
    server_.change_all([&](core::Host& host) {
      return core::delete_profile_on_host(server_.catalog_, *number, host);
    });
    return outcome;
  }
  Outcome operator()(const ProfileBatchResent& event) {
    const core::Profile* profile = server_.catalog_.find_profile(event.profile_uuid);
    if (profile == nullptr) return Outcome::kUnknownProfile;
    const bool changed = server_.change_all([&](core::Host& host) {
      return core::resend_failed_on_host(server_.catalog_, profile->number(), host);
    });
    return changed ? Outcome::kApplied : Outcome::kUnchanged;
  }
  Outcome operator()(const PolicyChanged& event) {
    const auto fault = core::change_policy(event, server_.policy_);
    MUSTER_ASSERT(!fault);
    return Outcome::kApplied;
  }
  template <typename Other>
  Outcome operator()(const Other&) {
    MUSTER_ASSERT(false && "the event is judged elsewhere");
    return Outcome::kInvalid;
  }

 private:
  Server& server_;
  Timestamp at_;
  core::CatalogChanges changes_;
};

Outcome Server::judge(const Event& event) {
  ++sequence_;
  return count(std::visit(Judge(*this, event.at), event.body));
}

Outcome Server::take_back(std::uint32_t command, const std::vector<HostIndex>& hosts) {
  ++sequence_;
  bool changed = false;
  for (const HostIndex index : hosts) {
    if (!hosts_[index]) continue;
    changed |= core::take_back_command_on_host(core::CommandNumber{command}, *hosts_[index]);
    note_due(index);
  }
  return changed ? Outcome::kApplied : Outcome::kUnchanged;
}

}  // namespace muster::generate
