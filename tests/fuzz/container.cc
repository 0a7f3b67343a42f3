// A recording of ours in whatever form it comes: text or frames, plain or compressed. What is read
// up to the first damage is the same where damage is passed over.
#include <string>
#include <vector>

#include "base/contract.h"
#include "muster/recording.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch_file.h"

namespace {

using namespace muster;

/// Each event's number and what it says.
std::vector<std::string> read(const std::filesystem::path& file, bool skip_damaged) {
  RecordingOptions options;
  options.skip_damaged = skip_damaged;
  options.limits.line_bytes_max = 1U << 16;
  options.limits.frame_bytes_max = 1U << 20;
  options.limits.expanded_bytes_max = 1U << 20;
  options.limits.window_bytes_max = 1U << 20;
  options.limits.missing_events_max = 1'000;
  std::vector<std::string> events;
  auto reader = RecordingReader::open(file, options);
  if (!reader.ok()) return events;
  std::uint64_t last = reader->header().first_event - 1;
  for (;;) {
    const auto next = reader->next();
    if (!next.ok() || *next == nullptr) return events;
    const RecordedEvent& recorded = **next;
    MUSTER_ASSERT(recorded.number == last + 1);
    last = recorded.number;
    const bool unreadable = std::holds_alternative<Unreadable>(recorded.event.body);
    events.push_back(std::to_string(last) + ' ' +
                     (unreadable ? std::string("unreadable") : to_canonical_line(recorded.event)));
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchFile scratch("container");
  const std::filesystem::path& file = scratch.write(data, size);
  const std::vector<std::string> strict = read(file, false);
  const std::vector<std::string> all = read(file, true);
  MUSTER_ASSERT(strict.size() <= all.size());
  for (std::size_t i = 0; i < strict.size(); ++i) MUSTER_ASSERT(strict[i] == all[i]);
  return 0;
}
