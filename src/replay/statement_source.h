// One file of any format as what it states, in its own order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "codec/foreign/statement.h"
#include "muster/import.h"
#include "muster/status.h"
#include "replay/document_cutter.h"
#include "replay/host_map.h"

namespace muster::recording {

class StatementSource {
 public:
  virtual ~StatementSource() = default;
  /// Reads one document. False: there are no more.
  virtual Result<bool> read(codec::Listener& listener) = 0;
  /// The document that is being read; for listeners.
  virtual const Document& document() const = 0;
  /// Names the content: hash of its first MiB and size.
  virtual const std::string& id() const = 0;
  virtual std::uint64_t bytes_read() const = 0;   ///< as they are stored
  virtual std::uint64_t bytes_total() const = 0;  ///< 0: not known
};

/// With views of the document.
UnreadDocument unread_of(const std::string& file, const Document& document, std::string reason);

/// The standard input, "-", or a file that can be read once only: nothing tells its format ahead.
bool is_pipe(const std::filesystem::path& path);

/// `hosts` must live as long. `format` is set to the one that was found.
Result<std::unique_ptr<StatementSource>> open_source(const std::filesystem::path& path,
                                                     const ImportOptions& options,
                                                     const HostMap& hosts,
                                                     std::optional<RecordingFormat>& format);

}  // namespace muster::recording
