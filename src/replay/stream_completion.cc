#include "replay/stream_completion.h"

#include <algorithm>
#include <variant>

#include "codec/foreign/key.h"
#include "core/step.h"
#include "core/taken_statements.h"

namespace muster::recording {
namespace {

constexpr std::string_view kSeedName = "import";

/// A text that stands before the host's uuid, and nothing in between that names a host.
std::string just_before(std::string_view host) {
  const auto last = static_cast<unsigned char>(host.back());
  std::string before(host.substr(0, host.size() - 1));
  if (last > ' ' && last < 0x7F) {
    before.push_back(static_cast<char>(last - 1));
    before += "\xF4\x8F\xBF\xBF";
    return before;
  }
  // Not so narrow, for uuids that end in no ASCII character: others may be passed over with it.
  while (!before.empty() && (static_cast<unsigned char>(before.back()) & 0xC0U) == 0x80U) {
    before.pop_back();
  }
  if (last >= 0x80 && !before.empty()) before.pop_back();
  return before;
}

bool is_final(std::string_view status) {
  return status == "Acknowledged" || status == "Error" || status == "CommandFormatError";
}

/// What a device says of profiles: the commands must have been there before.
bool is_answer(const EventBody& body) {
  return std::holds_alternative<CommandResult>(body) ||
         std::holds_alternative<InstallResult>(body) ||
         std::holds_alternative<ProfilesReported>(body);
}

/// Whoever adds or deletes a host needs none that is there.
bool speaks_of_existence(const EventBody& body) {
  return std::holds_alternative<HostAdded>(body) || std::holds_alternative<HostDeleted>(body);
}

}  // namespace

void StreamCompletion::add(DueStatement due, Timestamp at, std::deque<ImportedEvent>& events) {
  codec::Statement& statement = due.placed.statement;
  last_ = at;
  if (const auto* answer = std::get_if<CommandResult>(&statement.body);
      answer != nullptr && is_other(answer->command_uuid)) {
    ++notes_.passed_over["an answer to a command that is not about profiles"];
    return;
  }
  if (auto* report = std::get_if<ProfilesReported>(&statement.body);
      report != nullptr && !statement.at) {
    report->detail_updated_at = at;
  }
  passes_told_ = passes_told_ || std::holds_alternative<Reconciled>(statement.body);
  Event event{at, std::move(statement.body)};
  const StatementKey needed{due.placed.key, core::holder_of(event)};
  const Place in_front{at, needed, events};
  if (const auto host = core::host_of(event)) {
    const std::string uuid(*host);
    if (!speaks_of_existence(event.body)) introduce(uuid, statement, in_front);
    if (!passes_told_ && is_answer(event.body)) {
      const auto* result = std::get_if<CommandResult>(&event.body);
      std::optional<Number> answered;
      if (result != nullptr) answered = prepare_answer(*result, in_front);
      pass_over(uuid, answered, in_front);
      if (result != nullptr) note_answer(*result);
    }
  }
  if (statement.labels_exist) introduce_labels(event.body, in_front);
  note_catalog(event.body);
  ImportedEvent imported;
  imported.event = std::move(event);
  imported.statement.key = due.placed.key;
  imported.file = due.file;
  imported.offset = due.placed.offset;
  events.push_back(std::move(imported));
}

bool StreamCompletion::is_other(std::string_view command_uuid) const {
  const auto number = commands_.find(command_uuid);
  return number && commands_[*number].is_other;
}

void StreamCompletion::finish(std::deque<ImportedEvent>& events) {
  if (passes_told_ || !last_) return;
  std::vector<std::string> waiting;
  for (const auto& [host, team] : hosts_) {
    if (!commands_.of_host(host).empty()) waiting.push_back(host);
  }
  std::sort(waiting.begin(), waiting.end());
  const StatementKey last{codec::KeyOf("last pass").digest(), {}};
  const Place at_end{*last_, last, events};
  for (const std::string& host : waiting) pass_over(host, {}, at_end);
  ++notes_.passes_made;
  Reconciled pass;
  pass.uuid_seed = UuidSeed{std::string(kSeedName), static_cast<std::uint64_t>(last_->micros)};
  append(std::move(pass), at_end);
}

void StreamCompletion::introduce(std::string_view host, const codec::Statement& statement,
                                 const Place& place) {
  if (host.empty() || !hosts_.emplace(host, 0).second) return;
  ++notes_.hosts_introduced;
  HostAdded added;
  added.host_uuid = host;
  added.platform = statement.platform.value_or(Platform::kDarwin);
  added.enrolled = statement.enrolled_before;
  append(std::move(added), place);
}

void StreamCompletion::introduce_labels(const EventBody& body, const Place& place) {
  const auto introduce_all = [&](const std::vector<std::string>& labels) {
    for (const std::string& label : labels) {
      if (!labels_.insert(label).second) continue;
      const auto listed = memberships_.find(label);
      append(LabelCreated{label, listed == memberships_.end() ? LabelMembership::kDynamic
                                                              : listed->second},
             place);
    }
  };
  if (const auto* report = std::get_if<HostLabelsReported>(&body)) introduce_all(report->labels);
  const auto* uploaded = std::get_if<ProfileUploaded>(&body);
  if (uploaded == nullptr) return;
  introduce_all(uploaded->labels_include_all);
  introduce_all(uploaded->labels_include_any);
  introduce_all(uploaded->labels_exclude_any);
}

void StreamCompletion::pass_over(const std::string& host, std::optional<Number> answered,
                                 const Place& place) {
  if (host.empty()) return;
  Reconciled pass;
  pass.after = just_before(host);
  pass.through = host;
  std::vector<IssuedCommand> due = due_commands(host, answered);
  if (!due.empty()) {
    pass.commands = std::move(due);
  } else {
    pass.uuid_seed = UuidSeed{std::string(kSeedName).append("/").append(host),
                              static_cast<std::uint64_t>(place.at.micros)};
  }
  ++notes_.passes_made;
  append(std::move(pass), place);
}

/// The command that is about to be answered, and for each other profile the first of the host's
/// commands that has no answer yet.
std::vector<IssuedCommand> StreamCompletion::due_commands(const std::string& host,
                                                          std::optional<Number> answered) {
  if (commands_.empty()) return {};
  HostCommands& of_host = host_commands_[host];
  std::map<Target, Number> first;
  if (answered) {
    if (const auto target = target_of(*answered, host)) first.emplace(*target, *answered);
  }
  const auto look_at = [&](Number number) {
    if (of_host.done.contains(number)) return;
    const auto target = target_of(number, host);
    if (!target) return;
    const auto [known, is_new] = first.emplace(*target, number);
    if (is_new || known->second == answered) return;
    if (is_earlier(number, known->second)) known->second = number;
  };
  for (const Number number : open_commands(host)) look_at(number);
  for (const auto& [about, numbers] : commands_.of_anyone()) {
    const auto next = std::find_if(numbers.begin(), numbers.end(),
                                   [&](Number number) { return !of_host.done.contains(number); });
    if (next == numbers.end()) continue;
    const auto target = target_of(*next, host);
    if (target) first.emplace(*target, *next);
  }
  std::vector<IssuedCommand> issued;
  for (const auto& [target, number] : first) {
    of_host.listed[target] = number;
    issued.push_back({target.first, target.second, commands_[number].uuid, {host}});
  }
  return issued;
}

/// The host's commands about profiles that have no answer yet, in the order of the book.
const std::vector<StreamCompletion::Number>& StreamCompletion::open_commands(
    const std::string& host) {
  HostCommands& of_host = host_commands_[host];
  const std::span<const Number> all = commands_.of_host(host);
  for (; of_host.seen < all.size(); ++of_host.seen) {
    const Number number = all[of_host.seen];
    if (!commands_[number].is_other) of_host.open.push_back(number);
  }
  std::erase_if(of_host.open, [&](Number number) { return of_host.done.contains(number); });
  return of_host.open;
}

bool StreamCompletion::is_earlier(Number left, Number right) const {
  const auto& at = commands_[left].at;
  const auto& other = commands_[right].at;
  return at && other && *at < *other;
}

/// The answered command is the one that the row must carry: one that a pass was told of instead is
/// taken back. Those that were issued before it will have no answer any more; where no times are
/// known, the order of the answers decides. Nothing: no pass can carry the command.
std::optional<StreamCompletion::Number> StreamCompletion::prepare_answer(
    const CommandResult& result, const Place& place) {
  const auto number = commands_.find(result.command_uuid);
  if (!number) return {};
  const auto target = target_of(*number, result.host_uuid);
  if (!target) return {};
  HostCommands& of_host = host_commands_[result.host_uuid];
  if (of_host.done.contains(*number)) return {};
  const auto listed = of_host.listed.find(*target);
  if (listed != of_host.listed.end() && listed->second != *number &&
      !of_host.done.contains(listed->second)) {
    CommandNotSent superseded;
    superseded.command_uuid = commands_[listed->second].uuid;
    superseded.hosts = std::vector<std::string>{result.host_uuid};
    append(std::move(superseded), place);
  }
  const auto supersede = [&](Number other) {
    if (is_earlier(other, *number) && target_of(other, result.host_uuid) == target) {
      of_host.done.insert(other);
    }
  };
  for (const Number other : open_commands(result.host_uuid)) supersede(other);
  if (listed != of_host.listed.end()) supersede(listed->second);
  return number;
}

void StreamCompletion::note_answer(const CommandResult& result) {
  if (!is_final(result.status)) return;
  if (const auto number = commands_.find(result.command_uuid)) {
    host_commands_[result.host_uuid].done.insert(*number);
  }
}

std::optional<StreamCompletion::Target> StreamCompletion::target_of(Number number,
                                                                    const std::string& host) {
  const BookedCommand& command = commands_[number];
  if (!command.operation) return {};
  std::string profile = find_profile(command, host);
  if (profile.empty()) {
    if (unresolved_.insert(number).second) ++notes_.commands_unresolved;
    return {};
  }
  if (unresolved_.erase(number) > 0) --notes_.commands_unresolved;
  return Target{*command.operation, std::move(profile)};
}

/// An identifier names a profile of the host's team, or else the only one of that identifier.
std::string StreamCompletion::find_profile(const BookedCommand& command,
                                           const std::string& host) const {
  if (!command.profile_uuid.empty() || command.identifier.empty()) return command.profile_uuid;
  const auto team = hosts_.find(host);
  if (team != hosts_.end()) {
    const auto found = profiles_.find({team->second, command.identifier});
    if (found != profiles_.end()) return found->second;
  }
  const auto uuids = by_identifier_.find(command.identifier);
  if (uuids == by_identifier_.end() || uuids->second.size() != 1) return {};
  return *uuids->second.begin();
}

void StreamCompletion::note_catalog(const EventBody& body) {
  if (const auto* added = std::get_if<HostAdded>(&body)) {
    hosts_[added->host_uuid] = added->team_id;
  } else if (const auto* moved = std::get_if<HostTransferred>(&body)) {
    hosts_[moved->host_uuid] = moved->team_id;
  } else if (const auto* deleted = std::get_if<HostDeleted>(&body)) {
    hosts_.erase(deleted->host_uuid);
  } else if (const auto* created = std::get_if<LabelCreated>(&body)) {
    labels_.insert(created->label);
  } else if (const auto* gone = std::get_if<LabelDeleted>(&body)) {
    labels_.erase(gone->label);
  } else if (const auto* uploaded = std::get_if<ProfileUploaded>(&body)) {
    profiles_[{uploaded->team_id, uploaded->identifier}] = uploaded->profile_uuid;
    by_identifier_[uploaded->identifier].insert(uploaded->profile_uuid);
  }
}

void StreamCompletion::append(EventBody body, const Place& place) {
  ImportedEvent imported;
  imported.event = {place.at, std::move(body)};
  imported.statement = place.statement;
  place.events.push_back(std::move(imported));
}

}  // namespace muster::recording
