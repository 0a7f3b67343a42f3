#include "codec/envelope.h"

#include <array>
#include <cstring>

#include "base/contract.h"
#include "base/hash.h"

namespace muster::codec {
namespace {

constexpr char kMagic0 = 'M';
constexpr char kMagic1 = 'r';
constexpr std::uint8_t kEnvelopeVersion = 1;
constexpr std::size_t kHashOffset = 8;

std::uint64_t load64(const char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint64_t checksum(std::uint64_t key_hash, const char* header, std::string_view payload) {
  return base::hash64(payload, key_hash ^ load64(header));
}

}  // namespace

std::string seal(RecordKind kind, std::string_view key,
                 const flatbuffers::FlatBufferBuilder& built) {
  std::string sealed;
  seal(kind, base::hash64(key), built, sealed);
  return sealed;
}

void seal(RecordKind kind, std::uint64_t key_hash, const flatbuffers::FlatBufferBuilder& built,
          std::string& sealed) {
  const std::string_view payload(reinterpret_cast<const char*>(built.GetBufferPointer()),
                                 built.GetSize());
  MUSTER_ASSERT(payload.size() <= UINT32_MAX);
  std::array<char, kEnvelopeBytes> header = {kMagic0, kMagic1, static_cast<char>(kEnvelopeVersion),
                                             static_cast<char>(kind)};
  const auto length = static_cast<std::uint32_t>(payload.size());
  std::memcpy(&header[4], &length, sizeof length);
  const std::uint64_t hash = checksum(key_hash, header.data(), payload);
  std::memcpy(&header[kHashOffset], &hash, sizeof hash);
  sealed.clear();
  sealed.reserve(header.size() + payload.size());
  sealed.append(header.data(), header.size());
  sealed.append(payload);
}

std::uint64_t envelope_hash(std::string_view sealed) {
  return sealed.size() < kEnvelopeBytes ? 0 : load64(sealed.data() + kHashOffset);
}

bool Payload::open(RecordKind kind, std::string_view key, std::string_view sealed, Payload& payload,
                   std::string& why) {
  const auto refuse = [&why](const char* reason) {
    why = reason;
    return false;
  };
  if (sealed.size() < kEnvelopeBytes) return refuse("the record is cut");
  if (sealed[0] != kMagic0 || sealed[1] != kMagic1) return refuse("the magic bytes are wrong");
  if (static_cast<std::uint8_t>(sealed[2]) != kEnvelopeVersion) {
    return refuse("the envelope version is unknown");
  }
  if (static_cast<std::uint8_t>(sealed[3]) != static_cast<std::uint8_t>(kind)) {
    return refuse("it is a record of another kind");
  }
  std::uint32_t length = 0;
  std::memcpy(&length, sealed.data() + 4, sizeof length);
  const std::string_view body = sealed.substr(kEnvelopeBytes);
  if (length != body.size()) return refuse("the length is wrong");
  if (checksum(base::hash64(key), sealed.data(), body) != load64(sealed.data() + kHashOffset)) {
    return refuse("the checksum does not match");
  }
  payload.size_ = body.size();
  payload.words_.resize((body.size() + 7) / 8);
  if (!body.empty()) std::memcpy(payload.words_.data(), body.data(), body.size());
  return true;
}

}  // namespace muster::codec
