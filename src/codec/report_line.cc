#include "codec/report_line.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstring>

#include "base/time.h"
#include "base/utf8.h"
#include "codec/ndjson_reader.h"

namespace muster::codec {
namespace {

/// A report of more gives its memory back.
constexpr std::size_t kUsualLabels = 256;

/// Takes what the canonical writer writes from the front of a line.
class LineScanner {
 public:
  LineScanner(const RecordingLimits& limits, std::string_view text)
      : at_(text.data()), end_(text.data() + text.size()), text_max_(limits.string_bytes_max) {}

  bool take(char wanted) {
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  template <std::size_t kBytes>
  bool take(const char (&literal)[kBytes]) {
    if (left() < kBytes - 1 || std::memcmp(at_, literal, kBytes - 1) != 0) return false;
    at_ += kBytes - 1;
    return true;
  }
  /// `"key":`, and the blank that some writers put behind it.
  template <std::size_t kBytes>
  bool take_key(const char (&literal)[kBytes]) {
    if (!take(literal)) return false;
    take(' ');
    return true;
  }
  bool take_comma() {
    if (!take(',')) return false;
    take(' ');
    return true;
  }
  /// A text without escapes, within the limit.
  bool take_text(std::string_view& out);
  bool take_time(Timestamp& out);

  std::string_view rest() const { return {at_, left()}; }
  bool at_end() const { return at_ == end_; }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  const char* find_special(bool& ascii) const;

  const char* at_;
  const char* end_;
  std::size_t text_max_;
};

/// The next quote, backslash or control character; reads into the padding behind the line.
const char* LineScanner::find_special(bool& ascii) const {
  const char* at = at_;
#if defined(__SSE2__)
  static_assert(kLinePadding >= sizeof(__m128i));
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1F);
  int high = 0;
  for (; at < end_; at += sizeof(__m128i)) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const int mask = _mm_movemask_epi8(special);
    high |= _mm_movemask_epi8(bytes);
    if (mask == 0) continue;
    at += std::countr_zero(static_cast<unsigned>(mask));
    break;
  }
  ascii = high == 0;
#else
  ascii = false;
  while (at < end_ && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
#endif
  return at < end_ ? at : end_;
}

bool LineScanner::take_text(std::string_view& out) {
  if (!take('"')) return false;
  bool ascii = true;
  const char* end = find_special(ascii);
  if (end == end_ || *end != '"') return false;
  out = {at_, static_cast<std::size_t>(end - at_)};
  at_ = end + 1;
  return out.size() <= text_max_ && (ascii || base::is_utf8(out));
}

bool LineScanner::take_time(Timestamp& out) {
  std::string_view text;
  if (!take_text(text)) return false;
  const auto time = base::parse_rfc3339(text);
  if (time) out = *time;
  return time.has_value();
}

/// Behind `at` and the comma.
bool scan_profiles(LineScanner& line, ProfilesReported& report, std::string_view& list) {
  std::string_view host;
  if (!line.take_key("\"host_uuid\":") || !line.take_text(host) || !line.take_comma() ||
      !line.take_key("\"detail_updated_at\":") || !line.take_time(report.detail_updated_at) ||
      !line.take_comma() || !line.take_key("\"profiles\":")) {
    return false;
  }
  const std::string_view rest = line.rest();
  if (!rest.starts_with('[') || !rest.ends_with("]}")) return false;
  report.host_uuid = host;
  report.profiles.clear();
  list = rest.substr(0, rest.size() - 1);
  return true;
}

bool scan_labels(const RecordingLimits& limits, LineScanner& line, HostLabelsReported& report,
                 std::string_view& list) {
  std::string_view host;
  if (!line.take_key("\"host_uuid\":") || !line.take_text(host) || !line.take_comma() ||
      !line.take_key("\"labels\":")) {
    return false;
  }
  report.label_updated_at.reset();
  const std::string_view rest = line.rest();
  const std::size_t bracket = rest.find(']');
  if (!rest.starts_with('[') || bracket == std::string_view::npos) return false;
  LineScanner behind(limits, rest.substr(bracket + 1));
  if (behind.take_comma()) {
    if (!behind.take_key("\"label_updated_at\":") ||
        !behind.take_time(report.label_updated_at.emplace())) {
      return false;
    }
  }
  if (!behind.take('}') || !behind.at_end()) return false;
  report.host_uuid = host;
  report.labels.clear();
  // Many short ones take sixteen times their text.
  if (report.labels.capacity() > kUsualLabels) std::vector<std::string>().swap(report.labels);
  list = rest.substr(0, bracket + 1);
  return true;
}

bool read_row(LineScanner& list, std::string_view text, ReportedProfiles& out) {
  std::string_view identifier;
  std::string_view display_name;
  std::string_view date;
  if (!list.take("{") || !list.take_key("\"identifier\":") || !list.take_text(identifier) ||
      !list.take_comma() || !list.take_key("\"display_name\":") || !list.take_text(display_name) ||
      !list.take_comma() || !list.take_key("\"install_date\":") || !list.take_text(date) ||
      !list.take('}')) {
    return false;
  }
  const std::optional<Timestamp> time = base::parse_install_date(date);
  if (time) out.add_of_text(identifier, display_name, *time, text);
  return time.has_value();
}

bool read_list(const RecordingLimits& limits, std::string_view text, ReportedProfiles& out) {
  LineScanner list(limits, text);
  out.set_text(text);
  if (!list.take('[')) return false;
  if (list.take(']')) return list.at_end();
  do {
    if (out.size() == limits.elements_max || !read_row(list, text, out)) return false;
  } while (list.take_comma());
  return list.take(']') && list.at_end();
}

bool read_list(const RecordingLimits& limits, std::string_view text,
               std::vector<std::string>& out) {
  LineScanner list(limits, text);
  if (!list.take('[')) return false;
  if (list.take(']')) return list.at_end();
  do {
    std::string_view label;
    if (out.size() == limits.elements_max || !list.take_text(label)) return false;
    out.emplace_back(label);
  } while (list.take_comma());
  return list.take(']') && list.at_end();
}

/// What the event has of that kind, or a new one: its memory serves again. Hosts send their two
/// reports in turn, so that of the other kind may stand there.
template <typename Report, typename Other>
Report& report_in(Event& event) {
  if (auto* report = std::get_if<Report>(&event.body)) return *report;
  std::string host_uuid;
  if (auto* other = std::get_if<Other>(&event.body)) host_uuid.swap(other->host_uuid);
  Report& report = event.body.emplace<Report>();
  report.host_uuid.swap(host_uuid);
  return report;
}

}  // namespace

bool scan_report(const RecordingLimits& limits, std::string_view text, Event& report,
                 std::string_view& list) {
  LineScanner line(limits, text);
  if (!line.take('{') || !line.take_key("\"type\":")) return false;
  const bool profiles = line.take("\"profiles_reported\"");
  if (!profiles && !line.take("\"host_labels_reported\"")) return false;
  if (!line.take_comma() || !line.take_key("\"at\":") || !line.take_time(report.at) ||
      !line.take_comma()) {
    return false;
  }
  if (profiles) {
    return scan_profiles(line, report_in<ProfilesReported, HostLabelsReported>(report), list);
  }
  return scan_labels(limits, line, report_in<HostLabelsReported, ProfilesReported>(report), list);
}

bool read_report_list(const RecordingLimits& limits, std::string_view list, Event& report) {
  if (auto* profiles = std::get_if<ProfilesReported>(&report.body)) {
    if (read_list(limits, list, profiles->profiles)) return true;
    profiles->profiles.clear();
    return false;
  }
  auto& labels = std::get<HostLabelsReported>(report.body).labels;
  if (read_list(limits, list, labels)) return true;
  labels.clear();
  return false;
}

}  // namespace muster::codec
