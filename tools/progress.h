// A progress bar on one line of a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace muster::tool {

struct ProgressSample {
  std::uint64_t done = 0;   ///< bytes
  std::uint64_t total = 0;  ///< bytes; 0: not known
  std::uint64_t events = 0;
  double seconds = 0;  ///< since the begin
};

/// The bar's text: share done, events, rate and the time left.
std::string progress_line(const ProgressSample& sample);

/// Draws after half a second, then at most ten times a second; wipes its line at the end.
class Progress {
 public:
  Progress(std::ostream& err, bool enabled);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void update(std::uint64_t done, std::uint64_t total, std::uint64_t events);
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& err_;
  bool enabled_;
  bool drawn_ = false;
  Clock::time_point begin_;
  Clock::time_point next_;
};

}  // namespace muster::tool
