#include "muster/event.h"

#include <array>
#include <limits>

#include "base/contract.h"

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
  entries_.push_back({text_.size(), bytes_of(identifier), bytes_of(display_name), install_date});
  text_.append(identifier).append(display_name);
}

void ReportedProfiles::clear() {
  entries_.clear();
  text_.clear();
}

ReportedProfile ReportedProfiles::operator[](std::size_t index) const {
  MUSTER_ASSERT(index < entries_.size());
  const Entry& entry = entries_[index];
  const std::string_view text = std::string_view(text_).substr(entry.text_begin);
  return {text.substr(0, entry.identifier_bytes),
          text.substr(entry.identifier_bytes, entry.display_name_bytes), entry.install_date};
}

std::string_view type_name(const Event& event) {
  return type_name(event.body.index());
}

std::string_view type_name(std::size_t alternative) {
  MUSTER_ASSERT(alternative < kTypeNames.size());
  return kTypeNames[alternative];
}

}  // namespace muster
