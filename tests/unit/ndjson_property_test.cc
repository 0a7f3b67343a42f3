// Random events of every type, made from the same table of keys that the codec uses.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "codec/event_fields.h"
#include "codec/ndjson_reader.h"
#include "codec/ndjson_writer.h"
#include "codec/words.h"
#include "muster/recording.h"

namespace muster::codec {
namespace {

constexpr std::size_t kReadableTypes = kEventTypes - 1;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  void fill(std::string& out) {
    static const std::array<std::string, 12> kPieces = {
        "a",    "Z9", "\"", "\\",       std::string(1, '\0'), "\n\t",
        "\x1F", "/",  "{}", "\xC3\xA4", "\xE2\x82\xAC",       "\xF0\x9F\x98\x80"};
    out.clear();
    for (std::size_t count = below(6); count > 0; --count) out += kPieces[below(kPieces.size())];
    if (below(50) == 0) out.append(below(3'000), 'x');
  }

  void fill(bool& out) { out = below(2) == 0; }
  void fill(TeamId& out) { out = static_cast<TeamId>(random_() >> (32 + below(32))); }
  void fill(std::int64_t& out) { out = static_cast<std::int64_t>(random_()) >> below(64); }

  void fill(Timestamp& out) {
    static const std::int64_t kFirst = base::parse_rfc3339("0001-01-01T00:00:00Z")->micros;
    static const std::int64_t kLast = base::parse_rfc3339("9999-12-31T23:59:59.999999Z")->micros;
    out.micros = std::uniform_int_distribution<std::int64_t>(kFirst, kLast)(random_);
    if (below(2) == 0) out = base::round_to_seconds({out.micros / 2});
  }

  void fill(Checksum& out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
  }

  void fill(ReportedProfiles& out) {
    out.clear();
    for (std::size_t count = below(5); count > 0; --count) {
      std::string identifier;
      std::string name;
      Timestamp date;
      fill(identifier);
      fill(name);
      fill(date);
      out.add(identifier, name, date);
    }
  }

  template <typename Enum>
  requires std::is_enum_v<Enum>
  void fill(Enum& out) {
    out = kWords<Enum>[below(kWords<Enum>.size())].value;
    if constexpr (std::is_same_v<Enum, DeliveryStatus>) {
      if (below(5) == 0) out = DeliveryStatus::kUnsent;
    }
  }

  template <typename T>
  void fill(std::optional<T>& out) {
    out.reset();
    if (below(2) == 0) fill(out.emplace());
  }

  template <typename T>
  void fill(std::vector<T>& out) {
    out.resize(below(4));
    for (T& element : out) fill(element);
  }

  template <HasFields Owner>
  void fill(Owner& owner) {
    std::apply([&](const auto&... field) { (fill(owner.*field.member), ...); }, kFields<Owner>);
    if constexpr (std::is_same_v<Owner, ProfileUploaded>) {
      (below(2) == 0 ? owner.labels_include_all : owner.labels_include_any).clear();
    }
  }

  template <std::size_t... kIndex>
  void fill_body(EventBody& body, std::size_t type, std::index_sequence<kIndex...>) {
    ((kIndex == type ? fill(body.emplace<kIndex>()) : void()), ...);
  }

  Event event() {
    Event made;
    fill(made.at);
    fill_body(made.body, below(kReadableTypes), std::make_index_sequence<kReadableTypes>{});
    return made;
  }

 private:
  std::mt19937_64 random_;
};

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
         same_body(left.body, right.body, std::make_index_sequence<kReadableTypes>{});
}

TEST(NdjsonProperty, EventsSurviveWritingAndReading) {
  NdjsonReader reader;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const Event event = Maker(seed).event();
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
  constexpr std::string_view kBytes = "{}[]\",:\\ \n\x01\x80\xFFnt0-e";
  NdjsonReader reader;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    Maker maker(seed);
    std::string line = to_canonical_line(maker.event());
    for (std::size_t hits = 1 + maker.below(4); hits > 0; --hits) {
      const std::size_t place = maker.below(line.size());
      const std::size_t how = maker.below(3);
      if (how == 0) line[place] = kBytes[maker.below(kBytes.size())];
      if (how == 1) line.erase(place, 1 + maker.below(3));
      if (how == 2) line.insert(place, 1, kBytes[maker.below(kBytes.size())]);
      if (line.empty()) line = " ";
    }
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
