// A file, from its bytes to events. FUZZ_FORMAT is the format's name, or "any": the content tells.
#include <filesystem>
#include <string>
#include <vector>

#include "base/contract.h"
#include "muster/import.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch_file.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const muster::fuzz::ScratchFile scratch(FUZZ_FORMAT);
  muster::ImportOptions options;
  options.format = muster::recording_format_of(FUZZ_FORMAT);
  options.begin = muster::Timestamp{1'770'138'000'000'000};
  options.limits.line_bytes_max = 1U << 16;
  const std::vector<std::filesystem::path> files = {scratch.write(data, size)};
  auto reader = muster::ImportReader::open(files, options);
  if (!reader.ok()) return 0;
  muster::Timestamp last{INT64_MIN};
  muster::RepeatFilter filter;
  for (;;) {
    const auto next = reader->next();
    if (!next.ok() || *next == nullptr) return 0;
    const muster::Event& event = (*next)->event;
    MUSTER_ASSERT(event.at >= last);
    last = event.at;
    filter.take(**next);
    // What is told can be written as canonical text, and that is read as the same.
    const std::string line = muster::to_canonical_line(event);
    const muster::Event again = muster::parse_canonical_line(line);
    MUSTER_ASSERT(muster::to_canonical_line(again) == line);
  }
}
