#include "generate/simulation.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"
#include "base/time.h"
#include "generate/names.h"

namespace muster::generate {
namespace {

constexpr std::uint32_t kMinute = 60;
constexpr std::uint32_t kHour = 3'600;
constexpr std::uint32_t kDay = 24 * kHour;
constexpr std::uint32_t kFoundingSeconds = 5 * kMinute;
constexpr std::uint32_t kPassSeconds = 5 * kMinute;
constexpr std::uint32_t kQuietPassSeconds = kHour;
constexpr std::uint32_t kEnrolStormSeconds = 10 * kMinute;
constexpr std::int64_t kPassRangeMicros = 5'000;  // from one range of a pass to the next
constexpr std::int64_t kNotSentMicros = 300'000;  // the hand-over fails soon after the pass
constexpr std::uint64_t kEnrolTrait = 300;

}  // namespace

Simulation::Simulation(const FleetOptions& options)
    : options_(options),
      scenario_(scenario_of(options.scenario)),
      random_(options.seed),
      server_(options.seed, options.hosts),
      devices_(options_, scenario_.rates, server_),
      operators_(options_, server_, random_),
      calendar_(options.start, options.hours * 60),
      now_(options.start),
      last_pass_(options.start) {
  make_first_appointments();
}

std::uint32_t Simulation::seconds_now() const {
  return static_cast<std::uint32_t>((now_.micros - options_.start.micros) / base::kMicrosPerSecond);
}

void Simulation::in_micros(std::int64_t micros, Task task, std::uint32_t which) {
  calendar_.add({Timestamp{now_.micros + micros}, task, which});
}

void Simulation::in_seconds(std::uint32_t least, std::uint32_t most, Task task,
                            std::uint32_t which) {
  const std::int64_t seconds = random_.between(least, most);
  in_micros(seconds * base::kMicrosPerSecond + random_.below(kMillion), task, which);
}

/// Founders enrol in the first hour (or quarter of a shorter span); of the others some all at once
/// at half time, the rest whenever they like.
std::uint32_t Simulation::enrolment_seconds(HostIndex index) const {
  const Rates& rates = scenario_.rates;
  const std::uint64_t bits = trait(options_.seed, kEnrolTrait, index);
  const std::uint64_t when = scramble(bits + 1);
  if (scaled(bits, kMillion) < rates.founders) {
    const std::uint32_t window = std::min(kHour, span_seconds() / 4) - kFoundingSeconds;
    return kFoundingSeconds + scaled(when, window);
  }
  if (scaled(scramble(bits + 2), kMillion) < rates.enrol_storm) {
    return span_seconds() / 2 + scaled(when, kEnrolStormSeconds);
  }
  return kHour / 4 + scaled(when, span_seconds() - kHour / 4);
}

void Simulation::make_first_appointments() {
  in_micros(0, Task::kFounding, 0);
  in_seconds(kPassSeconds, kPassSeconds, Task::kPass, 0);
  const std::uint32_t period = std::min(span_seconds(), kDay);
  for (std::uint32_t begin = 0; begin < span_seconds(); begin += period) {
    for (std::uint32_t i = 0; i < scenario_.deeds.size(); ++i) {
      const std::uint32_t share = scenario_.deeds[i].permille * (period / 1'000);
      in_seconds(begin + share, begin + share, Task::kDeed, i);
    }
  }
  for (HostIndex index = 0; index < options_.hosts; ++index) {
    const std::uint32_t seconds = enrolment_seconds(index);
    in_seconds(seconds, seconds, Task::kEnrol, index);
  }
}

std::optional<Event> Simulation::next() {
  while (told_.empty()) {
    if (server_.in_pass()) {
      now_.micros += kPassRangeMicros;
      run_pass();
      continue;
    }
    const auto appointment = calendar_.next();
    if (!appointment) return std::nullopt;
    // Ranges of a pass may have taken longer than until here.
    now_ = std::max(now_, appointment->at);
    run(*appointment);
  }
  Event event = std::move(told_.front());
  told_.pop_front();
  return event;
}

void Simulation::tell(HostIndex index, EventBody body, std::uint32_t command) {
  Event event{now_, std::move(body)};
  server_.judge(event, index, command);
  told_.push_back(std::move(event));
}

void Simulation::tell(EventBody body) {
  Event event{now_, std::move(body)};
  server_.judge(event);
  told_.push_back(std::move(event));
}

void Simulation::run(const Appointment& appointment) {
  const HostIndex index = appointment.which;
  switch (appointment.task) {
    case Task::kFounding:
      return found(appointment.which);
    case Task::kDeed:
      return do_deed(scenario_.deeds[appointment.which].deed);
    case Task::kPass:
      in_seconds(kPassSeconds, kPassSeconds, Task::kPass, 0);
      if (server_.wants_pass(now_) ||
          now_.micros - last_pass_.micros >= kQuietPassSeconds * base::kMicrosPerSecond) {
        last_pass_ = now_;
        server_.begin_pass();
        run_pass();
      }
      return;
    case Task::kEnrol:
      return enrol(index);
    case Task::kFirstReport:
      if (online(index)) report(index);
      return;
    case Task::kHeartbeat:
      return heartbeat(index);
    case Task::kReturn:
      return come_online(index);
    case Task::kSession:
      return answer_next(index);
  }
}

void Simulation::found(std::uint32_t step) {
  const auto steps = static_cast<std::uint32_t>(operators_.founding_steps());
  tell(operators_.found(step, now_));
  const std::int64_t each = kFoundingSeconds * base::kMicrosPerSecond / (steps + 1);
  if (step + 1 < steps) in_micros(each, Task::kFounding, step + 1);
}

void Simulation::do_deed(Deed deed) {
  if (deed == Deed::kNotSent) {
    drop_command_ = true;
  } else if (deed >= Deed::kTransfer) {
    do_host_deed(deed);
  } else {
    for (EventBody& body : operators_.perform(deed, now_)) tell(std::move(body));
  }
}

void Simulation::do_host_deed(Deed deed) {
  const auto index = operators_.find_host([&](HostIndex candidate, const core::Host& host) {
    if (deed == Deed::kResend) return operators_.resendable(host, true).has_value();
    // The interesting ones are those with commands under way.
    if (deed == Deed::kDeleteHost && devices_[candidate].queue.empty()) return false;
    return host.enrolled && host.platform == Platform::kDarwin;
  });
  if (!index) return;
  const core::Host& host = *server_.host(*index);
  switch (deed) {
    case Deed::kTransfer:
      return transfer(*index);
    case Deed::kUnenrol:
      return unenrol(*index, 20 * kMinute, 40 * kMinute);
    case Deed::kDeleteHost:
      return forget(*index);
    case Deed::kSwitchUserChannel:
      return tell(*index, UserChannelChanged{host.uuid, !host.user_channel});
    case Deed::kResend:
      return tell(*index, ProfileResent{host.uuid, *operators_.resendable(host, true)});
    default:
      MUSTER_ASSERT(false && "the deed is not about a host");
  }
}

/// One range of a pass; devices hear of their commands.
void Simulation::run_pass() {
  issues_.clear();
  told_.push_back(server_.continue_pass(now_, issues_));
  const bool drop = !issues_.empty() && (drop_command_ || random_.chance(scenario_.rates.not_sent));
  for (const Issue& issue : issues_) devices_[issue.host].queue.push_back(issue.command);
  if (drop && !server_.in_pass()) take_back_one(issues_);
  HostIndex last = server_.hosts();
  for (const Issue& issue : issues_) {
    if (issue.host != last) open_session(issue.host);
    last = issue.host;
  }
}

/// Of one command that the range issued: its hosts there get it from the next pass.
void Simulation::take_back_one(const std::vector<Issue>& issues) {
  drop_command_ = false;
  const std::uint32_t command =
      issues[random_.below(static_cast<std::uint32_t>(issues.size()))].command;
  CommandNotSent event;
  event.command_uuid = server_.command_uuid(command);
  event.hosts.emplace();
  std::vector<HostIndex> hosts;
  for (const Issue& issue : issues) {
    if (issue.command != command) continue;
    hosts.push_back(issue.host);
    event.hosts->push_back(server_.uuid(issue.host));
    std::erase(devices_[issue.host].queue, command);
  }
  now_.micros += kNotSentMicros;
  server_.take_back(command, hosts);
  told_.push_back(Event{now_, std::move(event)});
}

}  // namespace muster::generate
