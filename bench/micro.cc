// muster_micro: single steps of a check-in, by Google Benchmark.
#include <benchmark/benchmark.h>

#include <optional>

#include "base/time.h"
#include "bench/fleet.h"
#include "core/catalog.h"
#include "core/expected.h"
#include "core/reconcile.h"
#include "core/step.h"
#include "muster/limits.h"
#include "muster/policy.h"
#include "muster/recording.h"

namespace muster::bench {
namespace {

constexpr Timestamp kUploaded{1'767'600'000'000'000};
constexpr Timestamp kInstalled{kUploaded.micros + 60'000'000};
constexpr Timestamp kNow{kUploaded.micros + 7'200'000'000};

/// Every pass issues the same command.
class OneCommand : public core::CommandIssuer {
 public:
  core::CommandNumber issue(Operation, const core::ProfileVersion&, std::string_view,
                            bool) override {
    return core::CommandNumber{1};
  }
};

/// A host of one team whose profiles are all verified.
struct World {
  explicit World(std::uint32_t profiles) : fleet({1, profiles, 1}) {
    core::CatalogChanges changes;
    std::string why;
    for (const Event& event : fleet.labels(kUploaded)) {
      catalog.create_label(std::get<LabelCreated>(event.body), kUploaded, changes);
    }
    for (const Event& event : fleet.uploads(1, kUploaded)) {
      catalog.upload_profile(std::get<ProfileUploaded>(event.body), limits, 1, changes, why);
    }
    take(fleet.host_added(0, kUploaded));
    take(fleet.label_report(0, kUploaded));
    OneCommand commands;
    core::reconcile_host(policy, limits, catalog, kUploaded, 2, *host, commands);
    take(report());
  }
  Event report() const { return fleet.report(0, kNow, {kInstalled}); }
  core::Step take(const Event& event) {
    const core::StepInput input{policy, limits, catalog, expected, event.at, std::nullopt, {}};
    return core::step(input, event, host);
  }

  BenchFleet fleet;
  Policy policy;
  StoreLimits limits;
  core::Catalog catalog;
  core::ExpectedSets expected;
  std::optional<core::Host> host;
};

std::uint32_t profiles_of(const benchmark::State& state) {
  return static_cast<std::uint32_t>(state.range(0));
}

void parse_line(benchmark::State& state) {
  const std::string line = to_canonical_line(World(profiles_of(state)).report());
  for (auto _ : state) benchmark::DoNotOptimize(parse_canonical_line(line));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(line.size()));
}
BENCHMARK(parse_line)->Arg(10)->Arg(30)->Arg(100);

void write_line(benchmark::State& state) {
  const Event event = World(profiles_of(state)).report();
  for (auto _ : state) benchmark::DoNotOptimize(to_canonical_line(event));
}
BENCHMARK(write_line)->Arg(30);

void parse_date(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(base::parse_install_date("2025-06-01 07:41:37 +0000"));
  }
}
BENCHMARK(parse_date);

void step_steady_report(benchmark::State& state) {
  World world(profiles_of(state));
  const Event event = world.report();
  for (auto _ : state) {
    if (world.take(event).outcome != Outcome::kUnchanged) {
      state.SkipWithError("the report changed something");
    }
  }
}
BENCHMARK(step_steady_report)->Arg(10)->Arg(30)->Arg(100);

void find_expected_in_order(benchmark::State& state) {
  World world(profiles_of(state));
  const auto set = world.expected.find(world.catalog, *world.host);
  for (auto _ : state) {
    for (std::size_t i = 0; i < set->size(); ++i) {
      benchmark::DoNotOptimize(set->find((*set)[i].identifier, i));
    }
  }
}
BENCHMARK(find_expected_in_order)->Arg(30);

void find_expected_out_of_order(benchmark::State& state) {
  World world(profiles_of(state));
  const auto set = world.expected.find(world.catalog, *world.host);
  for (auto _ : state) {
    for (std::size_t i = 0; i < set->size(); ++i) {
      benchmark::DoNotOptimize(set->find((*set)[i].identifier, set->size() - 1 - i));
    }
  }
}
BENCHMARK(find_expected_out_of_order)->Arg(30);

void find_expected_set(benchmark::State& state) {
  World world(profiles_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(world.expected.find(world.catalog, *world.host));
}
BENCHMARK(find_expected_set)->Arg(30);

void find_profile(benchmark::State& state) {
  const World world(profiles_of(state));
  const std::string uuid = world.fleet.profile_uuid(0, profiles_of(state) / 2);
  for (auto _ : state) benchmark::DoNotOptimize(world.catalog.find_profile(uuid));
}
BENCHMARK(find_profile)->Arg(30)->Arg(1000);

void reconcile_nothing(benchmark::State& state) {
  World world(profiles_of(state));
  OneCommand commands;
  for (auto _ : state) {
    benchmark::DoNotOptimize(core::reconcile_host(world.policy, world.limits, world.catalog, kNow,
                                                  3, *world.host, commands));
  }
}
BENCHMARK(reconcile_nothing)->Arg(30);

}  // namespace
}  // namespace muster::bench

BENCHMARK_MAIN();
