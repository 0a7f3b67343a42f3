#include "bench/host_table.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/catalog.h"
#include "core/fan_out.h"
#include "core/reconcile.h"
#include "core/step.h"
#include "muster/limits.h"
#include "muster/policy.h"

namespace muster::bench {
namespace {

/// A command a profile version and operation and pass, as Muster's own passes issue them.
class Commands : public core::CommandIssuer {
 public:
  core::CommandNumber issue(Operation operation, const core::ProfileVersion& version,
                            std::string_view host_uuid, bool per_host) override {
    std::string key = std::to_string(pass_) + (operation == Operation::kInstall ? "i" : "r") +
                      version.profile_uuid;
    if (per_host) key += host_uuid;
    const auto [at, fresh] = by_key_.try_emplace(std::move(key), known_.size());
    if (fresh) {
      const auto number = core::CommandNumber{known_.size()};
      known_.push_back({number, operation});
      by_uuid_["command " + std::to_string(known_.size() - 1)] = known_.size() - 1;
    }
    return core::CommandNumber{at->second};
  }
  void begin_pass() { ++pass_; }
  std::optional<core::KnownCommand> find(std::string_view uuid) const {
    const auto at = by_uuid_.find(std::string(uuid));
    if (at == by_uuid_.end()) return std::nullopt;
    return known_[at->second];
  }

 private:
  std::uint64_t pass_ = 0;
  std::vector<core::KnownCommand> known_ = {core::KnownCommand()};
  boost::unordered_flat_map<std::string, std::size_t> by_key_;
  boost::unordered_flat_map<std::string, std::size_t> by_uuid_;
};

class CoreEngine : public Engine {
 public:
  explicit CoreEngine(std::unique_ptr<HostTable> table) : table_(std::move(table)) {}

  void apply(std::span<const Event> events) override {
    table_->begin();
    for (const Event& event : events) {
      ++sequence_;
      if (const auto uuid = core::host_of(event)) {
        take(event, *uuid);
      } else {
        take_for_all(event);
      }
    }
    table_->commit();
  }
  void settle() override { table_->settle(); }
  EngineUse use() override { return table_->use(); }

  std::string digest() override {
    DigestSum sum;
    table_->begin();
    table_->visit([&](core::Host& host) {
      sum.begin_host(host.uuid);
      for (const core::Slot& slot : host.slots) {
        sum.add_row(catalog_.version(slot.version()).profile_uuid, slot.operation(), slot.status(),
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
    core::StepInput input{policy_, limits_, catalog_, expected_, event.at, std::nullopt,
                          core::HostOrdinal{ordinals_}};
    if (const auto command = core::command_of(event)) input.command = commands_.find(*command);
    std::optional<core::Host>& host = table_->load(uuid);
    const bool known = host.has_value();
    const core::Step step = core::step(input, event, host);
    if (refusal_of(step.outcome) != Refusal::kNone) {
      ++refused_;
    } else if (step.outcome == Outcome::kApplied) {
      if (!known && host) ++ordinals_;
      table_->put(uuid, host);
    } else if (host) {
      table_->put_times(*host);
    }
  }

  void take_for_all(const Event& event) {
    core::CatalogChanges changes;
    std::string detail;
    if (const auto* label = std::get_if<LabelCreated>(&event.body)) {
      catalog_.create_label(*label, event.at, changes);
    } else if (const auto* upload = std::get_if<ProfileUploaded>(&event.body)) {
      catalog_.upload_profile(*upload, limits_, sequence_, changes, detail);
    } else if (const auto* deletion = std::get_if<ProfileDeleted>(&event.body)) {
      const auto number = catalog_.profile_number(deletion->profile_uuid);
      catalog_.delete_profile(deletion->profile_uuid, sequence_, changes);
      table_->visit([&](core::Host& host) {
        return core::delete_profile_on_host(catalog_, *number, host);
      });
    } else if (std::holds_alternative<Reconciled>(event.body)) {
      commands_.begin_pass();
      table_->visit([&](core::Host& host) {
        return core::reconcile_host(policy_, limits_, catalog_, event.at, sequence_, host,
                                    commands_)
            .changed;
      });
    } else {
      throw std::runtime_error("no workload has events of this type");
    }
  }

  std::unique_ptr<HostTable> table_;
  Policy policy_;
  StoreLimits limits_;
  core::Catalog catalog_;
  core::ExpectedSets expected_;
  Commands commands_;
  Sequence sequence_ = 0;
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
