// The reader of one foreign format, from documents to statements, in memory alone. FUZZ_READER
// makes it. The input is read as one document, and then line by line with the same reader.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/contract.h"
#include "codec/foreign/reader.h"
#include "codec/ndjson_reader.h"
#include "muster/recording.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace muster;

/// Every host goes by every name.
class AnyHost final : public codec::HostNames {
 public:
  std::optional<std::string_view> find(std::string_view) const override { return "H1"; }
};

class Checks final : public codec::Listener {
 public:
  /// What is told can be written as canonical text, and that is read as the same.
  void on_statement(codec::Statement statement) override {
    const Event event{statement.at.value_or(Timestamp{0}), std::move(statement.body)};
    const std::string line = to_canonical_line(event);
    MUSTER_ASSERT(to_canonical_line(parse_canonical_line(line)) == line);
  }
  void on_command(codec::CommandStatement command) override {
    MUSTER_ASSERT(!command.command_uuid.empty());
  }
  void on_host_profiles(codec::HostProfiles profiles) override {
    MUSTER_ASSERT(!profiles.host_uuid.empty());
  }
  void on_passed_over(std::string_view what) override { MUSTER_ASSERT(!what.empty()); }
  void on_noted(std::string_view what) override { MUSTER_ASSERT(!what.empty()); }
  void on_unreadable(std::string reason) override { MUSTER_ASSERT(!reason.empty()); }
};

/// In a block of its own, so that a read beyond the padding is found.
void read(codec::ForeignReader& reader, std::string_view document, Checks& checks) {
  const auto block = std::make_unique<char[]>(document.size() + codec::kLinePadding);
  document.copy(block.get(), document.size());
  reader.read({block.get(), document.size()}, checks);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const codec::DocumentLimits limits;
  const AnyHost hosts;
  const std::unique_ptr<codec::ForeignReader> reader = codec::FUZZ_READER;
  Checks checks;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  read(*reader, input, checks);
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    if (end > 0) read(*reader, input.substr(0, end), checks);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  reader->finish(true, checks);
  return 0;
}
