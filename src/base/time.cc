#include "base/time.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace muster::base {
namespace {

constexpr std::int64_t kSecondsPerMinute = 60;
constexpr std::int64_t kSecondsPerHour = 60 * kSecondsPerMinute;
constexpr std::int64_t kSecondsPerDay = 24 * kSecondsPerHour;
constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z

struct Date {
  std::int64_t year;
  int month;
  int day;
};

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  const std::int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

std::int64_t micros_in_second(Timestamp time) {
  const std::int64_t remainder = time.micros % kMicrosPerSecond;
  return remainder < 0 ? remainder + kMicrosPerSecond : remainder;
}

// Both conversions count in years that begin in March, so that a leap day is the last of its year,
// and in eras of 400 years, which all have the same number of days.
std::int64_t days_from_date(const Date& date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t march_month = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * march_month + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

Date date_from_days(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_divide(shifted, 146'097);
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  const int month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int days_in_month(std::int64_t year, int month) {
  if (month == 2) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return leap ? 29 : 28;
  }
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Takes characters from the front of a text. Once something does not fit, ok() stays false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool at_digit() const { return peek() >= '0' && peek() <= '9'; }

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t index = 0; index < count; ++index) {
      if (!at_digit()) {
        ok_ = false;
        return 0;
      }
      value = value * 10 + (take() - '0');
    }
    return value;
  }

  void expect(std::string_view any_of) {
    if (at_end() || any_of.find(peek()) == std::string_view::npos) {
      ok_ = false;
    } else {
      take();
    }
  }

  bool take_if(std::string_view any_of) {
    if (at_end() || any_of.find(peek()) == std::string_view::npos) return false;
    take();
    return true;
  }

  char take() {
    const char first = peek();
    if (!rest_.empty()) rest_.remove_prefix(1);
    return first;
  }

  std::string_view rest() const { return rest_; }
  void skip(std::size_t count) { rest_.remove_prefix(count); }
  void fail() { ok_ = false; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

/// Nothing where there is no such time.
std::optional<std::int64_t> seconds_of(const Date& date, int hour, int minute, int second) {
  if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > days_in_month(date.year, date.month) || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  return days_from_date(date) * kSecondsPerDay + hour * kSecondsPerHour +
         minute * kSecondsPerMinute + second;
}

/// Of 1 to 9 digits; those after the sixth are cut.
std::optional<std::int64_t> micros_of(std::string_view fraction) {
  if (fraction.empty() || fraction.size() > 9) return std::nullopt;
  std::int64_t micros = 0;
  std::int64_t unit = kMicrosPerSecond / 10;
  for (const char c : fraction) {
    if (c < '0' || c > '9') return std::nullopt;
    micros += (c - '0') * unit;
    unit /= 10;
  }
  return micros;
}

/// `YYYY-MM-DDTHH:MM:SSZ`, with a fraction or without, as nearly every time comes. Nothing: a time
/// in another form, or none.
std::optional<Timestamp> parse_usual_time(std::string_view text) {
  constexpr std::size_t kWholeSeconds = 19;
  if (text.size() <= kWholeSeconds || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
      text[13] != ':' || text[16] != ':' || text.back() != 'Z') {
    return std::nullopt;
  }
  std::int64_t micros = 0;
  if (text.size() > kWholeSeconds + 1) {
    if (text[kWholeSeconds] != '.') return std::nullopt;
    const auto fraction =
        micros_of(text.substr(kWholeSeconds + 1, text.size() - kWholeSeconds - 2));
    if (!fraction) return std::nullopt;
    micros = *fraction;
  }
  bool all_digits = true;
  const auto two_digits = [&](std::size_t at) {
    const auto tens = static_cast<unsigned>(static_cast<unsigned char>(text[at])) - '0';
    const auto ones = static_cast<unsigned>(static_cast<unsigned char>(text[at + 1])) - '0';
    all_digits &= (tens <= 9) & (ones <= 9);
    return static_cast<int>(tens * 10 + ones);
  };
  const int century = two_digits(0);
  const Date date{century * 100 + two_digits(2), two_digits(5), two_digits(8)};
  const int hour = two_digits(11);
  const int minute = two_digits(14);
  const int second = two_digits(17);
  if (!all_digits) return std::nullopt;
  const std::optional<std::int64_t> seconds = seconds_of(date, hour, minute, second);
  if (!seconds) return std::nullopt;
  return Timestamp{*seconds * kMicrosPerSecond + micros};
}

std::int64_t scan_date_and_clock(Scanner& scanner) {
  Date date{};
  date.year = scanner.digits(4);
  scanner.expect("-");
  date.month = scanner.digits(2);
  scanner.expect("-");
  date.day = scanner.digits(2);
  scanner.expect("Tt ");
  const int hour = scanner.digits(2);
  scanner.expect(":");
  const int minute = scanner.digits(2);
  scanner.expect(":");
  const int second = scanner.digits(2);
  const std::optional<std::int64_t> seconds =
      scanner.ok() ? seconds_of(date, hour, minute, second) : std::nullopt;
  if (!seconds) scanner.fail();
  return seconds.value_or(0);
}

std::int64_t scan_fraction(Scanner& scanner) {
  if (!scanner.take_if(".")) return 0;
  const std::string_view rest = scanner.rest();
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const auto micros = micros_of(rest.substr(0, digits));
  if (!micros) scanner.fail();
  scanner.skip(digits);
  return micros.value_or(0);
}

std::int64_t scan_offset(Scanner& scanner) {
  if (scanner.take_if("Zz")) return 0;
  const std::int64_t sign = scanner.peek() == '-' ? -1 : 1;
  scanner.expect("+-");
  const int hours = scanner.digits(2);
  scanner.take_if(":");
  const int minutes = scanner.digits(2);
  if (hours > 23 || minutes > 59) scanner.fail();
  return sign * (hours * kSecondsPerHour + minutes * kSecondsPerMinute);
}

std::optional<Timestamp> parse_time(std::string_view text, bool space_before_offset) {
  if (const std::optional<Timestamp> usual = parse_usual_time(text)) return usual;
  Scanner scanner(text);
  std::int64_t seconds = scan_date_and_clock(scanner);
  const std::int64_t micros = scan_fraction(scanner);
  if (space_before_offset && scanner.take_if(" ") && scanner.peek() != '+' &&
      scanner.peek() != '-') {
    return std::nullopt;
  }
  seconds -= scan_offset(scanner);
  if (!scanner.ok() || !scanner.at_end()) return std::nullopt;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return Timestamp{seconds * kMicrosPerSecond + micros};
}

void append_digits(std::string& out, std::int64_t value, int width) {
  const std::string text = std::to_string(value);
  for (int length = static_cast<int>(text.size()); length < width; ++length) out.push_back('0');
  out += text;
}

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  return parse_time(text, false);
}

std::optional<Timestamp> parse_install_date(std::string_view text) {
  return parse_time(text, true);
}

Timestamp round_to_seconds(Timestamp time) {
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / kMicrosPerSecond;
  std::int64_t seconds = floor_divide(time.micros, kMicrosPerSecond);
  if (micros_in_second(time) >= kMicrosPerSecond / 2) ++seconds;
  return {std::clamp(seconds, -kSecondsMax, kSecondsMax) * kMicrosPerSecond};
}

void append_time(std::string& out, Timestamp time) {
  const std::int64_t seconds = floor_divide(time.micros, kMicrosPerSecond);
  std::int64_t micros = micros_in_second(time);
  const std::int64_t days = floor_divide(seconds, kSecondsPerDay);
  const std::int64_t second_of_day = seconds - days * kSecondsPerDay;
  const Date date = date_from_days(days);
  if (date.year < 0) out.push_back('-');
  append_digits(out, date.year < 0 ? -date.year : date.year, 4);
  out.push_back('-');
  append_digits(out, date.month, 2);
  out.push_back('-');
  append_digits(out, date.day, 2);
  out.push_back('T');
  append_digits(out, second_of_day / kSecondsPerHour, 2);
  out.push_back(':');
  append_digits(out, second_of_day / kSecondsPerMinute % 60, 2);
  out.push_back(':');
  append_digits(out, second_of_day % 60, 2);
  if (micros != 0) {
    int width = 6;
    for (; micros % 10 == 0; micros /= 10) --width;
    out.push_back('.');
    append_digits(out, micros, width);
  }
  out.push_back('Z');
}

}  // namespace muster::base
