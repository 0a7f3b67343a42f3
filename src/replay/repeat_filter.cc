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
    core::TakenStatements& taken = of_[core::holder_of(event)];
    const bool pass = std::holds_alternative<Reconciled>(event.body);
    const Digest& key = imported.statement.key;
    const Outcome outcome = pass ? taken.take_pass(key, event.at) : taken.take(key, event.at);
    if (outcome != Outcome::kApplied) return false;
    if (const auto* deleted = std::get_if<HostDeleted>(&event.body)) {
      hosts_.erase(deleted->host_uuid);
    }
    const auto* added = std::get_if<HostAdded>(&event.body);
    if (added == nullptr) return true;
    return hosts_.insert(added->host_uuid).second || !imported.statement.introduction;
  }

 private:
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
