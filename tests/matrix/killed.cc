#include "tests/matrix/killed.h"

#include <dlfcn.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <span>
#include <string_view>

#include "core/step.h"
#include "muster/recording.h"
#include "tests/matrix/fleet_files.h"
#include "tests/support/hooked_env.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::string_view kOrder = "--apply-and-be-killed";

/// Watches the writes of the log and dies at the place.
class Watch {
 public:
  Watch(const KillOrder& order, HookedEnv& env) : order_(order), skipped_(order.skipped) {
    env.set_hook([this](LogCall call, const std::string&) {
      at(call);
      return true;
    });
  }

  void span_begins(const Store& store, std::span<const Event> events, std::uint64_t first) {
    store_ = &store;
    reached_ = first > order_.after_event;
    commits_before_ = store.metrics().commits;
    about_hosts_ = true;
    for (const Event& event : events) about_hosts_ = about_hosts_ && core::host_of(event);
  }

 private:
  void at(LogCall call) {
    if (store_ == nullptr) return;
    // Windows of a fan-out are synced when it is done: only writes are within it.
    const bool before_write = order_.before_write || order_.place == KillPlace::kFanOut;
    if (!reached_ || call != (before_write ? LogCall::kAppend : LogCall::kSync)) return;
    if (is_place() && skipped_-- == 0) std::raise(SIGKILL);
  }
  bool is_place() const {
    switch (order_.place) {
      case KillPlace::kNowhere:
      case KillPlace::kInRocksDb:
        return false;
      case KillPlace::kAnywhere:
        return true;
      case KillPlace::kFanOut:
        return require(store_->stats(), "stats").fan_out_running;
      case KillPlace::kFold:
        // A span about hosts is one group; a second batch is a fold, and both are synced together.
        return about_hosts_ &&
               store_->metrics().commits == commits_before_ + (order_.before_write ? 1 : 2);
    }
    return false;
  }

  const KillOrder order_;
  std::uint64_t skipped_;
  const Store* store_ = nullptr;
  bool reached_ = false;
  bool about_hosts_ = false;
  std::uint64_t commits_before_ = 0;  ///< the span
};

/// Its header is not installed. The first member of what is returned are the odds.
using KillPoint = int* (*)();
KillPoint find_kill_point() {
  return reinterpret_cast<KillPoint>(::dlsym(RTLD_DEFAULT, "_ZN7rocksdb9KillPoint11GetInstanceEv"));
}

}  // namespace

bool has_kill_points() {
  return find_kill_point() != nullptr;
}

ProcessResult run_killed(const KillOrder& order, const std::filesystem::path& scratch) {
  return run_process(
      {std::filesystem::read_symlink("/proc/self/exe").native(), std::string(kOrder),
       order.store.native(), order.recording.native(), std::to_string(order.batch),
       std::to_string(static_cast<int>(order.place)), std::to_string(order.after_event),
       std::to_string(order.skipped), order.before_write ? "1" : "0", order.answers.native(),
       std::to_string(order.odds)},
      scratch);
}

bool is_kill_order(const std::vector<std::string>& arguments) {
  return arguments.size() == 10 && arguments.front() == kOrder;
}

int obey_kill_order(const std::vector<std::string>& arguments) {
  KillOrder order;
  order.store = arguments[1];
  order.recording = arguments[2];
  order.batch = std::stoull(arguments[3]);
  order.place = static_cast<KillPlace>(std::stoi(arguments[4]));
  order.after_event = std::stoull(arguments[5]);
  order.skipped = std::stoull(arguments[6]);
  order.before_write = arguments[7] == "1";
  order.answers = arguments[8];
  order.odds = std::stoi(arguments[9]);

  HookedEnv env;
  StoreOptions options;
  options.path = order.store;
  store::Tuning tuning;
  tuning.window_hosts = 4;
  tuning.fold_bytes_min = 32u << 10;
  tuning.env = env.env();
  if (order.odds > 0) *find_kill_point()() = order.odds;
  Store store = open_store(options, tuning);
  Watch watch(order, env);
  std::ofstream answers(order.answers, std::ios::app);
  const std::string id = require(RecordingReader::open(order.recording), "open").id();
  const auto cursor = require(store.last_position(id), "last_position");
  read_spans(order.recording, cursor ? cursor->event : 0, order.batch,
             [&](const std::vector<Event>& events, std::uint64_t first) {
               watch.span_begins(store, events, first);
               apply(store, events, id, first);
               answers << first + events.size() - 1 << std::endl;
             });
  env.set_hook({});
  require_ok(store.close(), "close");
  return 0;
}

}  // namespace muster::test
