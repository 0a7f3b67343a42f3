// The envelope of every stored record: magic, version, kind, length, checksum, then a FlatBuffer.
//
//   0  'M' 'r'     2  envelope version (1)     3  record kind     4  payload bytes, u32 LE
//   8  XXH3-64 of the payload, seeded with the first 8 bytes and XXH3-64 of the key
//  16  payload
//
// FlatBuffers' Verifier accepts most damage that keeps offsets in bounds; the checksum does not,
// and because it covers the key, a record under another record's key is found too.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace muster::codec {

/// Numbers stand on disk: never reused.
enum class RecordKind : std::uint8_t {
  kHost = 1,
  kLabel = 2,
  kProfileVersion = 3,
  kProfile = 4,
  kTeam = 5,
  kCatalogCounters = 6,
  kCommand = 7,
  kCommandIndex = 8,
  kGroup = 9,
  kTimesPage = 10,
  kStatePage = 11,
  kFormat = 12,
  kPolicy = 13,
  kFanOut = 14,
  kFanOutProgress = 15,
  kOutboxEntry = 16,
  kRowChange = 17,
  kStatements = 18,
};

inline constexpr std::size_t kEnvelopeBytes = 16;

/// The record as stored under `key`.
std::string seal(RecordKind kind, std::string_view key,
                 const flatbuffers::FlatBufferBuilder& built);
/// The same into memory that serves again. `key_hash` is base::hash64 of the key.
void seal(RecordKind kind, std::uint64_t key_hash, const flatbuffers::FlatBufferBuilder& built,
          std::string& sealed);

/// The checksum of a sealed record, without looking at the rest. 0 for one that is too short.
std::uint64_t envelope_hash(std::string_view sealed);

/// A payload whose envelope was checked, at an aligned address of its own.
class Payload {
 public:
  /// False when the envelope or the checksum is wrong; `why` then says what.
  static bool open(RecordKind kind, std::string_view key, std::string_view sealed, Payload& payload,
                   std::string& why);

  /// The verified root, or null when it is not a `Table`. Valid while the payload lives.
  template <typename Table>
  const Table* root() const {
    flatbuffers::Verifier verifier(data(), size_, kDepthMax, kTablesMax);
    if (!verifier.VerifyBuffer<Table>(nullptr)) return nullptr;
    return flatbuffers::GetRoot<Table>(data());
  }

 private:
  static constexpr flatbuffers::uoffset_t kDepthMax = 8;
  static constexpr flatbuffers::uoffset_t kTablesMax = 1u << 20;

  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(words_.data()); }

  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

}  // namespace muster::codec
