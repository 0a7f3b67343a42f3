#include "bench/probe.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

extern char** environ;

namespace muster::bench {
namespace {

constexpr std::array kProbes = {
    ProbeKind{"memory", "resident bytes of a store of so many hosts and of a quarter of them",
              probe_memory},
    ProbeKind{"submit", "full changes by submit(), 256 in flight: synced beside buffered",
              probe_submit},
    ProbeKind{"reads", "steady reports alone, and with look-ups and pages of hosts beside them",
              probe_reads},
    ProbeKind{"summary", "a team's summary and a profile's counts on a fresh snapshot",
              probe_summary},
    ProbeKind{"failed_hosts", "the first 100 hosts where a profile failed, each with its state",
              probe_failed_hosts},
    ProbeKind{"reopen", "opening after a close, and after kill -9 in a round of full changes",
              probe_reopen},
    ProbeKind{"idle_pass",
              "reconcile() when ten elevenths of the hosts wait for a user channel and the others "
              "have frozen rows: when nothing came, behind a new host, behind a rollout",
              probe_idle_pass},
    ProbeKind{"check_in_waits",
              "single check-ins beside a rollout, the deletion of a profile and a backup",
              probe_check_in_waits},
    ProbeKind{"real_rate", "one check-in an hour and host as time really passes, and then none",
              probe_real_rate},
    ProbeKind{"log_bytes", "write batches of steady, one_profile and full_change, by 256 and by 1",
              probe_log_bytes},
    ProbeKind{"disk_year",
              "files after a first day, and after many days of daily and of hourly reports",
              probe_disk_year},
};

}  // namespace

std::span<const ProbeKind> probe_kinds() {
  return kProbes;
}

const ProbeKind* find_probe(std::string_view name) {
  const auto at = std::find_if(kProbes.begin(), kProbes.end(),
                               [name](const ProbeKind& kind) { return kind.name == name; });
  return at == kProbes.end() ? nullptr : at;
}

void require(bool good, std::string_view what) {
  if (!good) throw std::runtime_error(std::string(what));
}

Founded found_store(const Cell& cell, const std::filesystem::path& folder,
                    std::string_view workload, Durability durability) {
  std::filesystem::create_directories(folder);
  Founded founded;
  founded.workload = find_workload(workload)->make(cell.shape());
  founded.engine =
      std::make_unique<MusterEngine>(EngineSetting{folder, durability, cell.preset, cell.profiles});
  founded.workload->found(*founded.engine);
  return founded;
}

std::vector<Event> events_of(const Workload& workload, std::uint32_t round, std::uint64_t limit) {
  const std::uint64_t total = std::min(limit, workload.events(round));
  std::vector<Event> events;
  events.reserve(total);
  for (std::uint64_t i = 0; i < total; ++i) events.push_back(workload.event(round, i));
  return events;
}

namespace {

void apply_to(Engine& engine, const Workload& workload, std::uint32_t round, std::uint32_t batch) {
  const std::vector<Event> before = workload.before(round);
  if (!before.empty()) engine.apply(before);
  std::vector<Event> events;
  const std::uint64_t total = workload.events(round);
  for (std::uint64_t i = 0; i < total; ++i) {
    events.push_back(workload.event(round, i));
    if (events.size() < batch && i + 1 < total) continue;
    engine.apply(events);
    events.clear();
  }
}

}  // namespace

void apply_round(const Founded& founded, std::uint32_t round, std::uint32_t batch) {
  apply_to(*founded.engine, *founded.workload, round, batch);
}

void compare_with_witness(const Founded& founded, std::span<const std::uint32_t> rounds,
                          const std::string& digest) {
  if (founded.workload->fleet().shape().hosts > kWitnessHostsMax) return;
  const std::unique_ptr<Engine> witness = make_memory({});
  founded.workload->found(*witness);
  for (const std::uint32_t round : rounds) apply_to(*witness, *founded.workload, round, 256);
  require(witness->digest() == digest, "the rules over a hash map have other rows");
}

int run_again(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  require(::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ) == 0,
          "no process could be started");
  int status = 0;
  require(::waitpid(child, &status, 0) == child, "a process was not waited for");
  return status;
}

EngineResult probe_result(const Founded& founded, const Round& round) {
  EngineResult result;
  result.engine = "muster";
  result.rounds.push_back(round);
  result.resident_bytes = resident_bytes();
  require(founded.engine->refused() == 0, "events were refused");
  result.digest = founded.engine->digest();
  result.rounds.back().use.disk_bytes = founded.engine->use().disk_bytes;
  return result;
}

}  // namespace muster::bench
