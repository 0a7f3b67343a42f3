// FlatBuffers' verifier looks where a vector begins, and not whether elements of eight bytes stand
// aligned behind its length. In a record that was made up they may stand anywhere, which is
// undefined to read.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <type_traits>

namespace muster::codec {

/// Of a vector of scalars or structs, or of none. An empty one is written without alignment.
template <typename Element>
bool is_aligned(const flatbuffers::Vector<Element>* elements) {
  using Stored = std::remove_pointer_t<Element>;
  return elements == nullptr || elements->size() == 0 ||
         reinterpret_cast<std::uintptr_t>(elements->Data()) % alignof(Stored) == 0;
}

}  // namespace muster::codec
