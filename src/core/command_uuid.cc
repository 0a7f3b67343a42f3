#include "core/command_uuid.h"

#include "base/hash.h"

namespace muster::core {

std::string make_command_uuid(std::string_view recording_id, std::uint64_t event_number,
                              Operation operation, std::string_view profile_uuid,
                              std::string_view host_uuid) {
  std::string bytes(recording_id);
  bytes.push_back('\0');
  for (int shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(event_number >> shift)));
  }
  bytes.push_back(operation == Operation::kInstall ? 'I' : 'R');
  bytes.append(profile_uuid);
  if (!host_uuid.empty()) {
    bytes.push_back('\0');
    bytes.append(host_uuid);
  }
  Digest digest = base::hash128(bytes);
  digest.high = (digest.high & ~std::uint64_t{0xF000}) | 0x8000;  // version 8
  digest.low = (digest.low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);
  std::string text = to_string(digest);
  for (const std::size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace muster::core
