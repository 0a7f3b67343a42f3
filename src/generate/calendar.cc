#include "generate/calendar.h"

#include <algorithm>
#include <functional>

#include "base/contract.h"

namespace muster::generate {
namespace {

constexpr std::int64_t kMicrosPerMinute = 60'000'000;

}  // namespace

Calendar::Calendar(Timestamp start, std::uint32_t minutes) : start_(start), minutes_(minutes) {}

void Calendar::add(const Appointment& appointment) {
  const std::int64_t since = appointment.at.micros - start_.micros;
  MUSTER_ASSERT(since >= 0);
  const auto minute = static_cast<std::size_t>(since / kMicrosPerMinute);
  if (minute >= minutes_.size()) return;
  MUSTER_ASSERT(minute >= minute_);
  std::vector<Entry>& entries = minutes_[minute];
  entries.push_back(
      {static_cast<std::uint32_t>(since % kMicrosPerMinute), appointment.which, appointment.task});
  if (minute == minute_) std::push_heap(entries.begin(), entries.end(), std::greater<>());
}

std::optional<Appointment> Calendar::next() {
  while (minute_ < minutes_.size() && minutes_[minute_].empty()) {
    std::vector<Entry>().swap(minutes_[minute_]);
    if (++minute_ == minutes_.size()) break;
    std::make_heap(minutes_[minute_].begin(), minutes_[minute_].end(), std::greater<>());
  }
  if (minute_ >= minutes_.size()) return std::nullopt;
  std::vector<Entry>& entries = minutes_[minute_];
  std::pop_heap(entries.begin(), entries.end(), std::greater<>());
  const Entry entry = entries.back();
  entries.pop_back();
  const std::int64_t since = static_cast<std::int64_t>(minute_) * kMicrosPerMinute + entry.micros;
  return Appointment{Timestamp{start_.micros + since}, entry.task, entry.which};
}

}  // namespace muster::generate
