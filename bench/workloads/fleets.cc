// Devices that come, and whole days.
#include <array>
#include <optional>
#include <stdexcept>

#include "bench/workload.h"
#include "muster/fleet_generator.h"

namespace muster::bench {
namespace {

/// A quarter of the fleet enrols again within the hour, loses its rows, and gets and reports all of
/// its profiles.
class EnrolStorm : public Workload {
 public:
  using Workload::Workload;
  std::uint64_t events(std::uint32_t) const override { return 3 * std::uint64_t{enrolling()} + 1; }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    const Timestamp when = at(round, number, events(round));
    const std::uint64_t arrivals = 2 * std::uint64_t{enrolling()};
    if (number == arrivals) return fleet_.pass(round, when);
    const auto place =
        static_cast<std::uint32_t>(number < arrivals ? number / 2 : number - arrivals - 1);
    const std::uint32_t host = fleet_.shuffled(round, place);
    if (number > arrivals) return fleet_.report(host, when, {at(round, 2'400)});
    if (number % 2 == 1) return fleet_.label_report(host, when);
    return {when, HostEnrolled{fleet_.host_uuid(host), {}, {}}};
  }
  double moved_rows() const override { return fleet_.shape().profiles; }

 private:
  std::uint32_t enrolling() const { return (fleet_.shape().hosts + 3) / 4; }
};

/// The library's made-up fleet: enrolments, transfers, deletions, labels that move, operators'
/// mistakes and passes that list their commands. A round is six hours, after a first day.
class Mixed : public Workload {
 public:
  explicit Mixed(const FleetShape& shape) : Workload(shape), generator_(make(shape)) {
    skip_first_day(generator_, [](const Event&) {});
  }

  void found(Engine& engine) const override {
    std::vector<Event> events;
    const auto flush = [&] {
      if (!events.empty()) engine.apply(events);
      events.clear();
    };
    FleetGenerator generator = make(fleet_.shape());
    skip_first_day(generator, [&](const Event& event) {
      events.push_back(event);
      if (events.size() == 1'024) flush();
    });
    flush();
    engine.settle();
  }
  void prepare(std::uint32_t round) override {
    events_.clear();
    while (generator_.now() < end_of(kFirstDayHours + kRoundHours * (round + 1))) {
      std::optional<Event> next = generator_.next();
      if (!next) throw std::runtime_error("a mixed fleet has rounds for two weeks only");
      events_.push_back(std::move(*next));
    }
    refused_ = generator_.refused();
  }
  std::uint64_t events(std::uint32_t) const override { return events_.size(); }
  Event event(std::uint32_t, std::uint64_t number) const override { return events_[number]; }
  double moved_rows() const override { return 0.5; }
  std::uint64_t refused() const override { return refused_; }

 private:
  static constexpr std::uint32_t kFirstDayHours = 24;
  static constexpr std::uint32_t kRoundHours = 6;

  static Timestamp end_of(std::uint32_t hours) {
    return Timestamp{kFleetStart.micros + std::int64_t{hours} * 3'600'000'000};
  }
  static FleetGenerator make(const FleetShape& shape) {
    FleetOptions options;
    options.hosts = shape.hosts;
    options.profiles = shape.profiles;
    options.teams = shape.teams;
    options.hours = 24 * 14;
    options.scenario = FleetScenario::kMixed;
    auto generator = FleetGenerator::make(options);
    if (!generator.ok()) throw std::runtime_error(generator.status().to_string());
    return std::move(*generator);
  }
  template <typename Take>
  static void skip_first_day(FleetGenerator& generator, const Take& take) {
    while (generator.now() < end_of(kFirstDayHours)) {
      const std::optional<Event> next = generator.next();
      if (!next) return;
      take(*next);
    }
  }

  FleetGenerator generator_;
  std::vector<Event> events_;
  std::uint64_t refused_ = 0;
};

constexpr std::array kFleetKinds = {
    WorkloadKind{"enrol_storm", "a quarter of the fleet enrols again and gets all of its profiles",
                 make_workload<EnrolStorm>},
    WorkloadKind{"mixed", "six hours of a made-up fleet with everything that happens in one",
                 make_workload<Mixed>},
};

}  // namespace

std::span<const WorkloadKind> fleet_workloads() {
  return kFleetKinds;
}

}  // namespace muster::bench
