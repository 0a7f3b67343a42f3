// A record, from the bytes on the disk to what it means and back. The input's first byte says of
// which kind; its envelope is made right, so that what is behind it is reached.
#include <cstring>
#include <string>
#include <string_view>

#include "base/contract.h"
#include "base/hash.h"
#include "codec/envelope.h"
#include "store/catalog_records.h"
#include "store/change_log.h"
#include "store/group_record.h"
#include "store/host_record.h"
#include "store/layout.h"
#include "store/meta_records.h"
#include "store/outbox.h"
#include "store/statement_records.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace muster;
using codec::RecordKind;

std::string seal(RecordKind kind, std::string_view key, std::string_view payload) {
  std::string head = {'M', 'r', 1, static_cast<char>(kind)};
  const auto size = static_cast<std::uint32_t>(payload.size());
  head.append(reinterpret_cast<const char*>(&size), sizeof size);
  std::uint64_t seed = 0;
  std::memcpy(&seed, head.data(), sizeof seed);
  const std::uint64_t hash = base::hash64(payload, seed ^ base::hash64(key));
  head.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  return head.append(payload);
}

const core::Catalog& catalog() {
  static const core::Catalog kCatalog = [] {
    core::Catalog made;
    for (TeamId team = 0; team < 2; ++team) {
      for (int i = 0; i < 8; ++i) {
        ProfileUploaded profile;
        profile.team_id = team;
        profile.profile_uuid = std::to_string(team) + "-" + std::to_string(i);
        profile.identifier = profile.name = profile.profile_uuid;
        core::CatalogChanges changes;
        std::string why;
        made.upload_profile(profile, StoreLimits(), 1, changes, why);
        MUSTER_ASSERT(why.empty());
      }
    }
    return made;
  }();
  return kCatalog;
}

/// What was read once is written, read and written again: both are equal.
template <typename Decode, typename Encode>
void there_and_back(std::string_view sealed, const Decode& decode, const Encode& encode) {
  const auto first = decode(sealed);
  if (!first.ok()) return;
  const std::string written = encode(*first);
  const auto second = decode(written);
  MUSTER_ASSERT(second.ok());
  MUSTER_ASSERT(encode(*second) == written);
}

void read_host(std::string_view payload) {
  there_and_back(
      seal(RecordKind::kHost, "host", payload),
      [](std::string_view sealed) { return store::decode_host("host", sealed, catalog()); },
      store::encode_host);
}

void read_command(std::string_view payload) {
  const core::CommandNumber number{7};
  there_and_back(
      seal(RecordKind::kCommand, store::command_key(number), payload),
      [&](std::string_view sealed) { return store::decode_command(number, sealed); },
      [&](const store::StoredCommand& command) { return store::encode_command(number, command); });
}

void read_command_index(std::string_view payload) {
  there_and_back(
      seal(RecordKind::kCommandIndex, store::command_uuid_key("uuid"), payload),
      [](std::string_view sealed) { return store::decode_command_index("uuid", sealed); },
      [](const store::StoredCommandIndex& index) {
        return store::encode_command_index("uuid", index);
      });
}

void read_group(std::string_view payload) {
  const std::string key = store::group_key(3);
  there_and_back(
      seal(RecordKind::kGroup, key, payload),
      [&](std::string_view sealed) { return store::decode_group(key, sealed); },
      [&](const store::GroupRecord& group) { return store::encode_group(key, group); });
}

void read_state_page(std::string_view payload) {
  there_and_back(
      seal(RecordKind::kStatePage, store::kStatePageKey, payload),
      [](std::string_view sealed) -> Result<store::Committed> {
        store::Committed committed;
        if (Status status = store::decode_state_page(sealed, committed); !status.ok()) {
          return status;
        }
        return committed;
      },
      store::encode_state_page);
}

void read_times_page(std::string_view payload) {
  const std::string key = store::times_page_key(0);
  there_and_back(
      seal(RecordKind::kTimesPage, key, payload),
      [&](std::string_view sealed) -> Result<store::HostTimes::Page> {
        store::HostTimes::Page page;
        if (Status status = store::decode_times_page(key, sealed, page); !status.ok()) {
          return status;
        }
        return page;
      },
      [&](const store::HostTimes::Page& page) { return store::encode_times_page(key, page); });
}

void read_outbox_entry(std::string_view payload) {
  there_and_back(
      seal(RecordKind::kOutboxEntry, store::outbox_key(5), payload),
      [](std::string_view sealed) { return store::decode_outbox_entry(5, sealed); },
      [](const store::StoredOutboxEntry& entry) {
        const std::vector<std::string_view> hosts(entry.hosts.begin(), entry.hosts.end());
        return store::encode_outbox_entry(5, entry, hosts);
      });
}

void read_format(std::string_view payload) {
  there_and_back(seal(RecordKind::kFormat, store::kFormatKey, payload), store::decode_format,
                 store::encode_format);
}

void read_policy(std::string_view payload) {
  there_and_back(seal(RecordKind::kPolicy, store::kPolicyKey, payload), store::decode_policy,
                 store::encode_policy);
}

void read_fan_out(std::string_view payload) {
  there_and_back(seal(RecordKind::kFanOut, store::kFanOutKey, payload), store::decode_fan_out,
                 store::encode_fan_out);
}

void read_progress(std::string_view payload) {
  there_and_back(seal(RecordKind::kFanOutProgress, store::kFanOutProgressKey, payload),
                 store::decode_progress, store::encode_progress);
}

void read_statements(std::string_view payload) {
  const std::string sealed = seal(RecordKind::kStatements, "holder", payload);
  static_cast<void>(store::decode_statements("holder", sealed));
}

void read_change(std::string_view payload) {
  const std::string key = store::change_key(1);
  static_cast<void>(
      store::check_change(catalog(), key, seal(RecordKind::kRowChange, key, payload)));
}

/// The envelope is what the input says.
void read_sealed(std::string_view sealed) {
  static_cast<void>(store::decode_host("host", sealed, catalog()));
}

constexpr void (*kReaders[])(std::string_view) = {
    read_host,       read_command,      read_command_index, read_group,  read_state_page,
    read_times_page, read_outbox_entry, read_format,        read_policy, read_fan_out,
    read_progress,   read_statements,   read_change,        read_sealed,
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  kReaders[data[0] % std::size(kReaders)](bytes.substr(1));
  return 0;
}
