#include "store/notes.h"

#include <mutex>

namespace muster::store {
namespace {

/// Printable ASCII; every other byte as \xNN: names of files and hosts may hold anything.
std::string plain(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte >= 0x20 && byte < 0x7F) {
      out.push_back(letter);
    } else {
      out.append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

}  // namespace

Notes::Notes(const StoreOptions& options)
    : place_(options.path.string()), log_(options.log), on_failure_(options.on_failure) {}

void Notes::write(LogLevel level, std::string_view text) const {
  const std::shared_lock lock(mutex_);
  if (log_) log_(level, plain(place_ + ": " + std::string(text)));
}

void Notes::stopped(const Status& status) {
  if (stopped_.exchange(true)) return;
  write(LogLevel::kError, "the store stops: " + status.to_string());
  const std::shared_lock lock(mutex_);
  if (on_failure_) on_failure_(status);
}

void Notes::silence() {
  const std::unique_lock lock(mutex_);
  log_ = nullptr;
  on_failure_ = nullptr;
}

}  // namespace muster::store
