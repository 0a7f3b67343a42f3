// The readers of foreign documents, one source file a format.
#pragma once

#include <memory>
#include <string_view>

#include "codec/foreign/statement.h"

namespace muster::codec {

class ForeignReader {
 public:
  virtual ~ForeignReader() = default;
  /// Reads one document. kLinePadding bytes behind it belong to its buffer.
  virtual void read(std::string_view document, Listener& listener) = 0;
  /// There is a document here that nobody can read.
  virtual void lost() {}
  /// The source has ended: tells what waited for a document behind. `whole`: that is its true end.
  virtual void finish(bool /*whole*/, Listener& /*listener*/) {}
};

/// NanoMDM's, NanoHUB's and MicroMDM's webhook events.
std::unique_ptr<ForeignReader> make_mdm_webhook_reader(const DocumentLimits& limits);
/// A device's own message: a property list, XML or binary.
std::unique_ptr<ForeignReader> make_mdm_message_reader(const DocumentLimits& limits,
                                                       const HostNames& names);
/// The body of osquery's distributed/write, with or without an envelope that tells host and time.
std::unique_ptr<ForeignReader> make_osquery_write_reader(const DocumentLimits& limits,
                                                         const HostNames& names);
/// A line of osquery's result log, or a body of its TLS logger. Keeps each host's rows, because
/// a line may tell differences only.
std::unique_ptr<ForeignReader> make_osquery_log_reader(const DocumentLimits& limits,
                                                       const HostNames& names);
/// What Fleet's API answers: hosts, profiles, commands and their results.
std::unique_ptr<ForeignReader> make_fleet_reader(const DocumentLimits& limits);
/// A row of NanoMDM's command tables as a JSON object.
std::unique_ptr<ForeignReader> make_nanomdm_rows_reader(const DocumentLimits& limits);

}  // namespace muster::codec
