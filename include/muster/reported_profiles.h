// The installed profiles of one report, as compact as the hottest event needs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "muster/types.h"

namespace muster {

/// One profile as the device lists it. The views live as long as the ReportedProfiles they are of.
struct ReportedProfile {
  std::string_view identifier;
  std::string_view display_name;
  Timestamp install_date;
};

/// The profiles of one report, in order, in two blocks of memory whatever their number.
class ReportedProfiles {
 public:
  void add(std::string_view identifier, std::string_view display_name, Timestamp install_date);
  void clear();
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  ReportedProfile operator[](std::size_t index) const;

 private:
  struct Entry {
    std::size_t text_begin;
    std::uint32_t identifier_bytes;
    std::uint32_t display_name_bytes;
    Timestamp install_date;
  };
  std::vector<Entry> entries_;
  std::string text_;
};

}  // namespace muster
