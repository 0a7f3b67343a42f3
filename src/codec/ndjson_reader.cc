#include "codec/ndjson_reader.h"

#include <simdjson.h>

#include <array>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "codec/event_fields.h"
#include "codec/json_value.h"
#include "codec/problem.h"
#include "codec/report_line.h"

namespace muster::codec {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(kLinePadding >= simdjson::SIMDJSON_PADDING);

template <typename T>
bool read(JsonValue& value, std::vector<T>& out, Problem& problem);
bool read(JsonValue& value, ReportedProfiles& out, Problem& problem);
bool read(JsonValue& value, UuidSeed& out, Problem& problem);

bool missing(std::string_view key, Problem& problem) {
  problem.set("this key is missing");
  return problem.within(key);
}

template <typename T>
bool read(JsonValue& value, std::optional<T>& out, Problem& problem) {
  return read(value, out.emplace(), problem);
}

/// Calls `visit(key, value)` for every field.
template <typename Visit>
bool for_each_field(ondemand::object& object, Problem& problem, const Visit& visit) {
  for (auto item : object) {
    ondemand::field field;
    if (const auto error = std::move(item).get(field)) return fail(error, problem);
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return fail(error, problem);
    if (!visit(key, field.value())) return false;
  }
  return true;
}

/// Collects the fields of one Owner while its object is read.
template <typename Owner>
class Collector {
 public:
  explicit Collector(Owner& owner) : owner_(owner) {}

  /// Takes the value if the key is one of Owner's; passes over it otherwise.
  bool take(std::string_view key, JsonValue& value, Problem& problem) {
    unsigned index = 0;
    bool ok = true;
    const bool known = std::apply(
        [&](const auto&... field) {
          return ((key == field.key ? (ok = assign(field, index, value, problem), true)
                                    : (++index, false)) ||
                  ...);
        },
        kFields<Owner>);
    return known ? ok : skip_value(value, problem);
  }

  bool check_complete(Problem& problem) const {
    unsigned index = 0;
    return std::apply(
        [&](const auto&... field) { return (present(field, index++, problem) && ...); },
        kFields<Owner>);
  }

 private:
  template <typename T>
  bool assign(const Field<Owner, T>& field, unsigned index, JsonValue& value, Problem& problem) {
    seen_ |= 1U << index;
    bool is_null = false;
    if (field.need != Need::kRequired && !take_null(value, is_null, problem)) {
      return problem.within(field.key);
    }
    if (is_null) {
      owner_.*field.member = Owner{}.*field.member;
      return true;
    }
    return read(value, owner_.*field.member, problem) || problem.within(field.key);
  }

  template <typename T>
  bool present(const Field<Owner, T>& field, unsigned index, Problem& problem) const {
    if (field.need != Need::kRequired || (seen_ >> index & 1U) != 0) return true;
    return missing(field.key, problem);
  }

  Owner& owner_;
  std::uint32_t seen_ = 0;
};

template <typename Owner>
bool read_fields(JsonValue& value, Owner& out, Problem& problem) {
  ondemand::object object;
  if (!read_object(value, object, problem)) return false;
  Collector<Owner> collector(out);
  const auto take = [&](std::string_view key, JsonValue element) {
    return collector.take(key, element, problem);
  };
  return for_each_field(object, problem, take) && collector.check_complete(problem);
}

bool read(JsonValue& value, IssuedCommand& out, Problem& problem) {
  return read_fields(value, out, problem);
}

bool read(JsonValue& value, UuidSeed& out, Problem& problem) {
  return read_fields(value, out, problem);
}

bool read(JsonValue& value, ErrorChainEntry& out, Problem& problem) {
  return read_fields(value, out, problem);
}

template <typename T>
bool read(JsonValue& value, std::vector<T>& out, Problem& problem) {
  out.clear();
  ondemand::array list;
  if (!read_list(value, list, problem)) return false;
  for (auto item : list) {
    JsonValue element;
    if (const auto error = item.get(element)) return fail(error, problem);
    if (!problem.admits_element()) return false;
    if (!read(element, out.emplace_back(), problem)) return problem.within(out.size() - 1);
  }
  return true;
}

bool read(JsonValue& value, ReportedProfiles& out, Problem& problem) {
  out.clear();
  ondemand::array list;
  if (!read_list(value, list, problem)) return false;
  for (auto item : list) {
    JsonValue element;
    if (const auto error = item.get(element)) return fail(error, problem);
    if (!problem.admits_element()) return false;
    ProfileRow row;
    if (!read_fields(element, row, problem)) return problem.within(out.size());
    out.add(row.identifier, row.display_name, row.install_date.time);
  }
  return true;
}

template <typename Body>
bool check(const Body&, Problem&) {
  return true;
}

bool check(const ProfileUploaded& uploaded, Problem& problem) {
  return check_lists(uploaded, problem);
}

std::optional<std::size_t> alternative_of(std::string_view type) {
  for (std::size_t index = 0; index < kEventTypes; ++index) {
    if (type == type_name(index)) return index;
  }
  return std::nullopt;
}

struct Envelope {
  Timestamp at;
  bool has_at = false;
  bool has_type = false;
};

template <std::size_t kIndex>
bool read_body(ondemand::object& object, Envelope& envelope, EventBody& body, Problem& problem) {
  auto& owner = body.emplace<kIndex>();
  Collector<std::variant_alternative_t<kIndex, EventBody>> collector(owner);
  const auto take = [&](std::string_view key, JsonValue value) {
    if (key == "at") {
      envelope.has_at = true;
      return read(value, envelope.at, problem) || problem.within("at");
    }
    if (key == "type") {
      if (envelope.has_type) {
        problem.set("this key is there twice");
        return problem.within("type");
      }
      envelope.has_type = true;
    }
    return collector.take(key, value, problem);
  };
  if (!for_each_field(object, problem, take)) return false;
  if (!envelope.has_at) return missing("at", problem);
  return collector.check_complete(problem) && check(owner, problem);
}

using BodyReader = bool (*)(ondemand::object&, Envelope&, EventBody&, Problem&);

template <std::size_t... kIndex>
constexpr std::array<BodyReader, sizeof...(kIndex)> body_readers(std::index_sequence<kIndex...>) {
  return {&read_body<kIndex>...};
}

constexpr auto kBodyReaders = body_readers(std::make_index_sequence<kEventTypes>{});

}  // namespace

class NdjsonReader::Impl {
 public:
  explicit Impl(const RecordingLimits& limits) : limits_(limits) {}

  std::string_view padded_copy(std::string_view line) {
    buffer_.resize(line.size() + kLinePadding);
    if (!line.empty()) std::memcpy(buffer_.data(), line.data(), line.size());
    std::memset(buffer_.data() + line.size(), 0, kLinePadding);
    return std::string_view(buffer_).substr(0, line.size());
  }

  Event parse(std::string_view line) {
    Event event;
    std::string_view list;
    if (scan_report(limits_, line, event, list) && read_report_list(limits_, list, event)) {
      broken_ = false;
      return event;
    }
    event = Event();
    Problem problem(limits_);
    if (!parse_event(line, event, problem)) {
      event.at = find_time(line).value_or(Timestamp{});
      event.body = Unreadable{problem.text()};
    }
    broken_ = problem.broken();
    return event;
  }

  bool was_broken() const { return broken_; }

  bool parse_header(std::string_view line, std::optional<Header>& header, std::string& reason) {
    Problem problem(limits_);
    std::string type;
    if (!begin(line, problem) || !find_type(type, problem) || type != "header") return false;
    if (read_header(header.emplace(), problem)) return true;
    header.reset();
    reason = problem.text();
    return true;
  }

 private:
  bool begin(std::string_view line, Problem& problem) {
    const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + kLinePadding);
    if (const auto error = parser_.iterate(padded).get(document_)) return fail(error, problem);
    return open_root(problem);
  }

  bool open_root(Problem& problem) {
    ondemand::json_type type{};
    if (document_.type().get(type) != simdjson::SUCCESS || type != ondemand::json_type::object) {
      return problem.set_broken("the line is not a JSON object");
    }
    if (const auto error = document_.get_object().get(root_)) return fail(error, problem);
    return true;
  }

  bool rewind(Problem& problem) {
    document_.rewind();
    return open_root(problem);
  }

  /// Looks for `type`, which mostly comes first, and goes back to the begin.
  bool find_type(std::string& type, Problem& problem) {
    bool found = false;
    const auto look = [&](std::string_view key, JsonValue value) {
      if (key != "type") return skip_value(value, problem);
      found = read(value, type, problem) || problem.within("type");
      return false;
    };
    const bool passed_all = for_each_field(root_, problem, look);
    if (found) return rewind(problem);
    return passed_all ? missing("type", problem) : false;
  }

  bool parse_event(std::string_view line, Event& event, Problem& problem) {
    if (!begin(line, problem) || !find_type(type_, problem)) return false;
    const std::optional<std::size_t> alternative = alternative_of(type_);
    if (!alternative) {
      problem.set(type_ == "header" ? "a header is no event: it may be the first line of a file"
                                    : quote_text(type_) + " is not a type of event");
      return problem.within("type");
    }
    Envelope envelope;
    if (!kBodyReaders[*alternative](root_, envelope, event.body, problem)) return false;
    event.at = envelope.at;
    return check_end(problem);
  }

  bool check_end(Problem& problem) {
    const char* rest = nullptr;
    if (document_.current_location().get(rest) == simdjson::OUT_OF_BOUNDS) return true;
    return problem.set_broken("something follows the JSON object");
  }

  template <typename T>
  static bool read_optional(std::string_view key, JsonValue& value, std::optional<T>& out,
                            Problem& problem) {
    bool is_null = false;
    if (!take_null(value, is_null, problem)) return problem.within(key);
    return is_null || read(value, out, problem) || problem.within(key);
  }

  bool read_header(Header& header, Problem& problem) {
    bool has_version = false;
    const auto take = [&](std::string_view key, JsonValue value) {
      if (key == "version") {
        has_version = true;
        return read(value, header.version, problem) || problem.within(key);
      }
      if (key == "id") return read_optional(key, value, header.id, problem);
      if (key == "recorder") return read_optional(key, value, header.recorder, problem);
      if (key == "first_event") return read_optional(key, value, header.first_event, problem);
      return skip_value(value, problem);
    };
    if (!for_each_field(root_, problem, take) || !check_end(problem)) return false;
    if (has_version) return true;
    return missing("version", problem);
  }

  /// The time of a line that is refused for something else.
  std::optional<Timestamp> find_time(std::string_view line) {
    Problem ignored(limits_);
    if (!begin(line, ignored)) return std::nullopt;
    std::optional<Timestamp> at;
    const auto look = [&](std::string_view key, JsonValue value) {
      if (key != "at") return skip_value(value, ignored);
      Timestamp time;
      if (read(value, time, ignored)) at = time;
      return false;
    };
    for_each_field(root_, ignored, look);
    return at;
  }

  RecordingLimits limits_;
  ondemand::parser parser_;
  ondemand::document document_;
  ondemand::object root_;
  std::string buffer_;
  std::string type_;
  bool broken_ = false;
};

NdjsonReader::NdjsonReader(const RecordingLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
NdjsonReader::NdjsonReader(NdjsonReader&&) noexcept = default;
NdjsonReader& NdjsonReader::operator=(NdjsonReader&&) noexcept = default;
NdjsonReader::~NdjsonReader() = default;

Event NdjsonReader::parse(std::string_view line) {
  return impl_->parse(impl_->padded_copy(line));
}

Event NdjsonReader::parse_padded(std::string_view line) {
  return impl_->parse(line);
}

bool NdjsonReader::was_broken() const {
  return impl_->was_broken();
}

bool NdjsonReader::parse_header(std::string_view line, std::optional<Header>& header,
                                std::string& problem) {
  return impl_->parse_header(impl_->padded_copy(line), header, problem);
}

}  // namespace muster::codec
