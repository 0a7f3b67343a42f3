// Bytes as recordings of other systems carry them.
#pragma once

#include <string>
#include <string_view>

namespace muster::test {

std::string base64(std::string_view bytes);

}  // namespace muster::test
