// Whether two events are equal in every field.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "codec/event_fields.h"
#include "muster/event.h"

namespace muster::codec {

template <typename T>
bool same(const T& left, const T& right) {
  return left == right;
}

inline bool same(const ReportedProfiles& left, const ReportedProfiles& right) {
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
bool same(const std::optional<T>& left, const std::optional<T>& right) {
  return left.has_value() == right.has_value() && (!left || same(*left, *right));
}

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

inline bool same_event(const Event& left, const Event& right) {
  return left.at == right.at &&
         same_body(left.body, right.body, std::make_index_sequence<kEventTypes>{});
}

}  // namespace muster::codec
