#include "store/host_record.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/utf8.h"
#include "codec/aligned.h"
#include "codec/envelope.h"
#include "schema/host_generated.h"
#include "store/damage.h"

namespace muster::store {
namespace {

using core::Host;
using core::LabelNumber;
using core::Slot;
using core::VersionNumber;

static_assert(sizeof(fb::Slot) == sizeof(Slot));
static_assert(std::is_trivially_copyable_v<Slot>);

template <typename Entries, typename Less>
bool strictly_ascending(const Entries& entries, Less less) {
  return std::adjacent_find(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
           return !less(a, b);
         }) == entries.end();
}

/// Side data stands in order of versions and belongs to slots.
template <typename Entry>
bool belongs(const std::vector<Entry>& entries, const Host& host) {
  const auto has_slot = [&host](const Entry& entry) {
    return std::any_of(host.slots.begin(), host.slots.end(),
                       [&](const Slot& slot) { return slot.version() == entry.version; });
  };
  return strictly_ascending(entries,
                            [](const auto& a, const auto& b) { return a.version < b.version; }) &&
         std::all_of(entries.begin(), entries.end(), has_slot);
}

/// Why the record cannot be a host's, or nothing.
const char* find_fault(const Host& host, const core::Catalog& catalog) {
  if (host.platform < Platform::kDarwin || host.platform > Platform::kWindows) {
    return "its platform is unknown";
  }
  if (host.slots.size() > kRowsPerHostMax) return "it has too many rows";
  for (const Slot& slot : host.slots) {
    if (!slot.well_formed()) return "a row's state is not one";
    if (!catalog.knows_version(slot.version())) return "a row names an unknown profile version";
  }
  if (!strictly_ascending(host.slots, [&](const Slot& a, const Slot& b) {
        return catalog.version(a.version()).profile_uuid <
               catalog.version(b.version()).profile_uuid;
      })) {
    return "its rows are not in profile_uuid order";
  }
  if (!strictly_ascending(host.labels, std::less<LabelNumber>())) {
    return "its labels are not in order";
  }
  if (!belongs(host.details, host) || !belongs(host.variables, host)) {
    return "its side data belongs to no row";
  }
  for (const core::SlotDetail& detail : host.details) {
    if (detail.text.empty() || !base::is_utf8(detail.text)) return "a detail is not a text";
  }
  return nullptr;
}

void read_record(const fb::Host& record, Host& host) {
  host.ordinal = core::HostOrdinal{record.ordinal()};
  host.team = record.team();
  host.platform = static_cast<Platform>(record.platform());
  host.enrolled = record.enrolled();
  host.user_channel = record.user_channel();
  host.enrolled_at = Timestamp{record.enrolled_at()};
  host.reconciled = record.reconciled();
  host.last_fan_out = record.last_fan_out();
  host.due = Timestamp{record.due()};
  host.labels.clear();
  if (const auto* labels = record.labels()) {
    for (const std::uint32_t label : *labels) host.labels.push_back(LabelNumber{label});
  }
  host.slots.clear();
  if (const auto* slots = record.slots(); slots != nullptr && slots->size() > 0) {
    host.slots.resize(slots->size());
    std::memcpy(static_cast<void*>(host.slots.data()), slots->data(), slots->size() * sizeof(Slot));
  }
  host.details.clear();
  if (const auto* details = record.details()) {
    for (const auto* detail : *details) {
      host.details.push_back({VersionNumber{detail->version()}, detail->text()->str()});
    }
  }
  host.variables.clear();
  if (const auto* variables = record.variables()) {
    for (const auto* entry : *variables) {
      host.variables.push_back({VersionNumber{entry->version()}, Timestamp{entry->updated_at()}});
    }
  }
}

}  // namespace

std::string encode_host(const Host& host) {
  std::string sealed;
  HostEncoder().encode(host, base::hash64(host.uuid), sealed);
  return sealed;
}

void HostEncoder::encode(const Host& host, std::uint64_t hash, std::string& sealed) {
  flatbuffers::FlatBufferBuilder& builder = builder_;
  builder.Clear();
  std::vector<flatbuffers::Offset<fb::SlotDetail>> details;
  for (const core::SlotDetail& detail : host.details) {
    details.push_back(fb::CreateSlotDetail(builder, core::to_integer(detail.version),
                                           builder.CreateString(detail.text)));
  }
  std::vector<fb::SlotVariables> variables;
  for (const core::SlotVariables& entry : host.variables) {
    variables.emplace_back(core::to_integer(entry.version), entry.updated_at.micros);
  }
  static_assert(sizeof(LabelNumber) == sizeof(std::uint32_t));
  flatbuffers::Offset<flatbuffers::Vector<std::uint32_t>> labels_offset;
  if (!host.labels.empty()) {
    labels_offset = builder.CreateVector(reinterpret_cast<const std::uint32_t*>(host.labels.data()),
                                         host.labels.size());
  }
  flatbuffers::Offset<flatbuffers::Vector<const fb::Slot*>> slots_offset;
  if (!host.slots.empty()) {
    slots_offset = builder.CreateVectorOfStructs(
        reinterpret_cast<const fb::Slot*>(host.slots.data()), host.slots.size());
  }
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::SlotDetail>>> details_offset;
  if (!details.empty()) details_offset = builder.CreateVector(details);
  flatbuffers::Offset<flatbuffers::Vector<const fb::SlotVariables*>> variables_offset;
  if (!variables.empty()) variables_offset = builder.CreateVectorOfStructs(variables);

  fb::HostBuilder record(builder);
  record.add_ordinal(core::to_integer(host.ordinal));
  record.add_team(host.team);
  record.add_platform(static_cast<std::uint8_t>(host.platform));
  record.add_enrolled(host.enrolled);
  record.add_user_channel(host.user_channel);
  record.add_enrolled_at(host.enrolled_at.micros);
  record.add_labels(labels_offset);
  record.add_slots(slots_offset);
  record.add_details(details_offset);
  record.add_variables(variables_offset);
  record.add_reconciled(host.reconciled);
  record.add_last_fan_out(host.last_fan_out);
  record.add_due(host.due.micros);
  builder.Finish(record.Finish());
  codec::seal(codec::RecordKind::kHost, hash, builder, sealed);
}

Result<Host> decode_host(std::string_view host_uuid, std::string_view sealed,
                         const core::Catalog& catalog) {
  Host host;
  if (Status status = decode_host(host_uuid, sealed, catalog, host); !status.ok()) return status;
  return host;
}

Status decode_host(std::string_view host_uuid, std::string_view sealed,
                   const core::Catalog& catalog, Host& host) {
  const auto refuse = [host_uuid](std::string_view why) {
    return damaged("hosts", "host " + printable_key(host_uuid), why);
  };
  codec::Payload payload;
  std::string why;
  if (!codec::Payload::open(codec::RecordKind::kHost, host_uuid, sealed, payload, why)) {
    return refuse(why);
  }
  const auto* record = payload.root<fb::Host>();
  if (record == nullptr || !codec::is_aligned(record->variables())) {
    return refuse("it is not a host record");
  }

  host.uuid = host_uuid;
  read_record(*record, host);
  if (const char* fault = find_fault(host, catalog)) return refuse(fault);
  return {};
}

}  // namespace muster::store
