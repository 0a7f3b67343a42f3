#include "tests/sim/sweep.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "muster/recording.h"
#include "tests/sim/replay.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

/// Of so many distinct images one is looked at before it is opened for writing.
constexpr std::size_t kLooksEvery = 7;
/// The store of one of so many is opened again, and the rest of the scenario done, which takes
/// longer than all else.
constexpr std::size_t kGoesOnEvery = 8;
constexpr const char* kAsItWas = "as the crash left it";
/// Kinds that crashes during recovery go through in turn.
constexpr std::array kRecoveryKinds = {ImageKind::kTorn, ImageKind::kSynced, ImageKind::kEverything,
                                       ImageKind::kGarbled, ImageKind::kNamesLost};

std::uint64_t image_seed(std::uint64_t seed, const CrashPoint& point) {
  return (seed * 1'000'003 + point.operation) * kImageKinds +
         static_cast<std::uint64_t>(point.kind);
}

/// How many changes the store has: that it holds none but them.
std::size_t changes_in(const Scenario& scenario, const StoreState& state, std::size_t most,
                       const std::string& when) {
  if (const auto found = scenario.find(state, most)) return *found;
  const auto [first, last] = scenario.range_of(state.sequence);
  if (first > last) {
    throw std::runtime_error(when + ": more events than there were: " + to_text(state));
  }
  throw std::runtime_error(when + ": " + compared(scenario.after[last], state));
}

void expect_state(const StoreState& expected, const StoreState& got, const std::string& when) {
  if (got == expected) return;
  throw std::runtime_error(when + ": " + compared(expected, got));
}

void expect_clean(const Store& store, const std::string& when) {
  const std::vector<Finding> findings = findings_of(store);
  if (!findings.empty()) throw std::runtime_error(when + ": check() says\n" + to_text(findings));
}

void expect_bounds(std::size_t recovered, const Bounds& bounds) {
  if (recovered >= bounds.least && recovered <= bounds.most) return;
  throw std::runtime_error("recovered " + std::to_string(recovered) + " changes, not " +
                           std::to_string(bounds.least) + " to " + std::to_string(bounds.most));
}

/// The segments give what the store holds.
void expect_recorded(Machine& machine, const StoreState& state) {
  const TempDir folder;
  const std::vector<std::filesystem::path> segments = machine.copy_segments(folder.path());
  Machine other(new_disk());
  Store copy = require(other.open(Durability::kBuffered), "open a copy");
  const ReplayReport report = require(replay(copy, segments, {}, {}), "replay the segments");
  require_ok(report.input, "replay the segments");
  if (report.events != state.sequence || digest_of(copy) != state.digest) {
    throw std::runtime_error("the segments hold " + std::to_string(report.events) +
                             " events and give " + to_text(state_of(copy)) + ", not " +
                             to_text(state));
  }
  other.env().pump();
  require_ok(copy.close(), "close the copy");
}

void close(Machine& machine, Store& store) {
  machine.env().pump();
  require_ok(store.close(), "close");
}

}  // namespace

std::string to_text(const CrashPath& path) {
  std::string text;
  for (const CrashPoint& point : path) {
    if (!text.empty()) text += "/";
    text += std::to_string(point.operation) + ":" + std::string(name_of(point.kind));
  }
  return text;
}

std::optional<CrashPath> parse_crash_path(std::string_view text) {
  CrashPath path;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    CrashPoint point;
    const auto [end, error] =
        std::from_chars(part.data(), part.data() + part.size(), point.operation);
    const std::size_t digits = static_cast<std::size_t>(end - part.data());
    if (error != std::errc() || digits == part.size() || part[digits] != ':') return std::nullopt;
    const auto kind = image_kind(part.substr(digits + 1));
    if (!kind) return std::nullopt;
    point.kind = *kind;
    path.push_back(point);
  }
  return path;
}

Bounds bounds_of(const Mark& mark, ImageKind kind) {
  // What the operating system has survives the process.
  return {kind == ImageKind::kEverything ? mark.answered : mark.durable, mark.attempted,
          mark.durable};
}

Sweep::Sweep(const Scenario& scenario, const SweepPlan& plan)
    : scenario_(scenario),
      plan_(plan),
      idle_(new_disk()),
      idle_store_(require(idle_.open(Durability::kBuffered), "open")) {}

void Sweep::violated(const std::string& what, const std::string& replay) {
  report_.violations.push_back(what + "\nagain with: " + replay);
}

bool Sweep::wanted(const CrashPath& path) const {
  if (!only_) return true;
  return path.size() <= only_->size() &&
         std::equal(path.begin(), path.end(), only_->begin(), [](const auto& a, const auto& b) {
           return a.operation == b.operation && a.kind == b.kind;
         });
}

void Sweep::look(Machine& machine, const Bounds& bounds) {
  const Store store = require(machine.open_read_only(), "open read-only");
  const StoreState state = state_of(store);
  // What the recorder holds beyond it comes when the store is opened for writing.
  const bool recorded = scenario_.recorder == Machine::Recorder::kOn;
  const Bounds now = {recorded ? 0 : bounds.least, bounds.most, 0};
  expect_clean(store, kAsItWas);
  if (require(store.stats(), "stats").fan_out_running) {
    ++report_.seen_within_fan_out;
    const auto [first, last] = scenario_.range_of(state.sequence);
    expect_bounds(std::clamp(now.least, first, std::max(first, last)), now);
  } else {
    expect_bounds(changes_in(scenario_, state, bounds.most, kAsItWas), now);
  }
}

std::optional<std::size_t> Sweep::check(Disk image, const Bounds& bounds,
                                        const std::string& replay) {
  Machine machine(std::move(image), scenario_.recorder);
  machine.files().refuse_options();
  try {
    // Before an event is in it, the store may not be there at all.
    if (bounds.least > 0 && report_.distinct % kLooksEvery == 0) look(machine, bounds);
    std::size_t recovered = 0;
    {
      Store store = require(machine.open(Durability::kSync), "open");
      last_recovery_ = machine.files().trace();
      const bool committed = std::any_of(
          last_recovery_.begin(), last_recovery_.end(),
          [](const Operation& made) { return made.op == Op::kAppend && is_log(made.path); });
      const StoreState state = state_of(store);
      recovered = changes_in(scenario_, state, bounds.most, "after the open");
      report_.within_fan_out += committed && recovered > 0 ? 1u : 0u;
      expect_bounds(recovered, bounds);
      expect_clean(store, "after the open");
      if (scenario_.recorder == Machine::Recorder::kOn && report_.distinct % kLooksEvery == 1) {
        expect_recorded(machine, state);
      }
      close(machine, store);
    }
    if (only_ || report_.distinct % kGoesOnEvery == 0) {
      Store store = require(machine.open(Durability::kBuffered), "second open");
      expect_state(scenario_.after[recovered], state_of(store), "after the second open");
      require_ok(apply_rest(machine, store, scenario_, recovered), "applying the rest");
      expect_state(scenario_.after.back(), state_of(store), "at the end");
      expect_clean(store, "at the end");
      close(machine, store);
    }
    return recovered;
  } catch (const std::runtime_error& error) {
    machine.leave_behind();
    violated(error.what(), replay);
    return std::nullopt;
  }
}

std::optional<std::size_t> Sweep::visit(Disk image, const Bounds& bounds, const CrashPath& path) {
  ++report_.images;
  const std::string replay = replay_command(scenario_.seed, "MUSTER_CRASH_AT", to_text(path));
  const std::uint64_t fingerprint = image.fingerprint();
  if (const auto known = recovered_.find(fingerprint); known != recovered_.end() && !only_) {
    const std::size_t recovered = known->second;
    if (recovered >= bounds.least && recovered <= bounds.most) return recovered;
  }
  ++report_.distinct;
  if (path.size() > 1) ++report_.in_recovery;
  const bool deeper = only_
                          ? path.size() < only_->size()
                          : path.size() < plan_.depth && plan_.recovery_every != 0 &&
                                report_.distinct % plan_.recovery_every == plan_.recovery_every / 2;
  Disk kept = deeper ? image.copy() : Disk();
  const auto recovered = check(std::move(image), bounds, replay);
  if (!recovered) return std::nullopt;
  recovered_[fingerprint] = *recovered;
  if (deeper) crash_in_recovery(kept, bounds, *recovered, path);
  return recovered;
}

/// What a store showed once it was open is durable. Before that, so is what a power loss left, but
/// not what a process that died had not synced.
void Sweep::crash_in_recovery(const Disk& image, const Bounds& bounds, std::size_t recovered,
                              const CrashPath& path) {
  const std::vector<Operation> recovery = last_recovery_;
  const bool died_only = path.back().kind == ImageKind::kEverything;
  const std::size_t before_open = died_only ? std::min(bounds.durable, recovered) : recovered;
  Disk disk = image.copy();
  for (std::size_t done = 0; done <= recovery.size() && !enough(); ++done) {
    const std::size_t durable = done == recovery.size() ? recovered : before_open;
    for (const ImageKind kind : kRecoveryKinds) {
      CrashPath further = path;
      further.push_back({done, kind});
      const std::size_t turn = done / plan_.recovery_stride;
      const bool planned =
          done == recovery.size() || (done % plan_.recovery_stride == 0 &&
                                      kind == kRecoveryKinds[turn % kRecoveryKinds.size()]);
      if (only_ ? !wanted(further) : !planned) continue;
      const std::size_t least = kind == ImageKind::kEverything ? recovered : durable;
      visit(disk.after_power_loss(kind, image_seed(scenario_.seed, further.back())),
            {least, recovered, durable}, further);
    }
    if (done < recovery.size()) disk.perform(recovery[done]);
  }
}

SweepReport Sweep::go(const SimRun& run, const std::optional<CrashPath>& only) {
  only_ = only;
  Disk disk = new_disk();
  for (std::size_t done = 0; done <= run.trace.size() && !enough(); ++done) {
    for (const ImageKind kind : plan_.kinds) {
      const CrashPath path = {{done, kind}};
      const bool planned = done >= plan_.begin && done % plan_.stride == 0;
      if (only_ ? !wanted(path) : !planned) continue;
      visit(disk.after_power_loss(kind, image_seed(scenario_.seed, path[0])),
            bounds_of(run.mark_at(done), kind), path);
    }
    if (done < run.trace.size()) disk.perform(run.trace[done]);
  }
  return report_;
}

}  // namespace muster::test
