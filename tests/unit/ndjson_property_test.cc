#include <gtest/gtest.h>

#include <string>

#include "codec/ndjson_reader.h"
#include "muster/recording.h"
#include "tests/unit/random_event.h"
#include "tests/unit/same_event.h"

namespace muster::codec {
namespace {

TEST(NdjsonProperty, EventsSurviveWritingAndReading) {
  NdjsonReader reader;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const Event event = RandomEvents(seed).event();
    const std::string line = to_canonical_line(event);
    const Event read = reader.parse(line);
    ASSERT_TRUE(same_event(event, read)) << "seed " << seed << "\n"
                                         << line << "\n"
                                         << to_canonical_line(read);
    ASSERT_EQ(to_canonical_line(read), line) << "seed " << seed;
    ASSERT_EQ(line.find('\n'), std::string::npos) << "seed " << seed;
  }
}

TEST(NdjsonProperty, DamagedLinesNeverStopTheReader) {
  NdjsonReader reader;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const std::string line = RandomEvents(seed).damaged_line();
    const Event read = reader.parse(line);
    if (const auto* unreadable = std::get_if<Unreadable>(&read.body)) {
      ASSERT_FALSE(unreadable->reason.empty()) << "seed " << seed;
    }
    const std::string written = to_canonical_line(read);
    ASSERT_EQ(to_canonical_line(reader.parse(written)), written) << "seed " << seed;
  }
}

}  // namespace
}  // namespace muster::codec
