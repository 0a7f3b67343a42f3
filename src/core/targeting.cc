#include "core/targeting.h"

#include <algorithm>

namespace muster::core {
namespace {

bool names_broken(const std::vector<LabelNumber>& labels) {
  return std::find(labels.begin(), labels.end(), kBrokenLabel) != labels.end();
}

bool any_member(const Host& host, const std::vector<LabelNumber>& labels) {
  return std::any_of(labels.begin(), labels.end(), [&](LabelNumber label) {
    return label != kBrokenLabel && host.member_of(label);
  });
}

}  // namespace

bool membership_unknown(const Host& host, const Label& label) {
  return label.membership == LabelMembership::kDynamic && host.label_updated_at < label.created_at;
}

bool desired_on(const Catalog& catalog, const Host& host, const Profile& profile,
                bool has_install_row) {
  if (profile.team != host.team) return false;
  const auto unknown = [&](LabelNumber number) {
    const Label* label = catalog.find_label(number);
    return label != nullptr && membership_unknown(host, *label);
  };
  if (profile.include_mode == IncludeMode::kAll) {
    for (const LabelNumber label : profile.include) {
      if (label == kBrokenLabel) return false;
      if (!host.member_of(label) && !(has_install_row && unknown(label))) return false;
    }
  }
  if (profile.include_mode == IncludeMode::kAny && !any_member(host, profile.include)) return false;
  if (names_broken(profile.exclude) || any_member(host, profile.exclude)) return false;
  return has_install_row || std::none_of(profile.exclude.begin(), profile.exclude.end(), unknown);
}

bool expected_on(const Host& host, const Profile& profile) {
  if (profile.team != host.team) return false;
  if (profile.include_mode == IncludeMode::kAll) {
    for (const LabelNumber label : profile.include) {
      if (label == kBrokenLabel || !host.member_of(label)) return false;
    }
  }
  if (profile.include_mode == IncludeMode::kAny && !any_member(host, profile.include)) return false;
  return !names_broken(profile.exclude) && !any_member(host, profile.exclude);
}

}  // namespace muster::core
