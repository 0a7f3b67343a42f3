#include "replay/chunk_decoder.h"

#include <algorithm>
#include <utility>

#include "codec/report_line.h"

namespace muster::recording {
namespace {

constexpr std::string_view kAdvice =
    ". Replay a whole copy of the file, or take what is left of this one (--skip-damaged)";

/// Memory for so many is on its way at a time.
constexpr std::size_t kAskedTogether = 64;

bool is_entry(std::string_view line, std::size_t line_bytes_max) {
  return line.size() > line_bytes_max || line.find_first_not_of(" \t\r") != std::string_view::npos;
}

/// Calls `visit(line, open)` for each line; `open` is one without a line feed.
template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::size_t feed = text.find('\n');
    const bool open = feed == std::string_view::npos;
    visit(text.substr(0, feed), open);
    text.remove_prefix(open ? text.size() : feed + 1);
  }
}

std::string_view without_return(std::string_view line) {
  return line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
}

std::uint64_t entries_of(const Piece& piece) {
  return piece.lost + piece.frame.events - piece.repeated;
}

/// Events of longer lines give their memory back, and so do those that few chunks have.
constexpr std::uint64_t kUsualLineBytes = 16U << 10;
constexpr std::size_t kUsualEvents = 1024;

/// The event behind the first `count`, which it counts.
RecordedEvent& next_event(std::vector<RecordedEvent>& events, std::size_t& count) {
  if (count == events.size()) events.emplace_back();
  RecordedEvent& recorded = events[count++];
  if (recorded.bytes > kUsualLineBytes) recorded = {};
  recorded.event.text = {};
  recorded.origin.reset();
  recorded.cut = false;
  return recorded;
}

/// Command uuids of a pass that was taken from another recording are those that it made there.
void seed_from_origin(codec::FrameEntry& entry) {
  auto* pass = std::get_if<Reconciled>(&entry.event.body);
  if (pass == nullptr || pass->commands || pass->uuid_seed || !entry.origin) return;
  pass->uuid_seed = UuidSeed{entry.origin->source, entry.origin->number};
}

}  // namespace

std::uint64_t count_entries(const Chunk& chunk, std::size_t line_bytes_max) {
  std::uint64_t count = chunk.long_line_bytes > 0 ? 1 : 0;
  if (chunk.pieces.empty()) {
    for_each_line(chunk.bytes.text(), [&](std::string_view line, bool) {
      count += is_entry(line, line_bytes_max) ? 1 : 0;
    });
  }
  for (const Piece& piece : chunk.pieces) count += entries_of(piece);
  return count;
}

ChunkDecoder::ChunkDecoder(std::string name, const RecordingOptions& options)
    : name_(std::move(name)), options_(options), lines_(options.limits), frames_(options.limits) {}

Decoded ChunkDecoder::decode(Chunk chunk, std::vector<RecordedEvent> used) {
  Decoded out;
  out.last = chunk.last;
  out.end = chunk.end;
  out.stored_bytes_read = chunk.stored_bytes_read;
  if (options_.skip_damaged && chunk.end_is_damage) {
    out.damage.emplace_back(out.end.message());
    out.end = {};
  }
  if (chunk.pieces.empty()) {
    decode_lines(chunk, std::move(used), out);
    return out;
  }
  used.clear();
  out.events = std::move(used);
  std::uint64_t skip = chunk.skip;
  for (const Piece& piece : chunk.pieces) {
    const std::uint64_t entries = entries_of(piece);
    const std::uint64_t passed = std::min(skip, entries);
    skip -= passed;
    if (passed > 0 && passed == entries) continue;
    if (piece.damage.empty() ? !decode_frame(chunk, piece, passed, out)
                             : !pass_damage(piece, passed, out)) {
      break;
    }
  }
  return out;
}

void ChunkDecoder::decode_lines(Chunk& chunk, std::vector<RecordedEvent> used, Decoded& out) {
  const std::size_t size = chunk.bytes.size();
  chunk.bytes.append(codec::kLinePadding, '\0');
  const auto bytes = std::make_shared<const TextBuffer>(std::move(chunk.bytes));
  const std::string_view text = bytes->text().substr(0, size);
  chunk_ = bytes;
  std::uint64_t skip = chunk.skip;
  std::uint64_t& number = out.entries;
  std::size_t count = 0;
  out.events = std::move(used);
  if (out.events.size() > kUsualEvents) out.events.resize(kUsualEvents);
  for_each_line(text, [&](std::string_view line, bool open) {
    ++out.lines;
    const std::size_t line_bytes = line.size() + (open ? 0 : 1);
    if (!is_entry(line, options_.limits.line_bytes_max)) return;
    ++number;
    if (skip > 0 && skip-- > 0) return;
    RecordedEvent& recorded = next_event(out.events, count);
    recorded.number = number;
    recorded.line = out.lines;
    recorded.bytes = line_bytes;
    recorded.offset = chunk.offset + static_cast<std::size_t>(line.data() - text.data());
    if (!put_off(line, count - 1, out)) parse_line(line, open, recorded);
  });
  read_put_off(out);
  out.events.resize(count);
  chunk_.reset();
  if (chunk.long_line_bytes == 0) return;
  ++out.lines;
  ++number;
  if (skip == 0) {
    RecordedEvent& recorded = out.events.emplace_back();
    recorded.number = number;
    recorded.line = out.lines;
    recorded.bytes = chunk.long_line_bytes;
    recorded.offset = chunk.offset;
    recorded.event = long_line();
  }
}

void ChunkDecoder::parse_line(std::string_view line, bool open, RecordedEvent& out) {
  if (line.size() > options_.limits.line_bytes_max) {
    out.event = long_line();
    return;
  }
  out.event = lines_.parse_padded(without_return(line));
  auto* unreadable = std::get_if<Unreadable>(&out.event.body);
  if (unreadable != nullptr && open && lines_.was_broken()) {
    out.cut = true;
    unreadable->reason.insert(0, "the last line is cut: ");
  }
}

/// Of a report of the usual form, all but the list is read for now.
bool ChunkDecoder::put_off(std::string_view line, std::size_t index, Decoded& out) {
  if (!options_.find_known || line.size() > options_.limits.line_bytes_max) return false;
  PutOff report{index, without_return(line), {}};
  if (!codec::scan_report(options_.limits, report.line, out.events[index].event, report.list)) {
    return false;
  }
  put_off_.push_back(report);
  if (put_off_.size() == kAskedTogether) read_put_off(out);
  return true;
}

void ChunkDecoder::read_put_off(Decoded& out) {
  if (put_off_.empty()) return;
  unread_.clear();
  for (const PutOff& report : put_off_) {
    unread_.push_back({&out.events[report.index].event, report.list, false});
  }
  options_.find_known(unread_);
  for (std::size_t i = 0; i < put_off_.size(); ++i) {
    Event& event = *unread_[i].report;
    if (unread_[i].known) {
      event.text.line = put_off_[i].line;
      event.text.owner = chunk_;
    } else if (!codec::read_report_list(options_.limits, put_off_[i].list, event)) {
      event = lines_.parse_padded(put_off_[i].line);
    }
  }
  put_off_.clear();
}

Event ChunkDecoder::long_line() const {
  return {{},
          Unreadable{"the line is longer than the limit of " +
                     std::to_string(options_.limits.line_bytes_max) + " bytes"}};
}

bool ChunkDecoder::decode_frame(const Chunk& chunk, const Piece& piece, std::uint64_t skip,
                                Decoded& out) {
  codec::FrameView frame = piece.frame;
  frame.payload = chunk.bytes.text().substr(piece.payload_at, frame.bytes - codec::kFrameHeadBytes);
  Result<std::vector<codec::FrameEntry>> entries = frames_.decode_events(frame);
  const std::uint64_t bytes = frame.expanded_bytes / frame.events;
  skip += piece.repeated;
  if (!entries.ok()) {
    Piece damage;
    damage.first_lost = frame.first_event + piece.repeated;
    damage.lost = frame.events - piece.repeated;
    damage.damage = events_text(damage.first_lost, damage.lost) + ": " +
                    std::string(entries.status().message());
    damage.code = entries.status().code();
    return pass_damage(damage, skip - piece.repeated, out);
  }
  for (std::uint64_t index = skip; index < frame.events; ++index) {
    codec::FrameEntry& entry = (*entries)[index];
    seed_from_origin(entry);
    out.events.push_back(
        {frame.first_event + index, 0, bytes, 0, std::move(entry.event), std::move(entry.origin)});
  }
  return true;
}

/// False where reading ends.
bool ChunkDecoder::pass_damage(const Piece& piece, std::uint64_t skip, Decoded& out) {
  if (!options_.skip_damaged) {
    out.last = true;
    out.end = Status(piece.code, name_ + ": " + piece.damage + std::string(kAdvice));
    return false;
  }
  if (!piece.known) out.damage.push_back(name_ + ": " + piece.damage);
  for (std::uint64_t index = skip; index < piece.lost; ++index) {
    out.events.push_back(
        {piece.first_lost + index, 0, 0, 0, {{}, Unreadable{"lost: " + piece.damage}}, {}});
  }
  return true;
}

}  // namespace muster::recording
