#include "replay/decode_queue.h"

#include <system_error>
#include <utility>

#include "base/contract.h"

namespace muster::recording {
namespace {

constexpr std::size_t kSlotsPerWorker = 2;
constexpr std::size_t kBytesWaitingMax = 64U << 20;

}  // namespace

DecodeQueue::DecodeQueue(std::unique_ptr<ChunkCutter> cutter, std::string name,
                         const RecordingOptions& options)
    : cutter_(std::move(cutter)), name_(std::move(name)), options_(options) {}

DecodeQueue::~DecodeQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  room_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void DecodeQueue::put_back(Chunk chunk) {
  MUSTER_ASSERT(!first_ && workers_.empty());
  first_ = std::move(chunk);
}

Decoded DecodeQueue::take(std::vector<RecordedEvent> used) {
  if (workers_.empty() && !decoder_) start();
  if (workers_.empty()) {
    return decoder_->decode(first_ ? *std::exchange(first_, {}) : cutter_->cut(), std::move(used));
  }
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return !slots_.empty() && slots_.front().done; });
  Decoded decoded = std::move(slots_.front().decoded);
  bytes_waiting_ -= slots_.front().bytes;
  slots_.pop_front();
  used_.push_back(std::move(used));
  room_.notify_one();
  return decoded;
}

void DecodeQueue::start() {
  try {
    for (unsigned count = 0; options_.threads > 1 && count < options_.threads; ++count) {
      workers_.emplace_back([this] { work(); });
    }
  } catch (const std::system_error&) {
    // As many as the system gives; with none, the caller decodes.
  }
  if (workers_.empty()) decoder_.emplace(name_, options_);
}

void DecodeQueue::work() {
  ChunkDecoder decoder(name_, options_);
  Chunk chunk;
  std::vector<RecordedEvent> used;
  while (Slot* slot = next_slot(chunk, used)) {
    Decoded decoded = decoder.decode(std::move(chunk), std::move(used));
    const std::lock_guard lock(mutex_);
    slot->decoded = std::move(decoded);
    slot->done = true;
    done_.notify_one();
  }
}

/// Cuts a chunk and takes its place in the order; null where there is no more to do.
DecodeQueue::Slot* DecodeQueue::next_slot(Chunk& chunk, std::vector<RecordedEvent>& used) {
  const std::lock_guard cutting(cut_mutex_);
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return stopped_ || at_end_ || has_room(); });
    if (stopped_ || at_end_) return nullptr;
  }
  chunk = first_ ? *std::exchange(first_, {}) : cutter_->cut();
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_.emplace_back();
  slot.bytes = chunk.expanded_bytes;
  bytes_waiting_ += slot.bytes;
  at_end_ = chunk.last;
  if (!used_.empty()) {
    used = std::move(used_.back());
    used_.pop_back();
  }
  return &slot;
}

bool DecodeQueue::has_room() const {
  return slots_.size() < kSlotsPerWorker * options_.threads &&
         (slots_.empty() || bytes_waiting_ < kBytesWaitingMax);
}

}  // namespace muster::recording
