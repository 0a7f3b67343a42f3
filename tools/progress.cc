#include "tools/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "tools/table.h"

namespace muster::tool {

namespace {

constexpr auto kFirstDraw = std::chrono::milliseconds(500);
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr std::size_t kBarColumns = 24;
constexpr std::uint64_t kLongestEta = 360'000;  // a longer one is a guess that helps nobody

}  // namespace

std::string progress_line(const ProgressSample& sample) {
  const double rate = sample.seconds > 0 ? static_cast<double>(sample.events) / sample.seconds : 0;
  const std::string events = fmt::format("{} events  {}/s", grouped(sample.events),
                                         grouped(static_cast<std::uint64_t>(rate)));
  if (sample.total == 0) return events;
  const double share =
      std::min(1.0, static_cast<double>(sample.done) / static_cast<double>(sample.total));
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
  std::string line =
      fmt::format("[{}{}] {:3} %", std::string(filled, '#'), std::string(kBarColumns - filled, '.'),
                  static_cast<int>(share * 100));
  // Not all work has events.
  if (sample.events > 0) line += "  " + events;
  if (share > 0) {
    const double left = sample.seconds * (1 - share) / share;
    const auto seconds = static_cast<std::uint64_t>(std::llround(left));
    if (seconds < kLongestEta) {
      line += fmt::format("  {}:{:02} left", seconds / 60, seconds % 60);
    }
  }
  return line;
}

Progress::Progress(std::ostream& err, bool enabled)
    : err_(err), enabled_(enabled), begin_(Clock::now()), next_(begin_ + kFirstDraw) {}

Progress::~Progress() {
  finish();
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::uint64_t events) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kRedraw;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  err_ << '\r' << progress_line({done, total, events, seconds}) << "\x1b[K" << std::flush;
}

void Progress::finish() {
  if (drawn_) err_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace muster::tool
