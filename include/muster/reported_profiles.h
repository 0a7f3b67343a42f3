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

/// The profiles of one report, in order, in two blocks of memory whatever their number. Their text
/// has 4 GiB at most (asserted).
class ReportedProfiles {
 public:
  void add(std::string_view identifier, std::string_view display_name, Timestamp install_date);
  /// For lists that are read from one text: copies it whole. What add_of_text() names stands in it.
  void set_text(std::string_view text);
  void add_of_text(std::string_view identifier, std::string_view display_name,
                   Timestamp install_date, std::string_view text);
  void clear();
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  ReportedProfile operator[](std::size_t index) const;
  /// Lists with one digest are equal. Equal lists that were made in different ways may have two.
  Digest digest() const;

 private:
  struct Entry {
    std::uint32_t identifier_begin;
    std::uint32_t identifier_bytes;
    std::uint32_t display_name_begin;
    std::uint32_t display_name_bytes;
    Timestamp install_date;
  };
  std::vector<Entry> entries_;
  std::string text_;
};

}  // namespace muster
