#include "tests/support/naive_engine.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/hash.h"
#include "core/fan_out.h"
#include "core/reconcile.h"
#include "core/step.h"
#include "core/summary.h"
#include "tests/support/issuers.h"

namespace muster::test {
namespace {

using Json = nlohmann::ordered_json;

Judged judged(Outcome outcome, std::string detail = {}) {
  Judged result;
  result.outcome = outcome;
  result.detail = std::move(detail);
  return result;
}

Judged changed_if(bool changed) {
  return judged(changed ? Outcome::kApplied : Outcome::kUnchanged);
}

Json status_json(DeliveryStatus status) {
  return status == DeliveryStatus::kUnsent ? Json(nullptr) : Json(name_of(status));
}

Json row_json(std::string_view host_uuid, const ProfileState& row) {
  Json json;
  json["host_uuid"] = host_uuid;
  json["profile_uuid"] = row.profile_uuid;
  json["identifier"] = row.identifier;
  json["operation"] = name_of(row.operation);
  json["status"] = status_json(row.status);
  json["retries"] = row.retries;
  json["detail"] = row.detail;
  json["command_uuid"] = row.command_uuid;
  json["ignore_error"] = row.ignore_error;
  json["variables_updated_at"] =
      row.variables_updated_at ? Json(to_string(*row.variables_updated_at)) : Json(nullptr);
  json["checksum"] = to_string(row.checksum);
  return json;
}

void count(StatusCounts& counts, DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::kFailed:
      ++counts.failed;
      break;
    case DeliveryStatus::kPending:
      ++counts.pending;
      break;
    case DeliveryStatus::kVerifying:
      ++counts.verifying;
      break;
    case DeliveryStatus::kVerified:
      ++counts.verified;
      break;
    case DeliveryStatus::kUnsent:
      break;
  }
}

/// For visits whose result is thrown away.
class NoIssuer : public core::CommandIssuer {
 public:
  core::CommandNumber issue(Operation, const core::ProfileVersion&, std::string_view,
                            bool) override {
    return core::kNoCommand;
  }
};

}  // namespace

std::string derived_command_uuid(std::string_view source, std::uint64_t event_number,
                                 Operation operation, std::string_view profile_uuid,
                                 std::optional<std::string_view> host_uuid) {
  std::string bytes(source);
  bytes += '\0';
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>((event_number >> (8 * i)) & 0xFF);
  bytes += operation == Operation::kInstall ? 'I' : 'R';
  bytes += profile_uuid;
  if (host_uuid) {
    bytes += '\0';
    bytes += *host_uuid;
  }
  std::string hex = to_string(base::hash128(bytes));
  hex[12] = '8';
  const int variant = hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10;
  hex[16] = "89ab"[variant & 3];
  for (const std::size_t at : {20, 16, 12, 8}) hex.insert(at, "-");
  return hex;
}

NaiveEngine::NaiveEngine(Policy policy, std::string source)
    : policy_(std::move(policy)), source_(std::move(source)) {}

std::vector<Judged> NaiveEngine::apply(const std::vector<Event>& events, std::uint64_t first) {
  std::vector<Judged> results;
  for (const Event& event : events) results.push_back(apply(event, first++));
  return results;
}

Judged NaiveEngine::apply(const Event& event, std::uint64_t number) {
  ++sequence_;
  if (auto fault = core::find_fault(event, limits_)) return judged(Outcome::kInvalid, *fault);
  if (last_at_ && event.at < *last_at_) return judged(Outcome::kInvalid, "time goes back");
  Judged result = judge(event, number);
  if (refusal_of(result.outcome) == Refusal::kNone) last_at_ = event.at;
  return result;
}

/// Dispatches by type; what is not about the catalog or many hosts is about one host.
class NaiveEngine::Visitor {
 public:
  Visitor(NaiveEngine& engine, const Event& event, std::uint64_t number)
      : engine_(engine), event_(event), number_(number) {}

  Judged operator()(const LabelCreated& body) { return engine_.catalog_event(body, event_.at); }
  Judged operator()(const LabelDeleted& body) { return engine_.catalog_event(body); }
  Judged operator()(const ProfileUploaded& body) { return engine_.catalog_event(body); }
  Judged operator()(const ProfileDeleted& body) { return engine_.delete_profile(body); }
  Judged operator()(const ProfileBatchResent& body) { return engine_.resend_failed(body); }
  Judged operator()(const CommandNotSent& body) { return engine_.take_back(body); }
  Judged operator()(const PolicyChanged& body) { return engine_.change(body); }
  Judged operator()(const Reconciled& body) { return engine_.reconcile(body, event_.at, number_); }
  Judged operator()(const Unreadable& body) { return judged(Outcome::kInvalid, body.reason); }
  template <typename HostBody>
  Judged operator()(const HostBody& body) {
    return engine_.host_event(event_, body.host_uuid);
  }

 private:
  NaiveEngine& engine_;
  const Event& event_;
  std::uint64_t number_;
};

Judged NaiveEngine::judge(const Event& event, std::uint64_t number) {
  return std::visit(Visitor(*this, event, number), event.body);
}

Judged NaiveEngine::catalog_event(const LabelCreated& event, Timestamp at) {
  core::CatalogChanges changes;
  return judged(catalog_.create_label(event, at, changes));
}

Judged NaiveEngine::catalog_event(const LabelDeleted& event) {
  core::CatalogChanges changes;
  return judged(catalog_.delete_label(event, sequence_, changes));
}

Judged NaiveEngine::catalog_event(const ProfileUploaded& event) {
  core::CatalogChanges changes;
  Judged result;
  result.outcome = catalog_.upload_profile(event, limits_, sequence_, changes, result.detail);
  return result;
}

Judged NaiveEngine::delete_profile(const ProfileDeleted& event) {
  const auto number = catalog_.profile_number(event.profile_uuid);
  core::CatalogChanges changes;
  const Outcome outcome = catalog_.delete_profile(event.profile_uuid, sequence_, changes);
  if (outcome != Outcome::kApplied) return judged(outcome);
  for (auto& [uuid, host] : hosts_) core::delete_profile_on_host(catalog_, *number, host);
  return judged(outcome);
}

Judged NaiveEngine::resend_failed(const ProfileBatchResent& event) {
  const core::Profile* profile = catalog_.find_profile(event.profile_uuid);
  if (profile == nullptr) return judged(Outcome::kUnknownProfile);
  if (event.status != "failed") return judged(Outcome::kInvalid, "status is not failed");
  bool changed = false;
  for (auto& [uuid, host] : hosts_) {
    changed |= core::resend_failed_on_host(catalog_, profile->number(), host);
  }
  return changed_if(changed);
}

Judged NaiveEngine::take_back(const CommandNotSent& event) {
  const auto command = commands_.find(event.command_uuid);
  if (command == commands_.end()) return judged(Outcome::kUnknownCommand);
  const core::CommandNumber number = command->second.known.number;
  bool changed = false;
  if (!event.hosts) {
    for (auto& [uuid, host] : hosts_) changed |= core::take_back_command_on_host(number, host);
    return changed_if(changed);
  }
  for (const std::string& uuid : *event.hosts) {
    const auto host = hosts_.find(uuid);
    if (host != hosts_.end()) changed |= core::take_back_command_on_host(number, host->second);
  }
  return changed_if(changed);
}

Judged NaiveEngine::change(const PolicyChanged& event) {
  const Policy before = policy_;
  if (auto fault = core::change_policy(event, policy_)) return judged(Outcome::kInvalid, *fault);
  return changed_if(!(policy_ == before));
}

Judged NaiveEngine::reconcile(const Reconciled& event, Timestamp at, std::uint64_t number) {
  CommandTable table(commands_, command_uuids_);
  if (event.commands) {
    for (const IssuedCommand& listed : *event.commands) {
      const auto known = commands_.find(listed.command_uuid);
      if (known != commands_.end() && (known->second.known.operation != listed.operation ||
                                       known->second.profile_uuid != listed.profile_uuid)) {
        return judged(Outcome::kCommandUuidTaken, listed.command_uuid);
      }
    }
  }
  DerivingIssuer deriving(table, source_, number);
  RecordedIssuer recorded(table, event.commands.value_or(std::vector<IssuedCommand>()));
  core::CommandIssuer& issuer =
      event.commands ? static_cast<core::CommandIssuer&>(recorded) : deriving;
  bool changed = false;
  Judged result;
  for (auto& [uuid, host] : hosts_) {
    if (event.after && uuid <= *event.after) continue;
    if (event.through && uuid > *event.through) continue;
    const core::HostPass pass =
        core::reconcile_host(policy_, limits_, catalog_, at, sequence_, host, issuer);
    changed |= pass.changed;
    result.divergences += pass.rows_over_limit;
  }
  result.outcome = changed ? Outcome::kApplied : Outcome::kUnchanged;
  result.divergences += recorded.divergences();
  return result;
}

Judged NaiveEngine::host_event(const Event& event, std::string_view host_uuid) {
  core::ExpectedSets no_memory;
  core::StepInput input{policy_, limits_, catalog_, no_memory, event.at, std::nullopt, {}};
  input.new_ordinal = core::HostOrdinal{ordinals_};
  if (const auto command_uuid = core::command_of(event)) {
    const auto command = commands_.find(*command_uuid);
    if (command != commands_.end()) input.command = command->second.known;
  }
  const auto at = hosts_.find(host_uuid);
  std::optional<core::Host> host;
  if (at != hosts_.end()) host = at->second;
  core::Step step = core::step(input, event, host);
  if (at == hosts_.end() && host) ++ordinals_;
  if (host) {
    hosts_.insert_or_assign(std::string(host_uuid), std::move(*host));
  } else if (at != hosts_.end()) {
    hosts_.erase(at);
  }
  Judged result = judged(step.outcome, std::move(step.detail));
  result.divergences = step.unknown_labels;
  return result;
}

std::vector<ProfileState> NaiveEngine::rows(const core::Host& host) const {
  std::vector<ProfileState> rows;
  for (const core::Slot& slot : host.slots) {
    const core::ProfileVersion& version = catalog_.version(slot.version());
    ProfileState row;
    row.profile_uuid = version.profile_uuid;
    row.identifier = version.identifier;
    row.name = version.name;
    row.operation = slot.operation();
    row.status = slot.status();
    row.retries = slot.retries();
    row.detail = host.detail_of(slot);
    row.command_uuid = command_uuids_.at(core::to_integer(slot.command()));
    row.ignore_error = slot.ignore_error();
    row.scope = slot.scope();
    row.checksum = version.checksum;
    row.variables_updated_at = host.variables_of(slot);
    row.secrets_updated_at = version.secrets_updated_at;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<ProfileState> NaiveEngine::rows(std::string_view host_uuid) const {
  const auto host = hosts_.find(host_uuid);
  return host == hosts_.end() ? std::vector<ProfileState>() : rows(host->second);
}

std::string NaiveEngine::export_rows() {
  std::string lines;
  for (const auto& [uuid, host] : hosts_) {
    for (const ProfileState& row : rows(host)) lines += row_json(uuid, row).dump() + "\n";
  }
  return lines;
}

std::string NaiveEngine::export_hosts() {
  std::string lines;
  for (const auto& [uuid, host] : hosts_) {
    const auto bucket = core::bucket_of(host);
    Json json;
    json["host_uuid"] = uuid;
    json["platform"] = name_of(host.platform);
    json["team_id"] = host.team;
    json["enrolled"] = host.enrolled;
    json["detail_updated_at"] = to_string(host.detail_updated_at);
    json["status"] = bucket ? Json(name_of(*bucket)) : Json(nullptr);
    lines += json.dump() + "\n";
  }
  return lines;
}

StatusCounts NaiveEngine::summary(TeamId team) {
  StatusCounts counts;
  for (const auto& [uuid, host] : hosts_) {
    if (host.team != team || !host.apple()) continue;
    if (const auto bucket = core::bucket_of(host)) count(counts, *bucket);
  }
  return counts;
}

StatusCounts NaiveEngine::profile_counts(std::string_view profile_uuid) {
  StatusCounts counts;
  for (const auto& [uuid, host] : hosts_) {
    for (const core::Slot& slot : host.slots) {
      if (catalog_.version(slot.version()).profile_uuid != profile_uuid) continue;
      if (const auto status = core::counted_as(slot)) count(counts, *status);
    }
  }
  return counts;
}

std::optional<std::string> NaiveEngine::find_unsettled(Timestamp at) const {
  NoIssuer issuer;
  for (const auto& [uuid, host] : hosts_) {
    core::Host copy = host;
    core::reconcile_host(policy_, limits_, catalog_, at, sequence_ + 1, copy, issuer);
    if (!copy.same_record(host)) return uuid;
  }
  return std::nullopt;
}

}  // namespace muster::test
