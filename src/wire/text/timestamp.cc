#include "wire/text/timestamp.h"

#include <algorithm>
#include <array>

namespace tp::wire {

namespace {

constexpr int64_t kSecondsPerDay = 86400;
constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr char kDayNames[] = "SunMonTueWedThuFriSat";
constexpr char kMonthNames[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> kLongDayNames = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                           "Thursday", "Friday", "Saturday"};

struct Civil {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

/// Days since 1970-01-01 of a date of the Gregorian calendar, counted from March so that leap days come last
/// (Howard Hinnant, "chrono-compatible low-level date algorithms").
int64_t days_from_civil(int year, int month, int day) noexcept {
  year -= month <= 2 ? 1 : 0;
  const int era = year / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<int64_t>(era) * 146097 + day_of_era - 719468;
}

Civil civil_from_seconds(int64_t seconds) noexcept {
  Civil civil;
  const int64_t days = seconds / kSecondsPerDay;
  const int rest = static_cast<int>(seconds % kSecondsPerDay);
  civil.hour = rest / 3600;
  civil.minute = rest / 60 % 60;
  civil.second = rest % 60;
  const auto shifted = static_cast<uint32_t>(days + 719468);
  const uint32_t era = shifted / 146097;
  const uint32_t day_of_era = shifted - era * 146097;
  const uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t shifted_month = (5 * day_of_year + 2) / 153;
  civil.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  civil.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  return civil;
}

bool is_leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/// Nothing unless every part is in range. Second 60 is a leap second, read as the next minute's first.
std::optional<int64_t> seconds_from_civil(const Civil& civil) noexcept {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (civil.year < 1970 || civil.year > 9999 || civil.month < 1 || civil.month > 12 || civil.day < 1) {
    return std::nullopt;
  }
  const int days = kDays[static_cast<size_t>(civil.month - 1)] + (civil.month == 2 && is_leap(civil.year) ? 1 : 0);
  if (civil.day > days || civil.hour > 23 || civil.minute > 59 || civil.second > 60) return std::nullopt;
  const int64_t seconds = days_from_civil(civil.year, civil.month, civil.day) * kSecondsPerDay + civil.hour * 3600 +
                          civil.minute * 60 + civil.second;
  return std::min(seconds, kMaxUnixSeconds);
}

int64_t clamp(int64_t seconds) noexcept { return std::clamp<int64_t>(seconds, 0, kMaxUnixSeconds); }

void put2(char* out, int value) noexcept {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}
void put4(char* out, int value) noexcept {
  put2(out, value / 100);
  put2(out + 2, value % 100);
}

/// Reads a text from left to right; after the first mismatch nothing matches any more.
class TextReader {
 public:
  explicit TextReader(std::string_view text) noexcept : rest_(text) {}

  bool failed() const noexcept { return failed_; }
  bool at_end() const noexcept { return rest_.empty(); }
  bool ended_well() const noexcept { return !failed_ && rest_.empty(); }
  char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

  void expect(std::string_view literal) noexcept {
    if (rest_.starts_with(literal)) {
      rest_.remove_prefix(literal.size());
    } else {
      failed_ = true;
    }
  }
  int digits(size_t count) noexcept {
    if (rest_.size() < count) failed_ = true;
    if (failed_) return 0;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') failed_ = true;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return failed_ ? 0 : value;
  }
  /// Index of the three-letter name that comes next, from 0.
  int name(std::string_view names) noexcept {
    for (size_t i = 0; i < names.size() && rest_.size() >= 3; i += 3) {
      if (rest_.substr(0, 3) == names.substr(i, 3)) {
        rest_.remove_prefix(3);
        return static_cast<int>(i / 3);
      }
    }
    failed_ = true;
    return 0;
  }
  bool skip(std::string_view literal) noexcept {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

void read_clock(TextReader& reader, Civil* civil) noexcept {
  civil->hour = reader.digits(2);
  reader.expect(":");
  civil->minute = reader.digits(2);
  reader.expect(":");
  civil->second = reader.digits(2);
}

/// "Mon, 23 Nov 2026 06:00:00 GMT" or "Monday, 23-Nov-26 06:00:00 GMT", from the comma on.
void read_rfc_date(TextReader& reader, bool short_year, Civil* civil) noexcept {
  const std::string_view separator = short_year ? "-" : " ";
  reader.expect(", ");
  civil->day = reader.digits(2);
  reader.expect(separator);
  civil->month = reader.name(kMonthNames) + 1;
  reader.expect(separator);
  civil->year = reader.digits(short_year ? 2 : 4);
  if (short_year) civil->year += civil->year < 70 ? 2000 : 1900;
  reader.expect(" ");
  read_clock(reader, civil);
  if (!reader.skip(" GMT")) reader.expect(" UTC");
}

/// "Mon Nov 23 06:00:00 2026", from after the weekday on.
void read_asctime(TextReader& reader, Civil* civil) noexcept {
  reader.expect(" ");
  civil->month = reader.name(kMonthNames) + 1;
  reader.expect(" ");
  civil->day = reader.skip(" ") ? reader.digits(1) : reader.digits(2);
  reader.expect(" ");
  read_clock(reader, civil);
  reader.expect(" ");
  civil->year = reader.digits(4);
}

/// The fraction of a second (from its point on, if there is one) in nanoseconds.
int64_t read_fraction(TextReader& reader) noexcept {
  if (!reader.skip(".")) return 0;
  int64_t ns = 0;
  int64_t unit = kNsPerSecond;
  do {
    unit /= 10;
    ns += unit * reader.digits(1);
    if (unit == 0) reader.expect("more than nine decimals");
  } while (!reader.failed() && reader.peek() >= '0' && reader.peek() <= '9');
  return ns;
}

/// "Z" or "+01:00": what must be subtracted, in seconds.
int64_t read_zone(TextReader& reader) noexcept {
  if (reader.skip("Z")) return 0;
  const bool east = reader.peek() == '+';
  if (!reader.skip("+")) reader.expect("-");
  const int hours = reader.digits(2);
  reader.expect(":");
  const int minutes = reader.digits(2);
  if (hours > 14 || minutes > 59) reader.expect("an offset in range");
  return (east ? 1 : -1) * (hours * 3600 + minutes * 60);
}

}  // namespace

void append_http_date(Bytes& out, int64_t unix_seconds) {
  const int64_t seconds = clamp(unix_seconds);
  const Civil civil = civil_from_seconds(seconds);
  char text[] = "Day, 00 Mon 0000 00:00:00 GMT";
  std::copy_n(kDayNames + 3 * ((seconds / kSecondsPerDay + 4) % 7), 3, text);
  put2(text + 5, civil.day);
  std::copy_n(kMonthNames + 3 * (civil.month - 1), 3, text + 8);
  put4(text + 12, civil.year);
  put2(text + 17, civil.hour);
  put2(text + 20, civil.minute);
  put2(text + 23, civil.second);
  out.append(text, sizeof(text) - 1);
}

std::string http_date(int64_t unix_seconds) {
  std::string out;
  append_http_date(out, unix_seconds);
  return out;
}

std::optional<int64_t> parse_http_date(std::string_view text) noexcept {
  Civil civil;
  TextReader reader(text);
  bool long_name = false;
  for (const std::string_view name : kLongDayNames) {
    if (!long_name && reader.skip(name)) long_name = true;
  }
  if (long_name) {
    read_rfc_date(reader, true, &civil);
  } else {
    reader.name(kDayNames);
    if (reader.peek() == ',') {
      read_rfc_date(reader, false, &civil);
    } else {
      read_asctime(reader, &civil);
    }
  }
  if (!reader.ended_well()) return std::nullopt;
  return seconds_from_civil(civil);
}

void append_iso8601(Bytes& out, int64_t unix_ns) {
  const int64_t ns = std::max<int64_t>(unix_ns, 0);  // the largest int64 of nanoseconds is in the year 2262
  const Civil civil = civil_from_seconds(ns / kNsPerSecond);
  const int ms = static_cast<int>(ns % kNsPerSecond / 1'000'000);
  char text[] = "0000-00-00T00:00:00.000Z";
  put4(text, civil.year);
  put2(text + 5, civil.month);
  put2(text + 8, civil.day);
  put2(text + 11, civil.hour);
  put2(text + 14, civil.minute);
  put2(text + 17, civil.second);
  text[20] = static_cast<char>('0' + ms / 100);
  put2(text + 21, ms % 100);
  out.append(text, sizeof(text) - 1);
}

std::string iso8601(int64_t unix_ns) {
  std::string out;
  append_iso8601(out, unix_ns);
  return out;
}

std::optional<int64_t> parse_iso8601(std::string_view text) noexcept {
  Civil civil;
  TextReader reader(text);
  int64_t fraction_ns = 0;
  int64_t offset_seconds = 0;
  civil.year = reader.digits(4);
  reader.expect("-");
  civil.month = reader.digits(2);
  reader.expect("-");
  civil.day = reader.digits(2);
  if (!reader.at_end()) {
    if (!reader.skip("T")) reader.expect(" ");
    read_clock(reader, &civil);
    fraction_ns = read_fraction(reader);
    offset_seconds = read_zone(reader);
  }
  if (!reader.ended_well()) return std::nullopt;
  const std::optional<int64_t> seconds = seconds_from_civil(civil);
  constexpr int64_t kMaxSeconds = INT64_MAX / kNsPerSecond - 1;
  if (!seconds || *seconds < offset_seconds) return std::nullopt;
  // Policies that "never" expire name years that nanoseconds cannot hold: the largest time stands for them.
  if (*seconds - offset_seconds > kMaxSeconds) return INT64_MAX;
  return (*seconds - offset_seconds) * kNsPerSecond + fraction_ns;
}

void append_amz_date(Bytes& out, int64_t unix_seconds) {
  const Civil civil = civil_from_seconds(clamp(unix_seconds));
  char text[] = "00000000T000000Z";
  put4(text, civil.year);
  put2(text + 4, civil.month);
  put2(text + 6, civil.day);
  put2(text + 9, civil.hour);
  put2(text + 11, civil.minute);
  put2(text + 13, civil.second);
  out.append(text, sizeof(text) - 1);
}

std::string amz_date(int64_t unix_seconds) {
  std::string out;
  append_amz_date(out, unix_seconds);
  return out;
}

std::optional<int64_t> parse_amz_date(std::string_view text) noexcept {
  Civil civil;
  TextReader reader(text);
  civil.year = reader.digits(4);
  civil.month = reader.digits(2);
  civil.day = reader.digits(2);
  reader.expect("T");
  civil.hour = reader.digits(2);
  civil.minute = reader.digits(2);
  civil.second = reader.digits(2);
  reader.expect("Z");
  if (!reader.ended_well()) return std::nullopt;
  return seconds_from_civil(civil);
}

}  // namespace tp::wire
