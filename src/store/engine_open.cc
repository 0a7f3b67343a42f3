#include "base/contract.h"
#include "store/catalog_records.h"
#include "store/committed.h"
#include "store/damage.h"
#include "store/engine.h"
#include "store/meta_records.h"

namespace muster::store {

Engine::Engine(std::shared_ptr<Database> database, Options options)
    : database_(std::move(database)),
      batch_(*database_),
      options_(std::move(options)),
      // Nothing is thrown while leading but for want of memory, and half a group cannot be undone:
      // that ends the process.
      queue_([this](const std::vector<Request*>& requests) noexcept { lead(requests); },
             [this](const std::vector<Request*>& done) noexcept { settle(done); },
             options_.tuning.group_events_max, options_.limits.submitted_events,
             options_.submit_delay),
      rate_limiter_(options_.limits),
      host_cache_(options_.read_only ? 0 : options_.memory.host_cache),
      known_reports_{KnownReports(options_.read_only ? 0 : options_.memory.known_reports),
                     KnownReports(options_.read_only ? 0 : options_.memory.known_reports)} {}

Engine::~Engine() {
  // Whoever cares has called close().
  static_cast<void>(close(std::nullopt));
}

Result<std::unique_ptr<Engine>> Engine::open(std::shared_ptr<Database> database, Options options) {
  std::unique_ptr<Engine> engine(new Engine(std::move(database), std::move(options)));
  if (Status status = engine->load(); !status.ok()) return status;
  engine->loaded_ = true;
  engine->options_.notes->info("opened at sequence " + std::to_string(engine->committed_.sequence));
  return engine;
}

Status Engine::load() {
  std::string value;
  const Result<bool> found = database_->get(Family::kMeta, kFormatKey, value);
  if (!found.ok()) return found.status();
  if (!*found) {
    const bool records = options_.recorder && !options_.read_only;
    if (options_.watermark.told && !records) {
      if (Status status = missing_events(); !status.ok()) return status;
    }
    if (options_.read_only) {
      return {StatusCode::kNotFound,
              "the store was not finished when it was made: open it once "
              "for writing"};
    }
    if (Status status = make_new(); !status.ok()) return status;
  }
  if (Status status = load_meta(); !status.ok()) return status;
  Result<core::Catalog> catalog = load_catalog(*database_, nullptr);
  if (!catalog.ok()) return catalog.status();
  catalog_ = std::make_shared<const core::Catalog>(std::move(*catalog));
  if (Status status = load_committed(*database_, committed_); !status.ok()) return status;
  if (Status status = check_meta_sum(*database_, committed_.digest); !status.ok()) return status;
  const std::uint64_t groups = committed_.group - committed_.folded_through;
  if (groups > 0 && !options_.read_only) {
    options_.notes->info("it was not closed: recovered " + std::to_string(groups) +
                         " commit groups since the last fold");
  }
  snapshot_ = database_->take_snapshot();
  // RocksDB leaves nothing that it recovers in its logs alone.
  synced_ = {committed_.group, committed_.sequence};
  const std::optional<Acknowledged>& told = options_.watermark.told;
  const bool records = options_.recorder && !options_.read_only;
  // A catch-up that was cut off has more groups than there were, and fewer events.
  const bool is_behind =
      told && (committed_.group < told->group || committed_.sequence < told->sequence);
  if (is_behind && !records) {
    if (Status status = missing_events(); !status.ok()) return status;
  }
  if (Status status = finish_interrupted_fan_out(); !status.ok()) return status;
  if (records) {
    if (Status status = open_recorder(is_behind); !status.ok()) return status;
  }
  if (options_.read_only) return {};
  if (!is_behind) return begin_watermark(synced_);
  if (records && committed_.sequence < told->sequence) {
    if (Status status = missing_events(); !status.ok()) return status;
  } else if (records) {
    options_.notes->warning(
        "the disk had lost events up to " + std::to_string(told->sequence) +
        " that were acknowledged; they came back from the recorder's segments. What was confirmed "
        "of the outbox since may be asked for again");
  }
  if (Status status = database_->sync(); !status.ok()) return status;
  return begin_watermark({committed_.group, committed_.sequence});
}

/// It has less than it had told of.
Status Engine::missing_events() const {
  const Acknowledged& told = *options_.watermark.told;
  const bool whole_events = committed_.sequence < told.sequence;
  std::string lost = whole_events ? "events " + std::to_string(committed_.sequence + 1) + " to " +
                                        std::to_string(told.sequence)
                                  : "a part of event " + std::to_string(committed_.sequence) +
                                        ", or what was confirmed behind it,";
  lost += " had been acknowledged and are not on the disk any more";
  if (recorder_ != nullptr) lost += "; the recorder's segments do not have them all";
  if (options_.watermark.accept_lost_events) {
    options_.notes->warning(lost + ": the store goes on without them");
    return {};
  }
  lost += ": replay their recording into a restored backup";
  if (recorder_ == nullptr) lost += ", or open the store for writing with its recorder";
  return {StatusCode::kEventsLost,
          lost + "; docs/backup.md tells how, and how to go on without them"};
}

Status Engine::begin_watermark(Acknowledged durable) {
  const WatermarkBounds bounds = {options_.tuning.watermark_bytes_max,
                                  options_.tuning.watermark_sync_nanos};
  auto begun =
      Watermark::begin(*database_->env(), options_.watermark.path, store_id_, durable, bounds);
  if (!begun.ok()) return begun.status();
  watermark_ = *std::move(begun);
  synced_ = durable;
  return {};
}

Status Engine::open_recorder(bool is_behind) {
  RecorderOptions options = *options_.recorder;
  // Among them are events that were acknowledged.
  if (is_behind) options.unacknowledged = Unacknowledged::kApply;
  auto recorder =
      Recorder::open({std::move(options), store_id_, options_.durability == Durability::kSync,
                      database_->env(), [this] { return database_->sync(); }, options_.notes},
                     committed_.sequence,
                     [this](const Recorder::Tail& frame) { return apply_unacknowledged(frame); });
  if (!recorder.ok()) return recorder.status();
  const Sequence recorded = (*recorder)->recorded_through();
  if (recorded < committed_.sequence) {
    const std::string gap =
        "the recorder's segments end at event " + std::to_string(recorded) +
        " and the store is at " + std::to_string(committed_.sequence) +
        ": the events between them are not recorded, and only a store that holds them can replay "
        "what follows";
    // The first recorder of a store that was kept without one begins there.
    if (recorded == 0) options_.notes->info(gap);
    if (recorded > 0) options_.notes->warning(gap);
  }
  recorder_ = std::move(*recorder);
  return {};
}

/// Applies recorded events as they were taken the first time: from their source, live, or as
/// windows of a pass that issues commands.
Status Engine::apply_unacknowledged(const Recorder::Tail& frame) {
  for (std::size_t i = 0; i < frame.entries.size(); ++i) {
    const codec::FrameEntry& entry = frame.entries[i];
    Request request;
    request.events = std::span(&entry.event, 1);
    request.exclusive = about_fleet(entry.event);
    request.recorded = entry.event.at;
    if (entry.origin) request.recorded = entry.origin->at.value_or(entry.event.at);
    request.hands_out_listed = entry.origin && entry.origin->source == store_id_ &&
                               entry.origin->number == frame.first_event + i;
    if (entry.origin && !request.hands_out_listed) {
      request.position = SourcePosition{entry.origin->source, entry.origin->number};
    }
    while (!request.done) lead({&request});
    if (!request.status.ok()) return request.status;
    if (committed_.sequence != frame.first_event + i) {
      return {StatusCode::kCorruption, "recorded event " + std::to_string(frame.first_event + i) +
                                           " does not follow what the store holds"};
    }
  }
  return {};
}

Status Engine::make_new() {
  if (options_.recorder && !options_.policy) {
    const std::filesystem::path& directory = options_.recorder->directory;
    const auto made_anew =
        Recorder::holds_segments(*database_->env(), directory, options_.store_id);
    if (!made_anew.ok()) return made_anew.status();
    if (*made_anew) {
      return {StatusCode::kInvalidArgument,
              directory.string() +
                  ": the store is lost and would be made anew from these segments, which do not "
                  "say under which policy it began: open it with StoreOptions::policy, or replay "
                  "them into a new store with the policy flags of 'muster replay'"};
    }
  }
  options_.notes->info("making a new store");
  Batch batch(*database_);
  batch.put(Family::kMeta, kFormatKey, encode_format({kFormatVersion, options_.store_id}));
  batch.put(Family::kMeta, kPolicyKey, encode_policy(options_.policy.value_or(Policy())));
  return database_->write(batch, true);
}

Status Engine::load_meta() {
  std::string value;
  const Result<bool> has_format = database_->get(Family::kMeta, kFormatKey, value);
  if (!has_format.ok()) return has_format.status();
  const Result<FormatRecord> format = decode_format(value);
  if (!format.ok()) return format.status();
  if (format->version > kFormatVersion) {
    return {StatusCode::kFormatTooNew, "the store has format " + std::to_string(format->version) +
                                           ", this Muster reads up to " +
                                           std::to_string(kFormatVersion) +
                                           ": use the newer Muster that wrote it"};
  }
  if (format->version == 0) return damaged("meta", kFormatKey, "its version is 0");
  if (format->store_id != options_.store_id) {
    return damaged("meta", kFormatKey, "the file MUSTER names another store");
  }
  store_id_ = format->store_id;
  const Result<bool> has_policy = database_->get(Family::kMeta, kPolicyKey, value);
  if (!has_policy.ok()) return has_policy.status();
  if (!*has_policy) return damaged("meta", kPolicyKey, "it is missing");
  Result<Policy> policy = decode_policy(value);
  if (!policy.ok()) return policy.status();
  policy_ = std::move(*policy);
  if (options_.policy && *options_.policy != policy_) {
    return {StatusCode::kPolicyMismatch, "the store holds the policy (" + to_string(policy_) +
                                             "), asked for is (" + to_string(*options_.policy) +
                                             "): apply a policy_changed event to change it"};
  }
  return {};
}

Status Engine::finish_interrupted_fan_out() {
  std::string value;
  const Result<bool> found = database_->get(Family::kMeta, kFanOutKey, value);
  if (!found.ok()) return found.status();
  if (!*found) return {};
  fan_out_running_ = true;
  if (options_.read_only) return {};
  const Result<FanOutRecord> record = decode_fan_out(value);
  if (!record.ok()) return record.status();
  const Result<bool> has_progress = database_->get(Family::kMeta, kFanOutProgressKey, value);
  if (!has_progress.ok()) return has_progress.status();
  if (!*has_progress) return damaged("meta", kFanOutProgressKey, "it is missing");
  const Result<FanOutProgress> progress = decode_progress(value);
  if (!progress.ok()) return progress.status();
  auto run = FanOutRun::resume(*record, *progress);
  if (!run.ok()) return run.status();
  fan_out_ = std::move(*run);
  options_.notes->info("finishing a change of many hosts that was cut off: event " +
                       std::to_string(record->number) + " of source " + record->source);
  while (fan_out_ != nullptr) {
    const std::unique_ptr<CommitGroup> group = begin_group();
    const Result<bool> done = fan_out_->run_window(
        *group, {*database_, options_.tuning, due_hosts_}, queue_.somebody_waits());
    if (!done.ok()) return done.status();
    if (*done) {
      fan_out_.reset();
      fan_out_finished_ = true;
    }
    if (Status status = commit(*group); !status.ok()) return status;
  }
  return {};
}

}  // namespace muster::store
