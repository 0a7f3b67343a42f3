#include "codec/ndjson_writer.h"

#include <type_traits>
#include <vector>

#include "base/time.h"
#include "codec/event_fields.h"
#include "codec/json_text.h"
#include "codec/words.h"

namespace muster::codec {
namespace {

template <typename T>
void write(std::string& out, const std::vector<T>& list);

void write(std::string& out, std::string_view text) {
  append_json_string(out, text);
}
void write(std::string& out, const std::string& text) {
  append_json_string(out, text);
}
void write(std::string& out, bool value) {
  out += value ? "true" : "false";
}
void write(std::string& out, std::int64_t value) {
  out += std::to_string(value);
}
void write(std::string& out, std::uint64_t value) {
  out += std::to_string(value);
}
void write(std::string& out, TeamId value) {
  out += std::to_string(value);
}

void write(std::string& out, Timestamp time) {
  out.push_back('"');
  base::append_time(out, time);
  out.push_back('"');
}

void write(std::string& out, const InstallDate& date) {
  write(out, date.time);
}

void write(std::string& out, const Checksum& checksum) {
  write(out, to_string(checksum));
}

template <typename Enum>
requires std::is_enum_v<Enum>
void write(std::string& out, Enum value) {
  for (const Word<Enum>& word : kWords<Enum>) {
    if (word.value == value) return append_json_string(out, word.text);
  }
  out += "null";  // only DeliveryStatus::kUnsent has no word
}

template <typename Owner>
void write_fields(JsonObject& object, const Owner& owner);

void write(std::string& out, const ReportedProfiles& profiles) {
  out.push_back('[');
  for (std::size_t index = 0; index < profiles.size(); ++index) {
    if (index > 0) out.push_back(',');
    const ReportedProfile profile = profiles[index];
    const ProfileRow row{profile.identifier, profile.display_name, {profile.install_date}};
    JsonObject object(out);
    write_fields(object, row);
    object.close();
  }
  out.push_back(']');
}

template <typename Owner>
requires(std::tuple_size_v<std::remove_cvref_t<decltype(kFields<Owner>)>> >
         0) void write(std::string& out, const Owner& owner) {
  JsonObject object(out);
  write_fields(object, owner);
  object.close();
}

template <typename T>
void write(std::string& out, const std::vector<T>& list) {
  out.push_back('[');
  bool first = true;
  for (const T& element : list) {
    if (!first) out.push_back(',');
    first = false;
    write(out, element);
  }
  out.push_back(']');
}

template <typename Owner, typename T>
void write_field(JsonObject& object, const Field<Owner, T>& field, const Owner& owner) {
  if constexpr (requires { (owner.*field.member) == (owner.*field.member); }) {
    if (field.need == Need::kDefaulted && owner.*field.member == Owner{}.*field.member) return;
  }
  write(object.raw(field.key), owner.*field.member);
}

template <typename Owner, typename T>
void write_field(JsonObject& object, const Field<Owner, std::optional<T>>& field,
                 const Owner& owner) {
  if (owner.*field.member) write(object.raw(field.key), *(owner.*field.member));
}

template <typename Owner>
void write_fields(JsonObject& object, const Owner& owner) {
  std::apply([&](const auto&... field) { (write_field(object, field, owner), ...); },
             kFields<Owner>);
}

}  // namespace

void append_event(std::string& out, const Event& event) {
  JsonObject object(out);
  object.text("type", type_name(event));
  object.time("at", event.at);
  std::visit([&](const auto& body) { write_fields(object, body); }, event.body);
  object.close();
}

}  // namespace muster::codec
