#include "replay/host_map.h"

#include "base/utf8.h"
#include "codec/foreign/json_document.h"
#include "codec/foreign/key.h"
#include "muster/types.h"
#include "replay/document_cutter.h"

namespace muster::recording {
namespace {

/// What a line may have: two names and what stands around them.
constexpr std::size_t kLineBytesMax = 64U << 10;

}  // namespace

Result<HostMap> HostMap::read(const std::filesystem::path& path) {
  auto source = ByteSource::open(path, {});
  if (!source.ok()) return source.status();
  const std::string name = (*source)->name();
  DocumentCutter cutter(InputWindow(*std::move(source)), kLineBytesMax);
  codec::DocumentLimits limits;
  limits.bytes_max = kLineBytesMax;
  codec::JsonDocument json(limits);
  HostMap map;
  while (const auto document = cutter.next()) {
    std::string reason;
    const auto root = json.parse(document->text, reason);
    codec::JsonFields fields;
    const bool is_object = root && root->get(fields) == simdjson::SUCCESS;
    const auto bad = [&](const std::string& what) {
      return Status(StatusCode::kBadInput,
                    name + ": the entry at byte " + std::to_string(document->offset) + " " + what);
    };
    const auto known_as = is_object ? codec::find_text(fields, "name") : std::nullopt;
    const auto uuid = is_object ? codec::find_text(fields, "host_uuid") : std::nullopt;
    if (!known_as || !uuid) return bad("is not {\"name\":\"...\",\"host_uuid\":\"...\"}");
    if (uuid->empty() || uuid->size() > kIdBytesMax) return bad("has no usable host_uuid");
    const auto [entry, is_new] = map.uuids_.emplace(*known_as, *uuid);
    if (is_new) map.mark_ += codec::KeyOf("host").add(*known_as).add(*uuid).digest().low;
    if (!is_new && entry->second != *uuid) return bad("gives a name to a second host");
  }
  if (!cutter.status().ok()) return cutter.status();
  return map;
}

std::optional<std::string_view> HostMap::find(std::string_view name) const {
  const auto found = uuids_.find(std::string(name));
  if (found == uuids_.end()) return {};
  return found->second;
}

std::optional<std::string_view> FileHosts::find(std::string_view name) const {
  if (!name.empty()) return map_.find(name);
  const auto by_name = map_.find(file_.filename().native());
  return by_name ? by_name : map_.find(file_.native());
}

}  // namespace muster::recording
