#include "bench/run.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "bench/probe.h"
#include "bench/workload.h"
#include "muster/recording_writer.h"

namespace muster::bench {
namespace {

/// Decoded events come to a store when they were just made: so many stay in a processor's cache.
constexpr std::uint64_t kChunk = 1'024;
constexpr std::uint32_t kDigestAlwaysMax = 200'000;

constexpr std::string_view kWitness = "memory";

struct Running {
  const EngineKind* kind;
  std::unique_ptr<Engine> engine;
  EngineResult result;
  bool shown = true;  ///< false: it only answers
};

void require(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what);
}

/// Whether the rules over a hash map run along, unmeasured and unshown, so that the digest of a
/// store that runs alone or beside floors is compared with another's.
bool wants_witness(const Cell& cell) {
  const auto has = [&](std::string_view name) {
    return std::find(cell.engines.begin(), cell.engines.end(), name) != cell.engines.end();
  };
  return cell.size.hosts <= kWitnessHostsMax && !find_engine(cell.engines.front()).floor &&
         !has(kWitness);
}

bool is_slow(const EngineKind& kind) {
  return kind.name == "sqlite_rows";
}

/// Others have done all when their calls return.
bool works_behind(const EngineKind& kind) {
  return kind.name == "muster" || kind.name.starts_with("rocksdb");
}

/// Adds what passes between its making and its end to a round.
class Stretch {
 public:
  Stretch(Running& running, Round& round)
      : kind_(*running.kind),
        engine_(*running.engine),
        result_(running.result),
        round_(round),
        use_(engine_.use()) {
    // What others freed is not this engine's memory.
    ::malloc_trim(0);
    resident_ = bench::resident_bytes();
    written_ = bench::written_bytes();
    cpu_ = process_cpu_seconds();
    own_cpu_ = thread_cpu_seconds();
  }
  Stretch(const Stretch&) = delete;
  Stretch& operator=(const Stretch&) = delete;
  ~Stretch() {
    if (works_behind(kind_)) wait_for_idle();
    const double cpu = process_cpu_seconds() - cpu_;
    round_.cpu_seconds += cpu - made_;
    round_.background_seconds += cpu - (thread_cpu_seconds() - own_cpu_);
    round_.written_bytes += bench::written_bytes() - written_;
    const std::uint64_t resident = bench::resident_bytes();
    if (resident > resident_) result_.resident_bytes += resident - resident_;
    const EngineUse use = engine_.use();
    round_.use.commits += use.commits - use_.commits;
    round_.use.syncs += use.syncs - use_.syncs;
    round_.use.log_bytes += use.log_bytes - use_.log_bytes;
    round_.use.commit_micros += use.commit_micros - use_.commit_micros;
    round_.use.disk_bytes = use.disk_bytes;
  }
  /// Processor time that went into making events.
  void leave_out(double seconds) { made_ += seconds; }

 private:
  const EngineKind& kind_;
  Engine& engine_;
  EngineResult& result_;
  Round& round_;
  const EngineUse use_;
  std::uint64_t resident_ = 0;
  std::uint64_t written_ = 0;
  double cpu_ = 0;
  double own_cpu_ = 0;
  double made_ = 0;
};

/// The events of one round as all engines get them.
class RoundInput {
 public:
  RoundInput(const Cell& cell, Workload& workload, std::uint32_t round,
             const std::filesystem::path& scratch)
      : cell_(cell), workload_(workload), round_(round), file_(scratch / "round.recording") {
    workload.prepare(round);
    total_ = std::min(workload.events(round), cell.size.events);
    if (cell.input == Input::kJson || cell.input == Input::kBinary) write_recording();
  }

  std::uint64_t total() const { return total_; }
  bool is_whole() const { return total_ == workload_.events(round_); }
  std::uint64_t total_for(const EngineKind& kind) const {
    return is_slow(kind) ? std::min(total_, cell_.size.slow_events) : total_;
  }

  /// Events from `from` to `to`, and how long commits took. At the end of a round, its engine
  /// settles.
  void run(Running& running, Round& round, std::uint64_t from, std::uint64_t to) const {
    Stretch stretch(running, round);
    round.events += to - from;
    if (cell_.input == Input::kJson || cell_.input == Input::kBinary) {
      const auto began = Clock::now();
      auto last = began;
      running.engine->replay(file_, {cell_.batch, cell_.threads}, [&] {
        const auto now = Clock::now();
        running.result.commits.add(now - last);
        last = now;
      });
      round.wall_seconds += seconds_since(began);
      round.decode_seconds = decode_seconds_;
    } else {
      std::vector<Event> events;
      for (std::uint64_t done = from; done < to; done += events.size()) {
        const double began = thread_cpu_seconds();
        make(done, std::min(to, done + kChunk), events);
        stretch.leave_out(thread_cpu_seconds() - began);
        round.wall_seconds += apply(running, events);
      }
    }
    if (to == total_for(*running.kind)) running.engine->settle();
  }

 private:
  void make(std::uint64_t from, std::uint64_t to, std::vector<Event>& events) const {
    events.clear();
    for (std::uint64_t i = from; i < to; ++i) events.push_back(workload_.event(round_, i));
  }
  void write_recording() {
    RecordingWriterOptions options;
    options.form = cell_.input == Input::kJson ? RecordingForm::kText : RecordingForm::kBinary;
    options.replace = true;
    const RecordingHeader header{fmt::format("{} round {}", cell_.name, round_), "muster_bench", 1};
    auto writer = RecordingWriter::create(file_, header, options);
    require(writer.ok(), writer.status().to_string());
    for (std::uint64_t i = 0; i < total_; ++i) {
      const Status status = writer->append(workload_.event(round_, i));
      require(status.ok(), status.to_string());
    }
    const Status status = writer->close();
    require(status.ok(), status.to_string());
    read_recording();
  }
  /// What decoding alone takes, and whether the file holds what was written.
  void read_recording() {
    auto reader = RecordingReader::open(file_);
    require(reader.ok(), reader.status().to_string());
    const double began = thread_cpu_seconds();
    std::uint64_t read = 0;
    for (;; ++read) {
      const auto next = reader->next();
      require(next.ok(), next.status().to_string());
      if (*next == nullptr) break;
    }
    decode_seconds_ = thread_cpu_seconds() - began;
    require(read == total_, "the recording of a round is not whole");
  }
  /// Returns the seconds that it took.
  double apply(Running& running, std::span<const Event> events) const {
    const auto began = Clock::now();
    for (std::size_t at = 0; at < events.size(); at += cell_.batch) {
      const auto span = events.subspan(at, std::min<std::size_t>(cell_.batch, events.size() - at));
      const auto commit_began = Clock::now();
      running.engine->apply(span);
      running.result.commits.add(Clock::now() - commit_began);
    }
    return seconds_since(began);
  }

  const Cell& cell_;
  Workload& workload_;
  const std::uint32_t round_;
  const std::filesystem::path file_;
  std::uint64_t total_ = 0;
  double decode_seconds_ = 0;
};

class CellRun {
 public:
  CellRun(const Cell& cell, const WorkloadKind& kind, const std::filesystem::path& scratch)
      : cell_(cell), scratch_(scratch), workload_(kind.make(cell.shape())) {}

  std::vector<EngineResult> run() {
    for (const std::string& name : cell_.engines) found(name);
    if (wants_witness(cell_)) {
      found(std::string(kWitness));
      all_.back().shown = false;
    }
    for (std::uint32_t round = 0; round <= cell_.size.rounds; ++round) {
      show_progress(fmt::format("{}: round {} of {}", cell_.name, round, cell_.size.rounds));
      const RoundInput input(cell_, *workload_, round, scratch_);
      for (Running& running : all_) run_round(input, round, running);
      if (round == 0) forget();
    }
    std::vector<EngineResult> results;
    for (Running& running : all_) {
      if (!running.shown) continue;
      running.result.counts = running.engine->counts();
      running.result.moved_rows = workload_->moved_rows();
      running.result.wall_ratio = wall_ratio(running.result);
      results.push_back(running.result);
    }
    return results;
  }

 private:
  double wall_ratio(const EngineResult& result) const {
    const std::vector<Round>& first = all_.front().result.rounds;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < result.rounds.size(); ++i) {
      ratios.push_back(result.rounds[i].wall_micros() / first[i].wall_micros());
    }
    return median(ratios);
  }

  void found(const std::string& name) {
    show_progress(fmt::format("{}: making the fleet of {}", cell_.name, name));
    const EngineKind& kind = find_engine(name);
    const std::filesystem::path folder = scratch_ / name;
    std::filesystem::create_directories(folder);
    ::malloc_trim(0);
    const std::uint64_t resident = resident_bytes();
    all_.push_back(
        {&kind, kind.make({folder, cell_.durability, cell_.preset, cell_.profiles}), {}, true});
    all_.back().result.engine = name;
    workload_->found(*all_.back().engine);
    all_.back().result.resident_bytes = std::max(resident, resident_bytes()) - resident;
  }

  void run_round(const RoundInput& input, std::uint32_t round, Running& running) {
    Engine& engine = *running.engine;
    const std::vector<Event> before = workload_->before(round);
    if (!before.empty()) engine.apply(before);
    engine.settle();
    if (running.shown) wait_for_idle();
    Round measured;
    const std::uint64_t end = input.total_for(*running.kind);
    // The first engine stops once where the slow ones end, for the digest to compare theirs with.
    const std::uint64_t stop = slow_end(input);
    if (&running == &all_.front() && stop < end) {
      input.run(running, measured, 0, stop);
      slow_digest_ = engine.digest();
      input.run(running, measured, stop, end);
    } else {
      input.run(running, measured, 0, end);
    }
    if (end == input.total() && input.is_whole()) measured.events = workload_->units(round);
    running.result.rounds.push_back(measured);
    engine.after_round();
    // Of a large fleet it takes a minute.
    if (round > 0 && round < cell_.size.rounds && cell_.size.hosts > kDigestAlwaysMax) return;
    running.result.digest = engine.digest();
    compare(input, running, round);
  }

  std::uint64_t slow_end(const RoundInput& input) const {
    std::uint64_t end = input.total();
    for (const Running& running : all_) end = std::min(end, input.total_for(*running.kind));
    return end;
  }

  void compare(const RoundInput& input, const Running& running, std::uint32_t round) {
    if (running.kind->floor) return;
    const bool part = input.total_for(*running.kind) < input.total();
    const std::string where =
        fmt::format("{}, round {}, {}: ", cell_.name, round, running.kind->name);
    const std::string& expected = part ? slow_digest_ : all_.front().result.digest;
    require(running.result.digest == expected,
            fmt::format("{}the digest is {}, that of {} is {}", where, running.result.digest,
                        all_.front().kind->name, expected));
    require(part || !input.is_whole() || running.engine->refused() == workload_->refused(),
            fmt::format("{}{} events were refused instead of {}", where, running.engine->refused(),
                        workload_->refused()));
  }

  /// The warm-up is not kept.
  void forget() {
    for (Running& running : all_) {
      running.result.rounds.clear();
      running.result.commits = Latencies();
    }
  }

  const Cell& cell_;
  const std::filesystem::path scratch_;
  std::unique_ptr<Workload> workload_;
  std::vector<Running> all_;
  std::string slow_digest_;
};

}  // namespace

void show_progress(const std::string& text) {
  if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\033[K{}", text);
}

std::vector<EngineResult> run_cell(const Cell& cell, const std::filesystem::path& scratch) {
  const std::filesystem::path folder = scratch / cell.name;
  std::filesystem::create_directories(folder);
  std::vector<EngineResult> results;
  if (const ProbeKind* probe = find_probe(cell.workload)) {
    results.push_back(probe->run(cell, folder));
  } else if (const WorkloadKind* kind = find_workload(cell.workload)) {
    results = CellRun(cell, *kind, folder).run();
  } else {
    throw std::runtime_error("there is no workload " + cell.workload);
  }
  std::filesystem::remove_all(folder);
  ::malloc_trim(0);
  show_progress("");
  return results;
}

}  // namespace muster::bench
