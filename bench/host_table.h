// Muster's rules over any table of hosts: every engine of comparison does the same work by the same
// code and differs only in how it keeps a host.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bench/engine.h"
#include "core/host.h"

namespace muster::bench {

/// Hosts by uuid, byte by byte.
struct HostRange {
  std::string after;                   ///< exclusive; "": from the first one
  std::optional<std::string> through;  ///< inclusive

  bool holds(std::string_view uuid) const { return uuid > after && (!through || uuid <= *through); }
};

class HostTable {
 public:
  virtual ~HostTable() = default;

  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void settle() {}
  virtual EngineUse use() = 0;

  /// The host, or nothing; valid until the next call. The caller changes it in place and then says
  /// which part has to be kept.
  virtual std::optional<core::Host>& load(std::string_view uuid) = 0;
  virtual void put(std::string_view uuid, const std::optional<core::Host>& host) = 0;
  virtual void put_times(const core::Host& host) = 0;
  /// Hosts for which `visit` returns true are put.
  virtual void visit(const HostRange& range,
                     const std::function<bool(core::Host& host)>& visit) = 0;
};

std::unique_ptr<Engine> make_engine_over(std::unique_ptr<HostTable> table);

/// A host as one value, for tables that keep blobs: fixed parts, labels, slots, side data.
void encode_host(const core::Host& host, std::string& bytes);
void decode_host(std::string_view bytes, core::Host& host);

}  // namespace muster::bench
