#include "store/manifest.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/log_files.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

/// What stands in a record, each with its number before it (RocksDB's db/version_edit.h).
enum Tag : std::uint32_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kCompactCursor = 5,
  kDeletedFile = 6,
  kPrevLogNumber = 9,
  kMinLogNumberToKeep = 10,
  kNewFile4 = 103,
  kColumnFamily = 200,
  kColumnFamilyAdd = 201,
  kColumnFamilyDrop = 202,
  kMaxColumnFamily = 203,
  kInAtomicGroup = 300,
  /// All with this bit are a text that older readers may pass over.
  kMayBePassedOver = 1 << 13,
};
/// Behind the last of a table's fields, of which each is a number and a text.
constexpr std::uint64_t kEndOfFields = 1;

class EditText {
 public:
  explicit EditText(std::string_view left) : left_(left) {}
  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty() || !ok_; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) break;
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80U) return value;
    }
    ok_ = false;
    return 0;
  }
  void pass_text() {
    const std::uint64_t bytes = number();
    ok_ = ok_ && bytes <= left_.size();
    if (ok_) left_.remove_prefix(bytes);
  }

 private:
  std::string_view left_;
  bool ok_ = true;
};

struct VersionEdit {
  std::uint64_t family = 0;
  bool dropped = false;
  std::optional<std::uint64_t> log;
  std::optional<std::uint64_t> first_log;
  std::optional<std::uint64_t> last_sequence;
  std::uint64_t in_tables = 0;
  std::uint64_t left_in_group = 0;  ///< records behind this one that count together with it
};

std::uint64_t last_change_of_table(EditText& text) {
  for (int field = 0; field < 3; ++field) text.number();  // level, number, size
  for (int key = 0; key < 2; ++key) text.pass_text();
  text.number();  // the first change
  const std::uint64_t last = text.number();
  while (text.ok() && text.number() != kEndOfFields) text.pass_text();
  return last;
}

/// False: there is no such entry.
bool read_entry(std::uint64_t tag, EditText& text, VersionEdit& edit) {
  switch (tag) {
    case kLogNumber:
      edit.log = text.number();
      return true;
    case kMinLogNumberToKeep:
      edit.first_log = text.number();
      return true;
    case kLastSequence:
      edit.last_sequence = text.number();
      return true;
    case kNewFile4:
      edit.in_tables = std::max(edit.in_tables, last_change_of_table(text));
      return true;
    case kColumnFamily:
      edit.family = text.number();
      return true;
    case kColumnFamilyDrop:
      edit.dropped = true;
      return true;
    case kInAtomicGroup:
      edit.left_in_group = text.number();
      return true;
    case kNextFileNumber:
    case kPrevLogNumber:
    case kMaxColumnFamily:
      text.number();
      return true;
    case kDeletedFile:
      text.number();
      text.number();
      return true;
    case kCompactCursor:
      text.number();
      text.pass_text();
      return true;
    case kComparator:
    case kColumnFamilyAdd:
      text.pass_text();
      return true;
    default:
      text.pass_text();
      return (tag & kMayBePassedOver) != 0;
  }
}

/// Takes the records one after the other.
class ManifestScan {
 public:
  explicit ManifestScan(std::uint64_t number) : number_(number) {}

  /// False: it is none.
  bool add(std::string_view record) {
    EditText text(record);
    VersionEdit edit;
    while (!text.at_end()) {
      const std::uint64_t tag = text.number();
      if (!text.ok() || !read_entry(tag, text, edit)) return false;
    }
    if (!text.ok()) return false;
    group_.push_back(edit);
    if (edit.left_in_group > 0) return true;
    for (const VersionEdit& of_group : group_) apply(of_group);
    group_.clear();
    return true;
  }

  LogNeeds needs() const {
    LogNeeds needs = needs_;
    for (const auto& [family, log] : logs_) needs.current_log = std::max(needs.current_log, log);
    std::uint64_t least = needs.current_log;
    for (const auto& [family, log] : logs_) least = std::min(least, log);
    needs.first_log = std::max(needs.first_log, least);
    needs.begins_there = is_later(needs.first_log);
    return needs;
  }

 private:
  /// Files are numbered as they are made, and each opening makes a MANIFEST. So a later log was
  /// begun for a flush; a lower number is of the opening, and all was in tables then.
  bool is_later(std::uint64_t log) const { return log > number_; }

  void apply(const VersionEdit& edit) {
    last_sequence_ = std::max(last_sequence_, edit.last_sequence.value_or(0));
    needs_.in_tables = std::max(needs_.in_tables, edit.in_tables);
    needs_.first_log = std::max(needs_.first_log, edit.first_log.value_or(0));
    if (edit.dropped) logs_.erase(edit.family);
    if (!edit.log) return;
    logs_[edit.family] = *edit.log;
    if (!is_later(*edit.log)) needs_.next = last_sequence_ + 1;
  }

  const std::uint64_t number_;
  LogNeeds needs_;
  std::map<std::uint64_t, std::uint64_t> logs_;  ///< by family
  std::uint64_t last_sequence_ = 0;
  std::vector<VersionEdit> group_;
};

std::uint64_t number_of(const fs::path& manifest) {
  const std::string name = manifest.filename().string();
  std::uint64_t number = 0;
  std::from_chars(name.data() + name.find('-') + 1, name.data() + name.size(), number);
  return number;
}

}  // namespace

Result<std::optional<LogNeeds>> read_log_needs(rocksdb::Env& env, const fs::path& data) {
  const Result<std::optional<fs::path>> manifest = find_manifest(env, data);
  if (!manifest.ok()) return manifest.status();
  if (!*manifest) return std::optional<LogNeeds>();
  ManifestScan scan(number_of(**manifest));
  std::optional<std::uint64_t> unknown_at;
  const auto visit = [&](std::uint64_t at, std::string_view record) {
    if (!unknown_at && !scan.add(record)) unknown_at = at;
  };
  const auto torn = find_torn(env, **manifest, LogScan(visit, std::string_view::npos));
  if (!torn.ok()) return torn.status();
  if (unknown_at) {
    return Status(StatusCode::kCorruption,
                  (*manifest)->string() + ": at byte " + std::to_string(*unknown_at) +
                      " stands what no RocksDB writes that this Muster knows: open it with the "
                      "Muster that wrote it, or restore a backup");
  }
  return std::optional(scan.needs());
}

}  // namespace muster::store
