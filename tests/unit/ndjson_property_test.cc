#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

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

/// A report of a few rows or labels.
Event small_report(std::mt19937_64& random) {
  const auto text = [&random] {
    constexpr std::string_view kTexts[] = {"com.example.a", "", "D\xC3\xA9j\xC3\xA0 vu",
                                           "tab\tquote\"", "a name of more than sixteen bytes"};
    return std::string(kTexts[random() % std::size(kTexts)]);
  };
  const Timestamp at{1'767'600'000'000'000 + static_cast<std::int64_t>(random() % 5'000'000)};
  const std::size_t count = random() % 4;
  if (random() % 2 == 0) {
    HostLabelsReported labels{"H" + text(), {}, {}};
    for (std::size_t i = 0; i < count; ++i) labels.labels.push_back(text());
    if (random() % 2 == 0) labels.label_updated_at = at;
    return {at, labels};
  }
  ProfilesReported profiles{"H" + text(), at, {}};
  for (std::size_t i = 0; i < count; ++i) profiles.profiles.add(text(), text(), at);
  return {at, profiles};
}

void damage(std::mt19937_64& random, std::string& line) {
  constexpr std::string_view kBytes =
      "\"\\ ,:[]{}\x01\xFF\xC3"
      "0ZT-eu\x7F";
  const std::size_t place = random() % (line.size() + 1);
  const char byte = kBytes[random() % kBytes.size()];
  switch (random() % 4) {
    case 0:
      line.insert(place, 1, byte);
      break;
    case 1:
      line.erase(place, 1 + random() % 3);
      break;
    case 2:
      if (place < line.size()) line[place] = byte;
      break;
    default:
      line.insert(place, line.substr(random() % (place + 1), random() % 40));
  }
}

// Lines of reports in canonical form are read without the JSON parser; a blank before the line
// hands it to the parser.
TEST(NdjsonProperty, ReportsReadAsTheParserReadsThem) {
  RecordingLimits tight;
  tight.string_bytes_max = 20;
  tight.elements_max = 2;
  NdjsonReader readers[] = {NdjsonReader(), NdjsonReader(tight)};
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 60'000; ++seed) {
    std::mt19937_64 random(seed);
    std::string line = to_canonical_line(small_report(random));
    for (std::uint64_t left = random() % 3; left > 0; --left) damage(random, line);
    for (NdjsonReader& reader : readers) {
      const Event event = reader.parse(line);
      const Event parsed = reader.parse(" " + line);
      ASSERT_TRUE(same_event(event, parsed)) << "seed " << seed << "\n"
                                             << line << "\n"
                                             << to_canonical_line(event) << "\n"
                                             << to_canonical_line(parsed);
      refused += std::holds_alternative<Unreadable>(parsed.body) ? 1 : 0;
    }
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace muster::codec
