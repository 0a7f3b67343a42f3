#include "bench/engine.h"

#include <array>
#include <cstdio>
#include <stdexcept>

#include "base/hash.h"
#include "muster/recording.h"

namespace muster::bench {
namespace {

constexpr std::array kEngines = {
    EngineKind{"muster", "the store", false, make_muster},
    EngineKind{"memory", "the same rules over a hash map in memory: the upper limit", false,
               make_memory},
    EngineKind{"lmdb_blob", "the same rules over LMDB, a value a host", false, make_lmdb_blob},
    EngineKind{"sqlite_blob", "the same rules over SQLite, a blob a host", false, make_sqlite_blob},
    EngineKind{"sqlite_rows", "the same rules over SQLite, a row a profile of a host", false,
               make_sqlite_rows},
    EngineKind{"rocksdb_put", "floor: RocksDB takes values of the same size, no rules", true,
               make_rocksdb_put},
    EngineKind{"rocksdb_rewrite", "floor of a rollout: RocksDB reads and rewrites every value",
               true, make_rocksdb_rewrite},
    EngineKind{"parse", "floor of text: simdjson, dates, identifiers to numbers; no state", true,
               make_parse},
};

}  // namespace

std::uint64_t EngineSetting::memory_bytes() const {
  return preset == MemoryPreset::kBulk ? std::uint64_t{4} << 30 : std::uint64_t{288} << 20;
}

void Engine::replay(const std::filesystem::path& recording, const ReplaySetting& setting,
                    const CommitSeen& seen) {
  RecordingOptions options;
  options.threads = setting.threads;
  auto reader = RecordingReader::open(recording, options);
  if (!reader.ok()) throw std::runtime_error(reader.status().to_string());
  std::vector<Event> events;
  while (true) {
    auto next = reader->next();
    if (!next.ok()) throw std::runtime_error(next.status().to_string());
    const bool end = *next == nullptr;
    if (!end) events.push_back(std::move((*next)->event));
    if (events.size() == setting.batch || (end && !events.empty())) {
      apply(events);
      seen();
      events.clear();
    }
    if (end) return;
  }
}

std::span<const EngineKind> engine_kinds() {
  return kEngines;
}

const EngineKind& find_engine(std::string_view name) {
  for (const EngineKind& kind : kEngines) {
    if (kind.name == name) return kind;
  }
  throw std::runtime_error("there is no engine " + std::string(name));
}

void DigestSum::begin_host(std::string_view host_uuid) {
  bytes_.assign(host_uuid);
  bytes_.push_back('\0');
  has_rows_ = false;
}

void DigestSum::add_row(std::string_view profile_uuid, const Checksum& checksum,
                        Operation operation, DeliveryStatus status, int retries) {
  has_rows_ = true;
  bytes_ += profile_uuid;
  bytes_.push_back('\0');
  for (const std::uint8_t byte : checksum) bytes_.push_back(static_cast<char>(byte));
  bytes_.push_back(static_cast<char>(operation));
  bytes_.push_back(static_cast<char>(status));
  bytes_.push_back(static_cast<char>(retries));
}

void DigestSum::end_host() {
  if (has_rows_) sum_ += base::hash64(bytes_);
}

std::string DigestSum::text() const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(sum_));
  return text;
}

}  // namespace muster::bench
