// What makes a statement the same one when it comes again.
#pragma once

#include <string>
#include <string_view>

#include "muster/types.h"

namespace muster::codec {

/// XXH3-128 over parts, each with its length, so that no two lists of parts are one text.
class KeyOf {
 public:
  /// `kind` is a format's name and the kind of statement: "osquery/profiles".
  explicit KeyOf(std::string_view kind) { add(kind); }
  KeyOf& add(std::string_view part);
  Digest digest() const;

 private:
  std::string parts_;
};

}  // namespace muster::codec
