// Chunks are cut and decoded by worker threads and taken in order by the caller.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "replay/chunk.h"
#include "replay/chunk_decoder.h"

namespace muster::recording {

/// What is cut and not yet taken is bounded in number and bytes. With one thread nothing runs
/// beside the caller.
class DecodeQueue {
 public:
  DecodeQueue(std::unique_ptr<ChunkCutter> cutter, std::string name,
              const RecordingOptions& options);
  DecodeQueue(const DecodeQueue&) = delete;
  DecodeQueue& operator=(const DecodeQueue&) = delete;
  ~DecodeQueue();

  /// Puts a chunk that was cut before in front. Only before the first take().
  void put_back(Chunk chunk);
  /// Cuts the next chunk without decoding it. Only before the first take().
  Chunk cut() { return cutter_->cut(); }

  /// What the next chunk holds; not to be called behind the last one. `used` are events that nobody
  /// needs any more.
  Decoded take(std::vector<RecordedEvent> used);

 private:
  struct Slot {
    std::size_t bytes = 0;
    bool done = false;
    Decoded decoded;
  };

  void start();
  void work();
  Slot* next_slot(Chunk& chunk, std::vector<RecordedEvent>& used);
  bool has_room() const;

  std::unique_ptr<ChunkCutter> cutter_;
  std::string name_;
  RecordingOptions options_;
  std::optional<Chunk> first_;  ///< put back
  std::optional<ChunkDecoder> decoder_;
  std::vector<std::thread> workers_;

  std::mutex cut_mutex_;  ///< before mutex_
  std::mutex mutex_;      ///< for what follows
  std::condition_variable room_;
  std::condition_variable done_;
  std::deque<Slot> slots_;  ///< in order; references stay valid at both ends
  std::vector<std::vector<RecordedEvent>> used_;
  std::size_t bytes_waiting_ = 0;
  bool stopped_ = false;
  bool at_end_ = false;
};

}  // namespace muster::recording
