#include "bench/engine.h"

#include <array>
#include <cstdio>

#include "base/hash.h"

namespace muster::bench {
namespace {

constexpr std::array kEngines = {
    EngineKind{"muster", "the store", make_muster},
    EngineKind{"memory", "the same rules over a hash map in memory: the upper limit", make_memory},
    EngineKind{"lmdb_blob", "the same rules over LMDB, a value a host", make_lmdb_blob},
    EngineKind{"sqlite_blob", "the same rules over SQLite, a blob a host", make_sqlite_blob},
    EngineKind{"sqlite_rows", "the same rules over SQLite, a row a profile of a host",
               make_sqlite_rows},
};

}  // namespace

std::span<const EngineKind> engine_kinds() {
  return kEngines;
}

const EngineKind* find_engine(std::string_view name) {
  for (const EngineKind& kind : kEngines) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

void DigestSum::begin_host(std::string_view host_uuid) {
  bytes_.assign(host_uuid);
  bytes_.push_back('\0');
}

void DigestSum::add_row(std::string_view profile_uuid, Operation operation, DeliveryStatus status,
                        int retries) {
  bytes_ += profile_uuid;
  bytes_.push_back('\0');
  bytes_.push_back(static_cast<char>(operation));
  bytes_.push_back(static_cast<char>(status));
  bytes_.push_back(static_cast<char>(retries));
}

void DigestSum::end_host() {
  sum_ += base::hash64(bytes_);
}

std::string DigestSum::text() const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(sum_));
  return text;
}

}  // namespace muster::bench
