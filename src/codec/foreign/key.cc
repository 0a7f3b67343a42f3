#include "codec/foreign/key.h"

#include "base/hash.h"

namespace muster::codec {

KeyOf& KeyOf::add(std::string_view part) {
  parts_.append(std::to_string(part.size())).push_back(':');
  parts_.append(part);
  return *this;
}

Digest KeyOf::digest() const {
  return base::hash128(parts_);
}

}  // namespace muster::codec
