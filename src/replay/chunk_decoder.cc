#include "replay/chunk_decoder.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "codec/report_line.h"

namespace muster::recording {
namespace {

constexpr std::string_view kAdvice =
    ". Replay a whole copy of the file, or take what is left of this one (--skip-damaged)";

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

std::uint64_t entries_of(const Piece& piece) {
  return piece.lost + piece.frame.events - piece.repeated;
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
    for_each_line(chunk.bytes, [&](std::string_view line, bool) {
      count += is_entry(line, line_bytes_max) ? 1 : 0;
    });
  }
  for (const Piece& piece : chunk.pieces) count += entries_of(piece);
  return count;
}

ChunkDecoder::ChunkDecoder(std::string name, const RecordingOptions& options)
    : name_(std::move(name)), options_(options), lines_(options.limits), frames_(options.limits) {}

Decoded ChunkDecoder::decode(Chunk chunk) {
  Decoded out;
  out.last = chunk.last;
  out.end = chunk.end;
  out.stored_bytes_read = chunk.stored_bytes_read;
  if (options_.skip_damaged && chunk.end_is_damage) {
    out.damage.emplace_back(out.end.message());
    out.end = {};
  }
  if (chunk.pieces.empty()) {
    decode_lines(chunk, out);
    return out;
  }
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

void ChunkDecoder::decode_lines(Chunk& chunk, Decoded& out) {
  const std::size_t size = chunk.bytes.size();
  chunk.bytes.append(codec::kLinePadding, '\0');
  const auto bytes = std::make_shared<const std::string>(std::move(chunk.bytes));
  chunk_ = bytes;
  std::uint64_t skip = chunk.skip;
  std::uint64_t& number = out.entries;
  for_each_line(std::string_view(*bytes).substr(0, size), [&](std::string_view line, bool open) {
    ++out.lines;
    const std::size_t line_bytes = line.size() + (open ? 0 : 1);
    if (!is_entry(line, options_.limits.line_bytes_max)) return;
    ++number;
    if (skip > 0 && skip-- > 0) return;
    out.events.push_back({number, out.lines, line_bytes, parse_line(line, open), {}});
  });
  chunk_.reset();
  if (chunk.long_line_bytes == 0) return;
  ++out.lines;
  ++number;
  if (skip == 0) {
    out.events.push_back({number, out.lines, chunk.long_line_bytes, long_line(), {}});
  }
}

Event ChunkDecoder::parse_line(std::string_view line, bool open) {
  if (line.size() > options_.limits.line_bytes_max) return long_line();
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (options_.is_known) {
    if (std::optional<Event> report = read_report(line)) return *std::move(report);
  }
  Event event = lines_.parse_padded(line);
  auto* unreadable = std::get_if<Unreadable>(&event.body);
  if (unreadable != nullptr && open && lines_.was_broken()) {
    unreadable->reason.insert(0, "the last line is cut: ");
  }
  return event;
}

/// A report of the usual form, its list unparsed where that is known already.
std::optional<Event> ChunkDecoder::read_report(std::string_view line) {
  std::optional<codec::ReportLine> report = codec::scan_report(options_.limits, line);
  if (!report) return std::nullopt;
  report->event.text.list = base::hash128(report->list);
  if (options_.is_known(report->event)) {
    report->event.text.line = line;
    report->event.text.owner = chunk_;
  } else if (!codec::read_report_list(options_.limits, *report)) {
    return std::nullopt;
  }
  return std::move(report->event);
}

Event ChunkDecoder::long_line() const {
  return {{},
          Unreadable{"the line is longer than the limit of " +
                     std::to_string(options_.limits.line_bytes_max) + " bytes"}};
}

bool ChunkDecoder::decode_frame(const Chunk& chunk, const Piece& piece, std::uint64_t skip,
                                Decoded& out) {
  codec::FrameView frame = piece.frame;
  frame.payload =
      std::string_view(chunk.bytes).substr(piece.payload_at, frame.bytes - codec::kFrameHeadBytes);
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
        {frame.first_event + index, 0, bytes, std::move(entry.event), std::move(entry.origin)});
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
        {piece.first_lost + index, 0, 0, {{}, Unreadable{"lost: " + piece.damage}}, {}});
  }
  return true;
}

}  // namespace muster::recording
