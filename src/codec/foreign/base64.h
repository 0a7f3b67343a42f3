#pragma once

#include <string>
#include <string_view>

namespace muster::codec {

/// RFC 4648, section 4. White space anywhere is passed over, as property lists wrap their data.
/// False: `text` is none; `bytes` is then without meaning.
bool decode_base64(std::string_view text, std::string& bytes);

}  // namespace muster::codec
