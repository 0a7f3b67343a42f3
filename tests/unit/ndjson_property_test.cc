#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "codec/event_fields.h"
#include "codec/ndjson_reader.h"
#include "codec/ndjson_writer.h"
#include "muster/recording.h"
#include "tests/unit/random_event.h"

namespace muster::codec {
namespace {

template <typename T>
bool same(const T& left, const T& right) {
  return left == right;
}

bool same(const ReportedProfiles& left, const ReportedProfiles& right) {
  if (left.size() != right.size()) return false;
  for (std::size_t index = 0; index < left.size(); ++index) {
    if (left[index].identifier != right[index].identifier ||
        left[index].display_name != right[index].display_name ||
        left[index].install_date != right[index].install_date) {
      return false;
    }
  }
  return true;
}

template <HasFields T>
bool same(const T& left, const T& right);

template <HasFields T>
bool same(const std::optional<std::vector<T>>& left, const std::optional<std::vector<T>>& right) {
  if (!left || !right) return left.has_value() == right.has_value();
  return std::equal(left->begin(), left->end(), right->begin(), right->end(),
                    [](const T& a, const T& b) { return same(a, b); });
}

template <HasFields T>
bool same(const T& left, const T& right) {
  return std::apply(
      [&](const auto&... field) { return (same(left.*field.member, right.*field.member) && ...); },
      kFields<T>);
}

template <std::size_t... kIndex>
bool same_body(const EventBody& left, const EventBody& right, std::index_sequence<kIndex...>) {
  return left.index() == right.index() &&
         ((left.index() != kIndex || same(std::get<kIndex>(left), std::get<kIndex>(right))) && ...);
}

bool same_event(const Event& left, const Event& right) {
  return left.at == right.at &&
         same_body(left.body, right.body, std::make_index_sequence<kRandomTypes>{});
}

TEST(NdjsonProperty, EventsSurviveWritingAndReading) {
  NdjsonReader reader;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const Event event = RandomEvents(seed).event();
    const std::string line = to_canonical_line(event);
    const Event read = reader.parse(line);
    ASSERT_FALSE(std::holds_alternative<Unreadable>(read.body))
        << "seed " << seed << ": " << std::get<Unreadable>(read.body).reason << "\n"
        << line;
    ASSERT_TRUE(same_event(event, read)) << "seed " << seed << "\n" << line;
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
      ASSERT_LT(unreadable->reason.size(), 600U) << "seed " << seed;
    } else {
      ASSERT_EQ(to_canonical_line(reader.parse(to_canonical_line(read))), to_canonical_line(read))
          << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace muster::codec
