// The disk of a simulated machine: what every operation does to it, what of that is durable, and
// what a power loss leaves.
//
// THE FAULT MODEL
//
// Durable are the bytes of a file up to its last sync, and the names of a directory as of the
// directory's last sync. All else may be lost. A crash may come between any two operations, so also
// between a file's creation, its bytes, their sync and the sync of its name; and again at any
// operation of the recovery that follows. The disk as found then is one of these:
//
//   synced      durable bytes and durable names, nothing else
//   everything  all that was done: the process died and the machine did not. What was not durable
//               is not durable yet: a power loss during or after the recovery may take it
//   names_lost  all bytes that were written, and only durable names
//   torn        a random part of each file's other bytes, cut anywhere; of the other changes of
//   names
//               in a directory a random number of the first ones: files that were deleted come
//               back, renamed ones have their old name
//   split       of each file all of its other bytes or none, by a coin of its own, so that a log
//   may
//               lose what a newer one kept; names as in torn
//   garbled     torn; and what is left of the other bytes of a write-ahead log, a MANIFEST or the
//               watermark has a flipped bit or ends in noise or in zeros
//
// Survived: all of the above, and one failing operation anywhere (EIO or ENOSPC, once or from then
// on; an append that fails leaves half of its bytes, none or all of them; a sync that fails may
// lose for ever what it had to write; reads fail, too), with a power loss after it.
//
// Detected and not survived, so not part of these images: damage to durable bytes
// (tests/store/lost_events_test.cc).
//
// Not modelled: bytes of one file that reach the disk in another order than they were written;
// names that do so; a sync that lies (but for the faults that planted_test.cc puts in, which the
// sweep must find); truncation that a crash undoes; the making of directories; threads. The store's
// own files outside RocksDB (MUSTER, muster.lock) lie on the machine's real file system and do not
// crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

enum class Op : std::uint8_t {
  kNothing,  ///< what a planted fault makes of an operation that it swallows
  kCreate,
  kAppend,
  kTruncate,
  kSync,
  kLosingSync,  ///< one that fails: what was not durable never will be
  kSyncDirectory,
  kRename,
  kLink,
  kRemove,
  kMakeDirectory,
};
inline constexpr std::size_t kOps = 11;
std::string_view name_of(Op op);

/// One change of a disk. Paths are relative to the store's folder: "data/000004.log".
struct Operation {
  Op op = Op::kNothing;
  std::string path;
  std::string target;    ///< of a rename or a link
  std::size_t file = 0;  ///< number of the file that is appended to, truncated or synced
  std::string bytes;     ///< appended
  std::size_t size = 0;  ///< after a truncation
};
/// In one line, without the bytes.
std::string to_text(const Operation& operation);
bool is_log(std::string_view path);  ///< a write-ahead log

enum class ImageKind : std::uint8_t { kSynced, kEverything, kNamesLost, kTorn, kGarbled, kSplit };
inline constexpr std::size_t kImageKinds = 6;
std::string_view name_of(ImageKind kind);
std::optional<ImageKind> image_kind(std::string_view name);

class Disk {
 public:
  struct File {
    std::string bytes;
    std::size_t synced = 0;      ///< how many of them are durable
    std::size_t lost_begin = 0;  ///< what a sync that failed gave up; a power loss leaves zeros
    std::size_t lost_end = 0;
  };
  using Names = std::map<std::string, std::size_t>;  ///< file numbers by path

  Disk() = default;
  Disk(Disk&&) = default;
  Disk& operator=(Disk&&) = default;

  /// What it names has to be there; the file system above has looked.
  void perform(const Operation& operation);

  std::optional<std::size_t> find(const std::string& path) const;
  std::shared_ptr<const File> file(std::size_t number) const { return files_[number]; }
  /// The bytes of a file that is there, to be damaged.
  std::string& content(const std::string& path) { return files_[names_.at(path)]->bytes; }
  const Names& names() const { return names_; }
  bool has_directory(const std::string& path) const { return directories_.contains(path); }

  Disk copy() const;
  /// The disk as the machine finds it when it comes up again; everything on it is durable, but for
  /// kEverything, where nobody looked away. File numbers follow the order of names.
  Disk after_power_loss(ImageKind kind, std::uint64_t seed) const;
  /// Equal for disks of the same names and bytes, durable or not.
  std::uint64_t fingerprint() const;

 private:
  struct NameChange {
    Op op = Op::kNothing;
    std::string path;
    std::string target;
    std::size_t file = 0;
  };
  static void change(Names& names, const NameChange& change);
  void change_names(const NameChange& made);

  std::vector<std::shared_ptr<File>> files_;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> pending_;  ///< made since their directory's last sync, in order
  std::set<std::string> directories_ = {""};
};

}  // namespace muster::test
