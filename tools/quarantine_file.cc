#include "tools/quarantine_file.h"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/json_output.h"

namespace muster::tool {

namespace {

std::string base64(std::string_view bytes) {
  using boost::archive::iterators::base64_from_binary;
  using boost::archive::iterators::transform_width;
  using Digits = base64_from_binary<transform_width<std::string_view::const_iterator, 6, 8>>;
  std::string text(Digits(bytes.begin()), Digits(bytes.end()));
  text.append((3 - bytes.size() % 3) % 3, '=');
  return text;
}

}  // namespace

Status QuarantineFile::open(const std::filesystem::path& path, bool with_bytes) {
  with_bytes_ = with_bytes;
  if (Status opened = lines_.open(path); !opened.ok()) return opened;
  return lines_.make_private();
}

Status QuarantineFile::append(const UnreadDocument& unread) {
  Json line = {{"source", unread.source},
               {"offset", unread.offset},
               {"length", unread.length},
               {"hash", to_string(unread.hash)},
               {"reason", unread.reason}};
  if (with_bytes_ && !unread.bytes.empty()) line["bytes"] = base64(unread.bytes);
  lines_.append(line.dump(-1, ' ', true, Json::error_handler_t::replace));
  return lines_.status();
}

}  // namespace muster::tool
