#include "tests/support/core_world.h"

#include <algorithm>
#include <stdexcept>

#include "core/fan_out.h"
#include "core/verify.h"
#include "tests/support/table.h"

namespace muster::test {
namespace {

constexpr std::string_view kNewCommand = "new";

/// "key=value" or a bare "key".
struct Word {
  std::string key;
  std::string value;
};

Word word_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return {text, ""};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

[[noreturn]] void unknown(const std::string& word) {
  throw std::runtime_error("unknown word: " + word);
}

const std::map<std::string, std::string, std::less<>>& known_details() {
  static const std::map<std::string, std::string, std::less<>> kDetails = {
      {"V1", std::string(core::kFailedWasVerifying)},
      {"V2", std::string(core::kFailedWasVerified)},
      {"desktop", std::string(core::kNoUserChannelDesktop)},
      {"mobile", std::string(core::kNoUserChannelMobile)}};
  return kDetails;
}

DeliveryStatus status_of(const std::string& name) {
  if (name == "null") return DeliveryStatus::kUnsent;
  const auto status = delivery_status_of(name);
  if (!status) unknown(name);
  return *status;
}

/// Parts between blanks; none is empty.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words = split(text, ' ');
  std::erase(words, "");
  return words;
}

}  // namespace

Timestamp time_of(std::string_view words) {
  return {kNow.micros + micros_of(words)};
}

/// Every command that a pass asks for has the same name: tables say whether there is one.
class CoreWorld::Issuer : public core::CommandIssuer {
 public:
  explicit Issuer(CoreWorld& world) : world_(world) {}
  core::CommandNumber issue(Operation, const core::ProfileVersion&, std::string_view,
                            bool) override {
    ++world_.issued;
    return world_.command(std::string(kNewCommand));
  }

 private:
  CoreWorld& world_;
};

CoreWorld::CoreWorld() {
  policy.max_retries_apple = 3;
  host.emplace();
  host->uuid = "H1";
  host->enrolled = true;
  host->enrolled_at = time_of("-30d");
  host->detail_updated_at = time_of("2h");
  host->label_updated_at = time_of("1h");
}

core::CommandNumber CoreWorld::command(const std::string& name) {
  auto at = std::find(commands_.begin(), commands_.end(), name);
  if (at == commands_.end()) at = commands_.insert(commands_.end(), name);
  return core::CommandNumber{static_cast<std::uint64_t>(at - commands_.begin())};
}

void CoreWorld::change_catalog(std::string_view words) {
  for (const std::string& part : split(words, ';')) {
    const std::vector<std::string> list = words_of(part);
    if (list.empty()) continue;
    if (list.size() > 1 && list[1] == "label") {
      change_label(list);
    } else {
      change_profile(list);
    }
  }
}

void CoreWorld::change_label(const std::vector<std::string>& words) {
  LabelCreated created{words[0], LabelMembership::kDynamic};
  Timestamp at = time_of("0s");
  core::CatalogChanges changes;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const Word word = word_of(words[i]);
    if (word.key == "deleted") {
      catalog.delete_label({words[0]}, ++sequence_, changes);
      return;
    }
    if (word.key == "manual") {
      created.membership = LabelMembership::kManual;
    } else if (word.key == "created") {
      at = time_of(word.value);
    } else {
      unknown(words[i]);
    }
  }
  catalog.create_label(created, at, changes);
}

void CoreWorld::change_profile(const std::vector<std::string>& words) {
  const auto [at, fresh] = uploads_.try_emplace(words[0]);
  ProfileUploaded& upload = at->second;
  if (fresh) {
    upload.profile_uuid = words[0];
    upload.identifier = "com.x";
    upload.name = "Profile " + words[0];
    upload.checksum[0] = 1;
    upload.uploaded_at = kNow;
  }
  core::CatalogChanges changes;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto [key, value] = word_of(words[i]);
    if (key == "deleted") {
      if (host) {
        core::delete_profile_on_host(catalog, *catalog.profile_number(words[0]), *host);
      }
      catalog.delete_profile(words[0], ++sequence_, changes);
      return;
    }
    if (key == "sum") upload.checksum[0] = static_cast<std::uint8_t>(std::stoi(value));
    if (key == "user") upload.scope = Scope::kUser;
    if (key == "id") upload.identifier = value;
    if (key == "team") upload.team_id = static_cast<TeamId>(std::stoul(value));
    if (key == "vars") upload.per_host_variables = true;
    if (key == "secrets") upload.secrets_updated_at.reset();
    if (key == "secrets" && value != "none") upload.secrets_updated_at = time_of(value);
    if (key == "uploaded") upload.uploaded_at = time_of(value);
    if (key == "all") upload.labels_include_all = split(value, ',');
    if (key == "any") upload.labels_include_any = split(value, ',');
    if (key == "not") upload.labels_exclude_any = split(value, ',');
    if (key == "name") {
      upload.name = value;
      std::replace(upload.name.begin(), upload.name.end(), '_', ' ');
    }
  }
  std::string why;
  const Outcome outcome = catalog.upload_profile(upload, limits, ++sequence_, changes, why);
  if (refusal_of(outcome) != Refusal::kNone)
    unknown(words[0] + ": " + std::string(name_of(outcome)) + why);
}

void CoreWorld::set_host(std::string_view words) {
  for (const std::string& text : words_of(words)) {
    const auto [key, value] = word_of(text);
    if (key == "team") {
      host->team = static_cast<TeamId>(std::stoul(value));
    } else if (key == "unenrolled") {
      host->enrolled = false;
    } else if (key == "channel") {
      host->user_channel = true;
    } else if (key == "enrolled") {
      host->enrolled_at = time_of(value);
    } else if (key == "labels_at") {
      host->label_updated_at = time_of(value);
    } else if (key == "detail_at") {
      host->detail_updated_at = time_of(value);
    } else if (key == "labels") {
      for (const std::string& name : split(value, ',')) {
        host->labels.push_back(catalog.find_label(name)->number);
      }
      std::sort(host->labels.begin(), host->labels.end());
    } else if (const auto platform = platform_of(key)) {
      host->platform = *platform;
    } else {
      unknown(text);
    }
  }
}

void CoreWorld::set_rows(std::string_view words) {
  for (const std::string& part : split(words, ';')) {
    if (!part.empty() && part != "-") set_row(part);
  }
}

void CoreWorld::set_row(std::string_view words) {
  const std::size_t colon = words.find(':');
  const std::string uuid(words.substr(0, colon));
  std::string_view rest = words.substr(colon + 1);
  std::string detail;
  if (const std::size_t quote = rest.find('\''); quote != std::string_view::npos) {
    detail = rest.substr(quote + 1, rest.rfind('\'') - quote - 1);
    rest = rest.substr(0, quote);
  }
  const std::vector<std::string> list = words_of(rest);
  const core::Profile& profile = *catalog.find_profile(uuid);
  core::Slot slot(profile.version->number,
                  list.at(0)[0] == 'I' ? Operation::kInstall : Operation::kRemove,
                  status_of(list[0].substr(2)), profile.scope);
  for (std::size_t i = 1; i < list.size(); ++i) {
    const auto [key, value] = word_of(list[i]);
    if (key == "r") {
      slot.set_retries(std::stoi(value));
    } else if (key == "cmd") {
      slot.set_command(command(value));
    } else if (key == "ignore") {
      slot.set_ignore_error(true);
    } else if (key == "user") {
      slot.set_scope(Scope::kUser);
    } else if (key == "vars") {
      host->set_variables(slot, time_of(value));
    } else if (const auto known = known_details().find(key); known != known_details().end()) {
      detail = known->second;
    } else {
      unknown(list[i]);
    }
  }
  host->set_detail(slot, detail);
  const auto at = std::lower_bound(host->slots.begin(), host->slots.end(), uuid,
                                   [&](const core::Slot& other, const std::string& key) {
                                     return catalog.version(other.version()).profile_uuid < key;
                                   });
  host->slots.insert(at, slot);
}

std::string CoreWorld::row_text(const core::Slot& slot) const {
  const core::ProfileVersion& version = catalog.version(slot.version());
  std::string text = version.profile_uuid + ": ";
  text += slot.operation() == Operation::kInstall ? "I-" : "R-";
  text += name_of(slot.status());
  if (slot.retries() != 0) text += " r=" + std::to_string(slot.retries());
  const std::string& name = commands_.at(core::to_integer(slot.command()));
  if (!name.empty()) text += " cmd=" + name;
  if (const auto variables = host->variables_of(slot)) {
    text += " vars=" + std::to_string((variables->micros - kNow.micros) / 60'000'000) + "m";
  }
  if (slot.ignore_error()) text += " ignore";
  if (slot.scope() == Scope::kUser) text += " user";
  const std::string_view detail = host->detail_of(slot);
  for (const auto& [word, known] : known_details()) {
    if (detail == known) return text + " " + word;
  }
  return detail.empty() ? text : text + " '" + std::string(detail) + "'";
}

std::string CoreWorld::rows() const {
  if (!host || host->slots.empty()) return "-";
  std::string text;
  for (const core::Slot& slot : host->slots) {
    text += (text.empty() ? "" : "; ") + row_text(slot);
  }
  return text;
}

core::HostPass CoreWorld::reconcile(Timestamp at) {
  Issuer issuer(*this);
  return core::reconcile_host(policy, limits, catalog, at, ++sequence_, *host, issuer);
}

core::Step CoreWorld::apply(EventBody body, Timestamp at) {
  core::ExpectedSets sets;
  const Event event{at, std::move(body)};
  core::StepInput input{policy, limits, catalog, sets, at, std::nullopt, {}};
  if (const auto name = core::command_of(event)) {
    const auto known = std::find(commands_.begin(), commands_.end(), *name);
    if (!name->empty() && known != commands_.end()) {
      input.command = core::KnownCommand{
          core::CommandNumber{static_cast<std::uint64_t>(known - commands_.begin())},
          name->front() == 'r' ? Operation::kRemove : Operation::kInstall};
    }
  }
  return core::step(input, event, host);
}

}  // namespace muster::test
