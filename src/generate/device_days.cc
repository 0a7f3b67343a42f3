// What devices do when their time has come.
#include <algorithm>
#include <utility>

#include "base/time.h"
#include "generate/names.h"
#include "generate/simulation.h"

namespace muster::generate {
namespace {

constexpr std::uint32_t kMinute = 60;
constexpr std::uint32_t kHour = 3'600;
constexpr std::uint32_t kHeartbeatJitterMicros = 10'000'000;

/// How long after the push a device turns to its commands, in seconds.
struct Delay {
  std::uint32_t share = 0;  ///< of a hundred
  std::uint32_t least = 0;
  std::uint32_t most = 0;
};
constexpr Delay kDelays[] = {
    {70, 2, 30},
    {20, 30, 5 * kMinute},
    {9, 5 * kMinute, kHour},
    {1, kHour, 4 * kHour},
};

// Of a million.
constexpr std::uint32_t kForgottenReturns = 300'000;  // an hour
constexpr std::uint32_t kResendsVerified = 1'000;     // of the resends

}  // namespace

bool Simulation::online(HostIndex index) const {
  const Device& device = devices_[index];
  return device.presence == Presence::kEnrolled && device.offline_until <= seconds_now();
}

void Simulation::enrol(HostIndex index) {
  Device& device = devices_[index];
  const core::Host* host = server_.host(index);
  device.presence = Presence::kEnrolled;
  device.installed.clear();
  device.queue.clear();
  device.repeat = false;
  device.offline_until = 0;
  if (host != nullptr) {
    tell(index, HostEnrolled{host->uuid, std::nullopt, std::nullopt});
  } else {
    tell(index, devices_.added(index, devices_.first_team(index)));
  }
  in_seconds(20, 3 * kMinute, Task::kFirstReport, index);
  if (std::exchange(device.heartbeat, true)) return;
  const std::uint32_t phase = devices_.phase_seconds(index);
  const std::uint32_t since = (seconds_now() + kHour - phase) % kHour;
  in_seconds(kHour - since, kHour - since, Task::kHeartbeat, index);
}

/// Memberships, and what is installed: phones and tablets do not tell that.
void Simulation::report(HostIndex index) {
  const core::Host& host = *server_.host(index);
  tell(index, HostLabelsReported{host.uuid, devices_.labels(index), std::nullopt});
  if (host.mobile()) return;
  ProfilesReported event;
  event.host_uuid = host.uuid;
  event.detail_updated_at = Timestamp{now_.micros - now_.micros % base::kMicrosPerSecond};
  if (host.apple()) event.profiles = devices_.report(index);
  tell(index, std::move(event));
}

void Simulation::heartbeat(HostIndex index) {
  const std::uint32_t phase = devices_.phase_seconds(index);
  const std::uint32_t since = (seconds_now() + kHour - phase) % kHour;
  const std::int64_t jitter = random_.below(kHeartbeatJitterMicros);
  in_micros((kHour - since) * base::kMicrosPerSecond + jitter, Task::kHeartbeat, index);

  Device& device = devices_[index];
  if (device.presence == Presence::kForgotten && random_.chance(kForgottenReturns)) {
    device.presence = Presence::kEnrolled;
    tell(index, devices_.added(index, devices_.first_team(index)));
  }
  if (!online(index) || leaves(index)) return;
  suffer_accidents(index);
  report(index);
  get_attention(index);
}

/// Goes offline, or away for longer.
bool Simulation::leaves(HostIndex index) {
  const Rates& rates = scenario_.rates;
  if (random_.chance(rates.goes_offline)) {
    const std::uint32_t seconds = random_.between(kHour, 10 * kHour);
    devices_[index].offline_until = seconds_now() + seconds;
    in_seconds(seconds, seconds, Task::kReturn, index);
  } else if (random_.chance(rates.unenrolled)) {
    unenrol(index, 10 * kMinute, 6 * kHour);
  } else if (random_.chance(rates.wiped)) {
    enrol(index);
  } else if (random_.chance(rates.deleted)) {
    forget(index);
  } else {
    return false;
  }
  return true;
}

void Simulation::suffer_accidents(HostIndex index) {
  const Rates& rates = scenario_.rates;
  if (random_.chance(rates.loses_profile)) devices_.lose_profile(index, random_);
  if (random_.chance(rates.restores_old)) devices_.restore_old(index, random_);
  if (random_.chance(rates.changes_labels)) {
    const std::uint32_t label = random_.chance(700'000) ? kRestlessLabel : 2 + random_.below(10);
    devices_[index].label_flips ^= static_cast<std::uint16_t>(1U << label);
  }
}

/// Somebody looks after the host.
void Simulation::get_attention(HostIndex index) {
  const Rates& rates = scenario_.rates;
  const core::Host& host = *server_.host(index);
  if (random_.chance(rates.transferred)) transfer(index);
  if (host.platform == Platform::kDarwin && !host.user_channel &&
      random_.chance(rates.gets_user_channel)) {
    tell(index, UserChannelChanged{host.uuid, true});
  }
  if (random_.chance(rates.resent)) {
    const auto profile = operators_.resendable(host, random_.chance(kResendsVerified));
    if (profile) tell(index, ProfileResent{host.uuid, *profile});
  }
}

/// A device that an operator deleted meanwhile has its answers all the same.
void Simulation::come_online(HostIndex index) {
  if (online(index)) report(index);
  open_session(index);
}

/// The device hears the push, unless it is busy or offline.
void Simulation::open_session(HostIndex index) {
  Device& device = devices_[index];
  if (device.session || device.queue.empty() || device.offline_until > seconds_now()) return;
  device.session = true;
  std::uint32_t percent = random_.below(100);
  const Delay* delay = kDelays;
  for (; percent >= delay->share; ++delay) percent -= delay->share;
  in_seconds(delay->least, delay->most, Task::kSession, index);
}

/// One answer; the next one follows, unless the device asks to wait.
void Simulation::answer_next(HostIndex index) {
  Device& device = devices_[index];
  device.session = false;
  if (device.queue.empty() || device.offline_until > seconds_now()) return;
  const Rates& rates = scenario_.rates;
  const std::uint32_t command = device.queue.front();
  const bool again = device.repeat;
  Answer answer = devices_.decide(index, command, random_);
  if (again) answer = device.said_error ? Answer::kError : Answer::kAcknowledged;
  const bool as_status = random_.chance(rates.as_status);
  tell(index, devices_.answered(index, command, answer, now_, as_status), command);
  device.said_error = answer != Answer::kAcknowledged;
  device.repeat = !again && answer != Answer::kNotNow && random_.chance(rates.repeated);
  if (answer != Answer::kNotNow && !device.repeat) {
    device.queue.erase(device.queue.begin());
    if (device.queue.empty()) return std::vector<std::uint32_t>().swap(device.queue);
  }
  device.session = true;
  if (answer == Answer::kNotNow) return in_seconds(5 * kMinute, kHour / 2, Task::kSession, index);
  in_seconds(1, 3, Task::kSession, index);
}

void Simulation::transfer(HostIndex index) {
  if (options_.teams < 2) return;
  const core::Host& host = *server_.host(index);
  const TeamId team = (host.team + 1 + random_.below(options_.teams - 1)) % options_.teams;
  tell(index, HostTransferred{host.uuid, team});
}

void Simulation::unenrol(HostIndex index, std::uint32_t least_seconds, std::uint32_t most_seconds) {
  Device& device = devices_[index];
  device.presence = Presence::kUnenrolled;
  device.queue.clear();
  device.repeat = false;
  tell(index, HostUnenrolled{server_.uuid(index)});
  in_seconds(least_seconds, most_seconds, Task::kEnrol, index);
}

/// The device goes on answering the commands that it got.
void Simulation::forget(HostIndex index) {
  devices_[index].presence = Presence::kForgotten;
  tell(index, HostDeleted{server_.uuid(index)});
}

}  // namespace muster::generate
