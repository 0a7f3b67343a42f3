// Bytes as a command line, an argument a line: it is understood, or refused with a message that a
// terminal can show. Nothing is done of what it asks for.
#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/contract.h"
#include "tests/fuzz/fuzz.h"
#include "tools/commands.h"
#include "tools/exit_code.h"

namespace {

bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char byte) {
    return byte == '\n' || (byte >= 0x20 && byte != 0x7F);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> arguments;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    // What a program is given ends at a zero byte.
    arguments.emplace_back(line.substr(0, line.find('\0')));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  std::ostringstream out;
  std::ostringstream err;
  const int code = muster::tool::try_arguments(arguments, {out, err});
  MUSTER_ASSERT(code == muster::tool::kExitFine || code == muster::tool::kExitUsage);
  MUSTER_ASSERT((code == muster::tool::kExitFine) == err.str().empty());
  MUSTER_ASSERT(is_plain(err.str()));
  return 0;
}
