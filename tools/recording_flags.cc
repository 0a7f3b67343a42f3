#include "tools/recording_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>

namespace muster::tool {

namespace {

/// Events are applied by one more thread, which takes longer than decoding them.
constexpr unsigned kThreadsMost = 2;

template <typename Number>
void add_limit(CLI::App& command, const std::string& name, Number& limit, const std::string& what,
               const std::string& unit) {
  command.add_option(name, limit, what)->capture_default_str()->type_name(unit);
}

}  // namespace

void add_recording_flags(CLI::App& command, RecordingOptions& options) {
  options.threads = std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMost);
  command.add_option("--threads", options.threads, "Threads that decode the recordings")
      ->check(CLI::Range(1U, kRecordingThreadsMax).description(""))
      ->capture_default_str()
      ->type_name("N");
  command.add_flag("--skip-damaged", options.skip_damaged,
                   "Go on behind damaged places; each event that is lost counts as a refused one");
  add_recording_limits(command, options.limits);
}

void add_recording_limits(CLI::App& command, RecordingLimits& limits) {
  add_limit(command, "--max-line", limits.line_bytes_max,
            "Bytes of a line; a longer one is refused", "BYTES");
  add_limit(command, "--max-expanded", limits.expanded_bytes_max,
            "Bytes that a compressed file may expand to; 0: any number", "BYTES");
  command
      .add_option_function<std::uint64_t>(
          "--max-expansion",
          [&limits](std::uint64_t ratio) { limits.gzip_ratio_max = limits.zstd_ratio_max = ratio; },
          fmt::format("How many times its size a compressed file may expand to; 0: any number. "
                      "Default: {} for gzip, {} for zstd",
                      limits.gzip_ratio_max, limits.zstd_ratio_max))
      ->type_name("N");
  add_limit(command, "--max-window", limits.window_bytes_max, "Memory for zstd's window", "BYTES");
}

}  // namespace muster::tool
