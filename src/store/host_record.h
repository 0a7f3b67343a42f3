#pragma once

#include <flatbuffers/flatbuffers.h>

#include <string>
#include <string_view>

#include "core/catalog.h"
#include "core/host.h"
#include "muster/status.h"

namespace muster::store {

/// Makes sealed records of hosts; a record's key is its host's uuid. The two report times are not
/// in it. Keeps its memory.
class HostEncoder {
 public:
  /// `hash` is host_hash() of the host's uuid.
  void encode(const core::Host& host, std::uint64_t hash, std::string& sealed);

 private:
  flatbuffers::FlatBufferBuilder builder_{512};
};
std::string encode_host(const core::Host& host);

/// Reads a record and checks its meaning: known enum values and versions, order, uniqueness.
Result<core::Host> decode_host(std::string_view host_uuid, std::string_view sealed,
                               const core::Catalog& catalog);
/// The same into a host whose memory serves again. After an error its content is undefined.
Status decode_host(std::string_view host_uuid, std::string_view sealed,
                   const core::Catalog& catalog, core::Host& host);

}  // namespace muster::store
