#include "plane/snapshots/schedule/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace tp::plane {
namespace {

constexpr uint64_t kHour = 60, kDay = 24 * kHour, kWeek = 7 * kDay;
constexpr uint64_t kMaxPeriodMinutes = 366 * kDay;
constexpr rt::Nanos kMinute = 60 * rt::kSecond;
/// 1970-01-05 was the first Monday.
constexpr uint64_t kFirstMonday = 4 * kDay;

struct NamedPeriod {
  std::string_view word, id, name;
  uint64_t minutes;
};
constexpr std::array<NamedPeriod, 4> kNamedPeriods = {{{"hourly", "1h", "hourly", kHour},
                                                       {"daily", "1d", "daily", kDay},
                                                       {"weekly", "1w", "weekly", kWeek},
                                                       {"monthly", "1mo", "monthly", 0}}};

std::unexpected<Error> bad(std::string_view rule, const std::string& why) {
  return fail(Code::kInvalidArgument, "schedule rule \"" + std::string(rule) + "\": " + why);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    const size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::optional<uint64_t> number(std::string_view digits) {
  uint64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// The largest unit that says the period exactly: "90m" stays, "120m" is "2h".
std::string id_of(uint64_t minutes) {
  if (minutes % kWeek == 0) return std::to_string(minutes / kWeek) + "w";
  if (minutes % kDay == 0) return std::to_string(minutes / kDay) + "d";
  if (minutes % kHour == 0) return std::to_string(minutes / kHour) + "h";
  return std::to_string(minutes) + "m";
}

/// "15m", "1h", "2d", "1w", "1mo".
Result<ScheduleRule> parse_period(std::string_view rule, std::string_view text) {
  ScheduleRule parsed;
  if (text == "1mo") {
    parsed.id = "1mo";
    return parsed;
  }
  const auto count = text.empty() ? std::nullopt : number(text.substr(0, text.size() - 1));
  uint64_t unit = 0;
  switch (text.empty() ? '\0' : text.back()) {
    case 'm':
      unit = 1;
      break;
    case 'h':
      unit = kHour;
      break;
    case 'd':
      unit = kDay;
      break;
    case 'w':
      unit = kWeek;
      break;
    default:
      break;
  }
  if (!count || unit == 0) return bad(rule, "a period is a number with m, h, d or w, such as 1h, or 1mo");
  if (*count == 0 || *count > kMaxPeriodMinutes / unit) return bad(rule, "a period is from 1m to 366d");
  parsed.period_minutes = *count * unit;
  parsed.id = id_of(parsed.period_minutes);
  return parsed;
}

Result<ScheduleRule> parse_rule(std::string_view text) {
  std::vector<std::string_view> words = words_of(text);
  ScheduleRule rule;
  if (words.size() >= 2 && words.front() == "every") {
    TP_TRY(rule, parse_period(text, words[1]));
    words.erase(words.begin(), words.begin() + 2);
  } else if (!words.empty()) {
    const auto named = std::ranges::find(kNamedPeriods, words.front(), &NamedPeriod::word);
    if (named == kNamedPeriods.end()) return bad(text, "begins with every, hourly, daily, weekly or monthly");
    rule.id = named->id;
    rule.period_minutes = named->minutes;
    words.erase(words.begin());
  }
  if (words.size() != 2 || words.front() != "keep") return bad(text, "wanted: PERIOD keep NUMBER");
  const auto keep = number(words[1]);
  if (!keep || *keep == 0 || *keep > kMaxKeep) return bad(text, "keeps from 1 to " + std::to_string(kMaxKeep));
  rule.keep = *keep;
  return rule;
}

}  // namespace

Result<Schedule> parse_schedule(std::string_view text) {
  Schedule schedule;
  if (text.size() > kMaxScheduleBytes) return fail(Code::kInvalidArgument, "the schedule is too long");
  if (trim(text).empty()) return schedule;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view part = trim(text.substr(at, comma - at));
    TP_TRY(ScheduleRule rule, parse_rule(part));
    if (std::ranges::find(schedule.rules, rule.id, &ScheduleRule::id) != schedule.rules.end()) {
      return bad(part, "there is another rule of the same period");
    }
    schedule.rules.push_back(std::move(rule));
    if (schedule.rules.size() > kMaxScheduleRules)
      return fail(Code::kInvalidArgument, "the schedule has too many rules");
    at = comma + 1;
  }
  return schedule;
}

rt::Nanos period_start(const ScheduleRule& rule, rt::Nanos wall) {
  wall = std::max<rt::Nanos>(wall, 0);
  if (rule.period_minutes == 0) {
    const auto day = std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(wall)));
    const std::chrono::year_month_day date(day);
    const std::chrono::sys_days first(date.year() / date.month() / 1);
    return std::chrono::nanoseconds(first.time_since_epoch()).count();
  }
  const auto minutes = static_cast<uint64_t>(wall / kMinute);
  const uint64_t shift = rule.period_minutes % kWeek == 0 ? kFirstMonday : 0;
  if (minutes < shift) return 0;
  return static_cast<rt::Nanos>(minutes - (minutes - shift) % rule.period_minutes) * kMinute;
}

std::string scheduled_name(const ScheduleRule& rule, rt::Nanos period_start) {
  const auto named = std::ranges::find(kNamedPeriods, std::string_view(rule.id), &NamedPeriod::id);
  std::string name = named == kNamedPeriods.end() ? "every-" + rule.id : std::string(named->name);
  const std::chrono::sys_time<std::chrono::nanoseconds> at{std::chrono::nanoseconds(period_start)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(at - day).count();
  const auto two = [](auto value) {
    const std::string digits = std::to_string(value);
    return digits.size() < 2 ? "0" + digits : digits;
  };
  return name + "-" + std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) +
         "-" + two(static_cast<unsigned>(date.day())) + "T" + two(minutes / 60) + "-" + two(minutes % 60);
}

bool is_due(const ScheduleRule& rule, const std::vector<meta::SnapshotRecord>& snapshots, rt::Nanos wall) {
  const rt::Nanos start = period_start(rule, wall);
  // One from the future says that the clock was set back: nothing is due until it has caught up.
  return std::ranges::none_of(snapshots, [&](const meta::SnapshotRecord& snapshot) {
    return snapshot.schedule == rule.id && snapshot.created >= start;
  });
}

std::vector<meta::SnapshotRecord> outlived(const ScheduleRule& rule,
                                           const std::vector<meta::SnapshotRecord>& snapshots) {
  std::vector<meta::SnapshotRecord> made;
  for (const meta::SnapshotRecord& snapshot : snapshots) {
    if (snapshot.schedule == rule.id) made.push_back(snapshot);
  }
  made.resize(made.size() - std::min(made.size(), rule.keep));
  std::erase_if(made, [](const meta::SnapshotRecord& snapshot) { return snapshot.clones != 0; });
  return made;
}

}  // namespace tp::plane
