// Random events of every type, unreadable ones included, made from the same tables of keys and
// words that the codec uses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.h"
#include "codec/event_fields.h"
#include "codec/words.h"
#include "muster/recording.h"

namespace muster::codec {

class RandomEvents {
 public:
  explicit RandomEvents(std::uint64_t seed) : random_(seed) {}

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
  void fill(std::uint64_t& out) { out = random_() >> below(64); }
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
    fill_body(made.body, below(kEventTypes), std::make_index_sequence<kEventTypes>{});
    return made;
  }

  /// A canonical line with a few bytes changed, taken out or put in; no line feed.
  std::string damaged_line() {
    constexpr std::string_view kBytes = "{}[]\",:\\ \x01\x80\xFFnt0-e";
    std::string line = to_canonical_line(event());
    for (std::size_t hits = 1 + below(4); hits > 0; --hits) {
      const std::size_t place = below(line.size());
      const std::size_t how = below(3);
      if (how == 0) line[place] = kBytes[below(kBytes.size())];
      if (how == 1) line.erase(place, 1 + below(3));
      if (how == 2) line.insert(place, 1, kBytes[below(kBytes.size())]);
      if (line.empty()) line = "x";
    }
    return line;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace muster::codec
