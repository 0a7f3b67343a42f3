// Events that are read into the memory of older ones are what their lines say, whatever those were.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "muster/recording.h"
#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/store_subject.h"

namespace muster::test {
namespace {

Event random_event(std::mt19937_64& random) {
  const Timestamp time = at(static_cast<std::int64_t>(random() % 1'000));
  const std::string host = "host " + std::string(random() % 40, 'h');
  switch (random() % 5) {
    case 0:
      return {time, HostDeleted{host}};
    case 1:
    case 2: {
      HostLabelsReported labels{host, {}, {}};
      for (std::uint64_t i = random() % 4; i > 0; --i) labels.labels.push_back("label");
      if (random() % 2 == 0) labels.label_updated_at = time;
      return {time, labels};
    }
    default: {
      ProfilesReported profiles{host, time, {}};
      // Some lines are longer than the usual ones.
      const std::uint64_t rows = random() % 50 == 0 ? 400 : random() % 4;
      for (std::uint64_t i = 0; i < rows; ++i) {
        profiles.profiles.add("id " + std::to_string(i), "name", at(static_cast<std::int64_t>(i)));
      }
      return {time, profiles};
    }
  }
}

TEST(RecycledEvents, AreWhatTheirLinesSay) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE("MUSTER_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TempDir folder;
  std::vector<std::string> lines;
  std::string text;
  while (text.size() < 2'000'000) {
    lines.push_back(to_canonical_line(random_event(random)));
    text += lines.back() + '\n';
  }
  write_file(folder / "events.ndjson", text);
  for (const unsigned threads : {1U, 3U}) {
    RecordingOptions options;
    options.threads = threads;
    // Nothing is known: each list is read after all.
    options.find_known = [](std::span<UnreadReport>) {};
    RecordingReader reader =
        require(RecordingReader::open(folder / "events.ndjson", options), "open");
    std::vector<Event> older(100);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      RecordedEvent* recorded = require(reader.next(), "next");
      ASSERT_NE(recorded, nullptr);
      ASSERT_EQ(to_canonical_line(recorded->event), lines[i]) << "line " << i + 1;
      ASSERT_EQ(recorded->line, i + 1);
      // What the caller leaves may be anything.
      std::swap(recorded->event, older[random() % older.size()]);
    }
    EXPECT_EQ(require(reader.next(), "end"), nullptr);
  }
}

}  // namespace
}  // namespace muster::test
