#include "muster/store.h"

#include "muster/backup.h"
#include "muster/scrub.h"
#include "muster/snapshot.h"
#include "store/check.h"
#include "store/snapshot_impl.h"
#include "store/store_impl.h"
#include "store/tuning.h"

namespace muster {

std::string to_string(const Finding& finding) {
  return finding.family + ": " + finding.key + ": " + finding.what;
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const StoreOptions& options) {
  return store::open_tuned(options, store::Tuning());
}

Result<Applied> Store::apply(std::span<const Event> events) {
  return impl_->engine->apply(events, std::nullopt);
}

Result<Applied> Store::apply(std::span<const Event> events, const SourcePosition& position) {
  return impl_->engine->apply(events, position);
}

Status Store::submit(std::vector<Event> events, std::optional<SourcePosition> position,
                     std::function<void(Result<Applied>)> done) {
  return impl_->engine->submit(std::move(events), std::move(position), std::move(done));
}

Result<Backup> Store::backup(const std::filesystem::path& folder) {
  return impl_->engine->backup(folder);
}

Result<PassReport> Store::reconcile(Timestamp now, const UuidSource& uuids,
                                    const std::function<bool(const PassReport&)>& go_on) {
  return impl_->engine->reconcile(now, uuids, go_on);
}

Result<std::vector<PendingCommand>> Store::pending_commands(OutboxId after,
                                                            std::size_t limit) const {
  return impl_->engine->pending_commands(after, limit);
}

Result<std::size_t> Store::command_sent(std::span<const OutboxId> ids) {
  return impl_->engine->command_sent(ids);
}

Status Store::command_not_sent(OutboxId id, Timestamp now, std::span<const std::string> hosts) {
  return impl_->engine->command_not_sent(id, now, hosts);
}

Result<RowChanges> Store::changes(std::uint64_t after, std::size_t limit) const {
  return impl_->engine->changes(after, limit);
}

StoreMetrics Store::metrics() const {
  return impl_->engine->metrics();
}

void Store::find_known(std::span<UnreadReport> reports) const {
  impl_->engine->find_known(reports);
}

Result<std::optional<Cursor>> Store::last_position(std::string_view source) const {
  return impl_->engine->last_position(source);
}

Result<Snapshot> Store::snapshot() const {
  Result<store::View> view = impl_->engine->view();
  if (!view.ok()) return view.status();
  return Snapshot(std::make_shared<const Snapshot::Impl>(std::move(*view)));
}

Result<std::uint64_t> Store::check(const std::function<bool(const Finding&)>& visit) const {
  const Result<store::View> view = impl_->engine->view();
  if (!view.ok()) return view.status();
  return store::check(*view, {visit, {}, {}});
}

Result<ScrubReport> Store::scrub(const ScrubOptions& options,
                                 const std::function<bool(const Finding&)>& visit,
                                 const std::function<bool(const ScrubProgress&)>& go_on) const {
  return impl_->engine->scrub(options, visit, go_on);
}

Result<StoreStats> Store::stats() const {
  return impl_->engine->stats();
}

Policy Store::policy() const {
  return impl_->engine->policy();
}

Status Store::close(std::optional<std::chrono::milliseconds> deadline) {
  return impl_->engine->close(deadline);
}

}  // namespace muster
