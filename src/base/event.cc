#include "muster/event.h"

#include <array>
#include <limits>
#include <type_traits>

#include "base/contract.h"
#include "base/hash.h"

namespace muster {
namespace {

constexpr std::array<std::string_view, kEventTypes> kTypeNames = {
    "label_created",        "label_deleted",        "profile_uploaded",     "profile_deleted",
    "host_added",           "host_enrolled",        "host_unenrolled",      "host_deleted",
    "host_transferred",     "host_labels_reported", "reconciled",           "command_not_sent",
    "user_channel_changed", "policy_changed",       "command_result",       "install_result",
    "profiles_reported",    "profile_resent",       "profile_batch_resent", "unreadable",
};

std::uint32_t bytes_of(std::string_view text) {
  MUSTER_ASSERT(text.size() <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(text.size());
}

}  // namespace

void ReportedProfiles::add(std::string_view identifier, std::string_view display_name,
                           Timestamp install_date) {
  const std::uint32_t begin = bytes_of(text_);
  const std::uint32_t identifier_bytes = bytes_of(identifier);
  entries_.push_back(
      {begin, identifier_bytes, begin + identifier_bytes, bytes_of(display_name), install_date});
  text_.append(identifier).append(display_name);
}

void ReportedProfiles::set_text(std::string_view text) {
  MUSTER_ASSERT(entries_.empty());
  static_cast<void>(bytes_of(text));
  text_ = text;
  constexpr std::size_t kUsualRowBytes = 128;
  entries_.reserve(text.size() / kUsualRowBytes + 1);
}

void ReportedProfiles::add_of_text(std::string_view identifier, std::string_view display_name,
                                   Timestamp install_date, std::string_view text) {
  MUSTER_ASSERT(text.size() == text_.size());
  const auto place = [&](std::string_view part) {
    MUSTER_ASSERT(part.data() >= text.data() &&
                  part.data() + part.size() <= text.data() + text.size());
    return static_cast<std::uint32_t>(part.data() - text.data());
  };
  entries_.push_back({place(identifier), bytes_of(identifier), place(display_name),
                      bytes_of(display_name), install_date});
}

void ReportedProfiles::clear() {
  entries_.clear();
  text_.clear();
}

ReportedProfile ReportedProfiles::operator[](std::size_t index) const {
  MUSTER_ASSERT(index < entries_.size());
  const Entry& entry = entries_[index];
  const std::string_view text = text_;
  return {text.substr(entry.identifier_begin, entry.identifier_bytes),
          text.substr(entry.display_name_begin, entry.display_name_bytes), entry.install_date};
}

Digest ReportedProfiles::digest() const {
  static_assert(std::has_unique_object_representations_v<Entry>);
  const std::string_view entries(reinterpret_cast<const char*>(entries_.data()),
                                 entries_.size() * sizeof(Entry));
  using base::operator+;
  return base::hash128(text_) + base::hash128(entries);
}

std::string_view type_name(const Event& event) {
  return type_name(event.body.index());
}

std::string_view type_name(std::size_t alternative) {
  MUSTER_ASSERT(alternative < kTypeNames.size());
  return kTypeNames[alternative];
}

}  // namespace muster
