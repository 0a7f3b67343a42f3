#include "bench/host_table.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>
#include <set>
#include <stdexcept>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "core/catalog.h"
#include "core/command_uuid.h"
#include "core/fan_out.h"
#include "core/reconcile.h"
#include "core/step.h"
#include "muster/limits.h"
#include "muster/policy.h"

namespace muster::bench {
namespace {

/// Commands that passes issued. In memory alone, which is to the advantage of every engine here.
class Commands : public core::CommandIssuer {
 public:
  void begin_pass(const Reconciled& pass, Sequence sequence) {
    shared_.clear();
    listed_.clear();
    lists_ = pass.commands.has_value();
    seed_ = pass.uuid_seed.value_or(UuidSeed{"", sequence});
    if (!lists_) return;
    for (const IssuedCommand& command : *pass.commands) {
      const core::CommandNumber number = number_of(command.command_uuid, command.operation);
      for (const std::string& host : command.hosts) {
        listed_.emplace(listed_key(command.operation, command.profile_uuid, host), number);
      }
    }
  }

  core::CommandNumber issue(Operation operation, const core::ProfileVersion& version,
                            std::string_view host_uuid, bool per_host) override {
    if (lists_) {
      const auto at = listed_.find(listed_key(operation, version.profile_uuid, host_uuid));
      return at == listed_.end() ? core::kNoCommand : at->second;
    }
    const auto make = [&](std::string_view host) {
      return number_of(core::make_command_uuid(seed_.recording, seed_.event, operation,
                                               version.profile_uuid, host),
                       operation);
    };
    if (per_host) return make(host_uuid);
    const std::uint64_t key = std::uint64_t{core::to_integer(version.profile)} << 2 |
                              static_cast<std::uint64_t>(operation);
    const auto [at, fresh] = shared_.try_emplace(key, core::kNoCommand);
    if (fresh) at->second = make("");
    return at->second;
  }

  std::optional<core::KnownCommand> find(std::string_view uuid) const {
    const auto at = by_uuid_.find(uuid);
    if (at == by_uuid_.end()) return std::nullopt;
    return at->second;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return base::hash64(text); }
  };

  static std::string listed_key(Operation operation, std::string_view profile,
                                std::string_view host) {
    std::string key(1, static_cast<char>(operation));
    key += profile;
    key += '\0';
    key += host;
    return key;
  }
  core::CommandNumber number_of(const std::string& uuid, Operation operation) {
    const core::KnownCommand next{core::CommandNumber{by_uuid_.size() + 1}, operation};
    return by_uuid_.try_emplace(uuid, next).first->second.number;
  }

  UuidSeed seed_;
  bool lists_ = false;
  boost::unordered_flat_map<std::uint64_t, core::CommandNumber> shared_;  ///< of the pass
  boost::unordered_flat_map<std::string, core::CommandNumber, Hash, std::equal_to<>> listed_;
  boost::unordered_flat_map<std::string, core::KnownCommand, Hash, std::equal_to<>> by_uuid_;
};

class CoreEngine : public Engine {
 public:
  explicit CoreEngine(std::unique_ptr<HostTable> table) : table_(std::move(table)) {}

  void apply(std::span<const Event> events) override {
    table_->begin();
    for (const Event& event : events) {
      ++sequence_;
      at_ = event.at;
      if (const auto uuid = core::host_of(event)) {
        take(event, *uuid);
      } else {
        std::visit([this](const auto& body) { take_for_all(body); }, event.body);
      }
    }
    table_->commit();
  }
  void settle() override { table_->settle(); }
  EngineUse use() override { return table_->use(); }

  std::string digest() override {
    DigestSum sum;
    table_->begin();
    table_->visit({}, [&](core::Host& host) {
      sum.begin_host(host.uuid);
      for (const core::Slot& slot : host.slots) {
        const core::ProfileVersion& version = catalog_.version(slot.version());
        sum.add_row(version.profile_uuid, version.checksum, slot.operation(), slot.status(),
                    slot.retries());
      }
      sum.end_host();
      return false;
    });
    table_->commit();
    return sum.text();
  }

 private:
  void take(const Event& event, std::string_view uuid) {
    core::StepInput input{policy_,
                          limits_,
                          catalog_,
                          expected_,
                          event.at,
                          std::nullopt,
                          core::HostOrdinal{ordinals_}};
    if (const auto command = core::command_of(event)) input.command = commands_.find(*command);
    std::optional<core::Host>& host = table_->load(uuid);
    const bool known = host.has_value();
    const Timestamp detail = known ? host->detail_updated_at : Timestamp();
    const Timestamp label = known ? host->label_updated_at : Timestamp();
    const core::Step step = core::step(input, event, host);
    if (refusal_of(step.outcome) != Refusal::kNone) {
      ++refused_;
    } else if (step.outcome == Outcome::kApplied) {
      if (!known && host) ++ordinals_;
      if (host) note_due(*host);
      if (known || host) table_->put(uuid, host);
    } else if (known && (host->detail_updated_at != detail || host->label_updated_at != label)) {
      table_->put_times(*host);
    }
  }

  void take_for_all(const LabelCreated& event) {
    count(catalog_.create_label(event, at_, changes_));
  }
  void take_for_all(const LabelDeleted& event) {
    count(catalog_.delete_label(event, sequence_, changes_));
  }
  void take_for_all(const ProfileUploaded& event) {
    std::string why;
    count(catalog_.upload_profile(event, limits_, sequence_, changes_, why));
  }
  void take_for_all(const ProfileDeleted& event) {
    const auto number = catalog_.profile_number(event.profile_uuid);
    const Outcome outcome = catalog_.delete_profile(event.profile_uuid, sequence_, changes_);
    count(outcome);
    if (outcome != Outcome::kApplied) return;
    change_all(
        [&](core::Host& host) { return core::delete_profile_on_host(catalog_, *number, host); });
  }
  void take_for_all(const ProfileBatchResent& event) {
    const core::Profile* profile = catalog_.find_profile(event.profile_uuid);
    if (profile == nullptr) return count(Outcome::kUnknownProfile);
    change_all([&](core::Host& host) {
      return core::resend_failed_on_host(catalog_, profile->number(), host);
    });
  }
  void take_for_all(const CommandNotSent& event) {
    const auto command = commands_.find(event.command_uuid);
    if (!command) return count(Outcome::kUnknownCommand);
    const auto take_back = [&](core::Host& host) {
      return core::take_back_command_on_host(command->number, host);
    };
    if (!event.hosts) return change_all(take_back);
    for (const std::string& uuid : *event.hosts) {
      std::optional<core::Host>& host = table_->load(uuid);
      if (host && take_back(*host)) {
        note_due(*host);
        table_->put(uuid, host);
      }
    }
  }
  void take_for_all(const PolicyChanged& event) {
    count(core::change_policy(event, policy_) ? Outcome::kInvalid : Outcome::kApplied);
  }
  void take_for_all(const Unreadable&) { count(Outcome::kInvalid); }
  template <typename Other>
  void take_for_all(const Other&) {
    throw std::runtime_error("an event about one host names none");
  }

  /// As the store does it: whoever is due, or everybody once where a scope moved. Ranges that
  /// follow one another are one pass.
  void take_for_all(const Reconciled& pass) {
    commands_.begin_pass(pass, sequence_);
    if (!pass.after) {
      pass_began_ = sequence_;
      pass_for_everybody_ = catalog_.newest_epoch() > last_full_pass_;
    }
    const HostRange range{pass.after.value_or(""), pass.through};
    const auto reconcile = [&](core::Host& host) {
      if (!core::wants_visit(catalog_, host, at_, last_full_pass_)) return false;
      const Timestamp due = host.due;
      const bool changed =
          core::reconcile_host(policy_, limits_, catalog_, at_, sequence_, host, commands_).changed;
      note_due(host);
      return changed || host.due != due;
    };
    if (pass_for_everybody_) {
      table_->visit(range, reconcile);
    } else {
      const std::vector<std::string> due(due_.upper_bound(range.after), due_.end());
      for (const std::string& uuid : due) {
        if (!range.holds(uuid)) break;
        std::optional<core::Host>& host = table_->load(uuid);
        if (!host) {
          due_.erase(uuid);
        } else if (reconcile(*host)) {
          table_->put(uuid, host);
        }
      }
    }
    if (!pass.through) last_full_pass_ = pass_began_;
  }

  template <typename Change>
  void change_all(const Change& change) {
    table_->visit({}, [&](core::Host& host) {
      const bool changed = change(host);
      if (changed) note_due(host);
      return changed;
    });
  }
  void note_due(const core::Host& host) {
    if (host.due == core::kNotDue) {
      due_.erase(host.uuid);
    } else {
      due_.insert(host.uuid);
    }
  }
  void count(Outcome outcome) { refused_ += refusal_of(outcome) == Refusal::kNone ? 0 : 1; }

  std::unique_ptr<HostTable> table_;
  Policy policy_;
  StoreLimits limits_;
  core::Catalog catalog_;
  core::CatalogChanges changes_;
  core::ExpectedSets expected_;
  Commands commands_;
  std::set<std::string> due_;  ///< in memory alone, as the commands
  Timestamp at_;
  Sequence sequence_ = 0;
  Sequence pass_began_ = 0;
  Sequence last_full_pass_ = 0;
  bool pass_for_everybody_ = false;
  std::uint32_t ordinals_ = 0;
};

template <typename T>
void put(std::string& bytes, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <typename T>
void take(std::string_view& bytes, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof value) throw std::runtime_error("a host's value is cut");
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
}
template <typename T>
void put_all(std::string& bytes, const std::vector<T>& values) {
  put(bytes, static_cast<std::uint32_t>(values.size()));
  for (const T& value : values) put(bytes, value);
}
template <typename T>
void take_all(std::string_view& bytes, std::vector<T>& values) {
  std::uint32_t count = 0;
  take(bytes, count);
  values.resize(count);
  for (T& value : values) take(bytes, value);
}

/// Everything of a host that is of fixed size.
struct HostBlob {
  Timestamp enrolled_at;
  Timestamp due;
  Sequence reconciled = 0;
  Timestamp detail_updated_at;
  Timestamp label_updated_at;
  core::HostOrdinal ordinal{};
  TeamId team = 0;
  Platform platform = Platform::kDarwin;
  bool enrolled = false;
  bool user_channel = false;
};

}  // namespace

std::unique_ptr<Engine> make_engine_over(std::unique_ptr<HostTable> table) {
  return std::make_unique<CoreEngine>(std::move(table));
}

void encode_host(const core::Host& host, std::string& bytes) {
  bytes.clear();
  put(bytes, HostBlob{host.enrolled_at, host.due, host.reconciled, host.detail_updated_at,
                      host.label_updated_at, host.ordinal, host.team, host.platform, host.enrolled,
                      host.user_channel});
  put_all(bytes, host.labels);
  put_all(bytes, host.slots);
  put(bytes, static_cast<std::uint32_t>(host.details.size()));
  for (const core::SlotDetail& detail : host.details) {
    put(bytes, detail.version);
    put(bytes, static_cast<std::uint32_t>(detail.text.size()));
    bytes += detail.text;
  }
  put_all(bytes, host.variables);
}

void decode_host(std::string_view bytes, core::Host& host) {
  HostBlob blob;
  take(bytes, blob);
  host.enrolled_at = blob.enrolled_at;
  host.due = blob.due;
  host.reconciled = blob.reconciled;
  host.detail_updated_at = blob.detail_updated_at;
  host.label_updated_at = blob.label_updated_at;
  host.ordinal = blob.ordinal;
  host.team = blob.team;
  host.platform = blob.platform;
  host.enrolled = blob.enrolled;
  host.user_channel = blob.user_channel;
  take_all(bytes, host.labels);
  take_all(bytes, host.slots);
  std::uint32_t details = 0;
  take(bytes, details);
  host.details.resize(details);
  for (core::SlotDetail& detail : host.details) {
    std::uint32_t size = 0;
    take(bytes, detail.version);
    take(bytes, size);
    if (bytes.size() < size) throw std::runtime_error("a host's value is cut");
    detail.text = bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
  take_all(bytes, host.variables);
}

}  // namespace muster::bench
