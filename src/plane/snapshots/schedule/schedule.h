// Schedule: when snapshots are taken by themselves and how many are kept: "every 1h keep 24, daily keep 7, weekly keep
// 4". Pure: what is due is said from the times given. Spec: docs/snapshots.md, schedules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "meta/snapshot_record.h"

namespace tp::plane {

struct ScheduleRule {
  std::string id;               // of its period: "15m", "1h", "1d", "1w", "1mo": SnapshotRecord::schedule
  uint64_t period_minutes = 0;  // 0: a calendar month
  size_t keep = 0;
  friend bool operator==(const ScheduleRule&, const ScheduleRule&) = default;
};

struct Schedule {
  std::vector<ScheduleRule> rules;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

inline constexpr size_t kMaxScheduleBytes = 1024, kMaxScheduleRules = 16, kMaxKeep = 1000;

/// "" is no rule. kInvalidArgument says what is wrong.
Result<Schedule> parse_schedule(std::string_view text);

/// The start of the period of the rule that holds `wall`: periods count from the beginning of days (UTC), weeks from
/// Mondays.
rt::Nanos period_start(const ScheduleRule& rule, rt::Nanos wall);
/// "hourly-2026-11-23T17-00".
std::string scheduled_name(const ScheduleRule& rule, rt::Nanos period_start);

/// Whether the rule has made no snapshot since its period began. `snapshots`: of the volume, oldest first.
bool is_due(const ScheduleRule& rule, const std::vector<meta::SnapshotRecord>& snapshots, rt::Nanos wall);
/// Those of the rule that are more than it keeps, oldest first; not those that clones began as.
std::vector<meta::SnapshotRecord> outlived(const ScheduleRule& rule,
                                           const std::vector<meta::SnapshotRecord>& snapshots);

}  // namespace tp::plane
