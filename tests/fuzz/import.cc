// A file, from its bytes to events. FUZZ_FORMAT is the format's name, or "any": the content tells.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/contract.h"
#include "muster/import.h"
#include "tests/fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

/// One file, written anew for each input.
const fs::path& scratch_file() {
  static const fs::path file = [] {
    const char* const folder = std::getenv("TMPDIR");
    const fs::path in_memory = "/dev/shm";
    const fs::path parent = folder != nullptr       ? fs::path(folder)
                            : fs::exists(in_memory) ? in_memory
                                                    : fs::temp_directory_path();
    return parent / ("muster-fuzz-" FUZZ_FORMAT "-" + std::to_string(::getpid()));
  }();
  return file;
}

struct Cleaner {
  ~Cleaner() {
    std::error_code ignored;
    fs::remove(scratch_file(), ignored);
  }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Cleaner cleaner;
  {
    std::ofstream out(scratch_file(), std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  muster::ImportOptions options;
  options.format = muster::recording_format_of(FUZZ_FORMAT);
  options.begin = muster::Timestamp{1'770'138'000'000'000};
  options.limits.line_bytes_max = 1U << 16;
  const std::vector<fs::path> files = {scratch_file()};
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
