#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>

#include "core/taken_statements.h"
#include "muster/import.h"

namespace muster {

class RepeatFilter::Impl {
 public:
  bool take(const ImportedEvent& imported) {
    const Event& event = imported.event;
    const StatementKey& statement = imported.statement;
    const bool added = !statement.added_for.empty();
    core::TakenStatements& taken = of_[added ? statement.added_for : core::holder_of(event)];
    Outcome outcome = Outcome::kApplied;
    if (added) {
      outcome = taken.look_up(statement.key, event.at);
    } else if (std::holds_alternative<Reconciled>(event.body)) {
      outcome = taken.take_pass(statement.key, event.at);
    } else {
      outcome = taken.take(statement.key, event.at);
    }
    return outcome == Outcome::kApplied && note_host(event, added);
  }

 private:
  /// False: the event adds a host that is there.
  bool note_host(const Event& event, bool added) {
    if (const auto* deleted = std::get_if<HostDeleted>(&event.body)) {
      hosts_.erase(deleted->host_uuid);
    }
    const auto* host = std::get_if<HostAdded>(&event.body);
    return host == nullptr || hosts_.insert(host->host_uuid).second || !added;
  }

  std::unordered_map<std::string, core::TakenStatements> of_;
  std::unordered_set<std::string> hosts_;
};

RepeatFilter::RepeatFilter() : impl_(std::make_unique<Impl>()) {}
RepeatFilter::RepeatFilter(RepeatFilter&&) noexcept = default;
RepeatFilter& RepeatFilter::operator=(RepeatFilter&&) noexcept = default;
RepeatFilter::~RepeatFilter() = default;

bool RepeatFilter::take(const ImportedEvent& imported) {
  return impl_->take(imported);
}

}  // namespace muster
