// Keeps what the store takes as segments of one binary recording (docs/recording.md): its id is the
// store's, an event's number is the event's sequence. A segment is a file of its own that is named
// by its first event and written by one opening of the store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/recording_frame.h"
#include "muster/options.h"
#include "muster/recording.h"
#include "muster/status.h"
#include "store/notes.h"

namespace rocksdb {
class Env;
class FileLock;
class WritableFile;
}  // namespace rocksdb

namespace muster::store {

class Recorder {
 public:
  struct Options {
    RecorderOptions recorder;  ///< with a directory
    std::string store_id;
    bool sync = true;
    rocksdb::Env* env = nullptr;
    std::function<Status()> sync_store;  ///< makes durable what was committed; from write()
    std::shared_ptr<const Notes> notes;
  };
  /// A whole frame behind the store's last event, as the recorder found it.
  struct Tail {
    std::uint64_t first_event = 0;
    std::vector<codec::FrameEntry> entries;
  };
  using Apply = std::function<Status(const Tail&)>;

  /// Locks the directory, so that one store alone records there, and cuts a torn tail off the last
  /// segment; the file as it was stays as ".NAME.torn". Events behind `sequence` are cut off, too,
  /// or given to `apply`, frame by frame, as the options say. kEventsLost: others are missing
  /// before them. kCorruption: they stand behind damage, or in a file that is not the one of its
  /// name. Nothing was changed then.
  static Result<std::unique_ptr<Recorder>> open(Options options, Sequence sequence,
                                                const Apply& apply);
  ~Recorder();

  /// The segments in a directory, in order; none where there is no such directory.
  static Result<std::vector<std::filesystem::path>> segments_in(
      rocksdb::Env& env, const std::filesystem::path& directory);

  /// Whether there are any, all of this store. kInvalidArgument: of another one.
  static Result<bool> holds_segments(rocksdb::Env& env, const std::filesystem::path& directory,
                                     const std::string& store_id);

  /// Where a segment is no sequence of whole frames.
  struct Damage {
    std::uint64_t at = 0;
    std::uint64_t file_bytes = 0;
    bool is_cut = false;       ///< the file ends before the frame does: it grows, or a crash cut it
    bool is_followed = false;  ///< by whole frames
    friend bool operator==(const Damage&, const Damage&) = default;
  };
  static Result<std::optional<Damage>> find_damage(rocksdb::Env& env,
                                                   const std::filesystem::path& segment);

  /// What a segment is called, and the first event of one that is called so.
  static std::string segment_name(std::uint64_t first_event);
  static std::optional<std::uint64_t> first_event_of(std::string_view name);

  /// Why the event could not be written, or not be read again.
  static std::optional<std::string> find_obstacle(const Event& event);
  /// Notes an event of the group in hand. Times do not go back in a recording: `at` is at least
  /// last_time().
  void add(Sequence sequence, Event event, std::optional<EventOrigin> origin);
  /// Nothing of the group in hand was taken.
  void forget() { group_.clear(); }
  /// Writes what was added. To be called before the group is committed.
  Status write();
  /// Gives the directory free, too. Before the database closes: it owns the environment.
  Status close();

  Timestamp last_time() const { return last_time_; }
  /// The last event in the segments as they were found; 0: there was none.
  std::uint64_t recorded_through() const { return recorded_through_; }
  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  explicit Recorder(Options options);

  struct Segment {
    std::uint64_t first_event = 0;
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    Timestamp last_time;
  };
  struct Contents;

  Status lock();
  Status list_segments();
  Status sync_own_name() const;
  Status sync_names(const std::filesystem::path& directory) const;
  Result<Contents> read(const Segment& segment, Sequence behind);
  Status recover(Sequence sequence, const Apply& apply);
  Status check_history(std::size_t from, Sequence sequence);
  Status take(Segment& segment, Sequence& held, const Apply& apply);
  Status keep(Segment& segment, const Contents& contents, Sequence sequence);
  Status keep_torn(const Segment& segment, const Contents& contents, Sequence sequence) const;
  Status cut(const Segment& segment, std::uint64_t bytes);
  Status begin_segment(std::uint64_t first_event, Timestamp first_time);
  Status end_segment();
  Result<Timestamp> last_time_of(Segment& segment);
  Result<bool> is_too_old();
  Status drop_old_segments();
  Status encode(std::span<const codec::FrameEntry> entries, std::uint64_t first_event);

  const Options options_;
  rocksdb::FileLock* lock_ = nullptr;
  bool made_directory_ = false;
  codec::FrameEncoder encoder_;
  std::vector<Segment> segments_;  ///< by first event; the last one is written while file_ is open
  std::unique_ptr<rocksdb::WritableFile> file_;
  Timestamp segment_began_;
  std::vector<codec::FrameEntry> group_;
  std::uint64_t group_first_ = 0;
  std::string bytes_;  ///< reused
  Timestamp last_time_{INT64_MIN};
  std::uint64_t recorded_through_ = 0;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace muster::store
