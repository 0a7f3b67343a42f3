#include <string>
#include <unordered_map>
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
    const Outcome outcome =
        pass ? taken.take_pass(event.at) : taken.take(imported.statement.key, event.at);
    return outcome == Outcome::kApplied;
  }

 private:
  std::unordered_map<std::string, core::TakenStatements> of_;
};

RepeatFilter::RepeatFilter() : impl_(std::make_unique<Impl>()) {}
RepeatFilter::RepeatFilter(RepeatFilter&&) noexcept = default;
RepeatFilter& RepeatFilter::operator=(RepeatFilter&&) noexcept = default;
RepeatFilter::~RepeatFilter() = default;

bool RepeatFilter::take(const ImportedEvent& imported) {
  return impl_->take(imported);
}

}  // namespace muster
