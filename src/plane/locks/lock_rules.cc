#include "plane/locks/lock_rules.h"

#include "plane/reason.h"

namespace tp::plane {

namespace {

using meta::RetentionMode;

constexpr rt::Nanos kDay = 24 * 3600 * rt::kSecond;
constexpr int64_t kDaysPerYear = 365;

bool is_retained(const meta::InodeRecord& record, rt::Nanos now) {
  return record.retention != RetentionMode::kNone && record.retain_until > now;
}

std::unexpected<Error> locked() {
  return fail(Code::kPermissionDenied, Reason::kLocked, "the version is locked");
}

Result<void> check_lock_rules(const meta::LockRules& rules) {
  const auto refuse = [](std::string message) {
    return fail(Code::kInvalidArgument, Reason::kInvalidRetention, std::move(message));
  };
  if (rules.mode == RetentionMode::kNone) {
    if (rules.days == 0 && rules.years == 0) return ok;
    return refuse("Default retention needs a mode.");
  }
  if ((rules.days == 0) == (rules.years == 0)) return refuse("Default retention needs either days or years.");
  if (rules.days > kMaxRetentionDays || rules.years > kMaxRetentionYears) {
    return refuse("Default retention period must be at most 36500 days or 100 years.");
  }
  return ok;
}

}  // namespace

bool is_locked(const meta::InodeRecord& record, rt::Nanos now) {
  return record.legal_hold || is_retained(record, now);
}

Result<void> require_unlocked(const meta::InodeRecord& record, rt::Nanos now, bool bypass_governance) {
  if (record.legal_hold) return locked();
  if (!is_retained(record, now)) return ok;
  if (record.retention == RetentionMode::kGovernance && bypass_governance) return ok;
  return locked();
}

Result<void> require_unlocked_below(const meta::VolumeRecord& volume, const meta::InodeRecord& directory) {
  if (!volume.lock.enabled || directory.live_children == 0) return ok;
  return fail(Code::kPermissionDenied, Reason::kLocked,
              "directories with files in them do not move in a volume with Object Lock");
}

Result<void> check_retention_change(const meta::InodeRecord& record, const Retention& wanted, rt::Nanos now,
                                    bool bypass_governance) {
  if (wanted.mode != RetentionMode::kNone && wanted.until <= now) {
    return fail(Code::kInvalidArgument, Reason::kInvalidRetention, "The retain until date must be in the future!");
  }
  if (!is_retained(record, now)) return ok;
  if (wanted.mode == record.retention && wanted.until >= record.retain_until) return ok;
  if (record.retention == RetentionMode::kGovernance && bypass_governance) return ok;
  return locked();
}

Retention default_retention(const meta::LockRules& rules, rt::Nanos now) {
  if (!rules.enabled || rules.mode == RetentionMode::kNone) return {};
  // At most a hundred years: no overflow before the year 2162.
  const int64_t days = rules.years != 0 ? rules.years * kDaysPerYear : rules.days;
  return {rules.mode, now > INT64_MAX - days * kDay ? INT64_MAX : now + days * kDay};
}

void lock_new_version(const meta::VolumeRecord& volume, const ObjectAttributes& attributes, rt::Nanos now,
                      meta::InodeRecord* record) {
  Retention retention{attributes.retention, attributes.retain_until};
  if (retention.mode == RetentionMode::kNone) retention = default_retention(volume.lock, now);
  record->retention = retention.mode;
  record->retain_until = retention.until;
  record->legal_hold = attributes.legal_hold;
}

void lock_finished_file(const meta::VolumeRecord& volume, rt::Nanos now, meta::InodeRecord* record) {
  const Retention retention = default_retention(volume.lock, now);
  if (record->type != meta::InodeType::kFile || retention.mode == RetentionMode::kNone) return;
  // Made read-only and written through what has it open: not finished yet.
  if (record->size_bytes == 0) return;
  if (is_retained(*record, now)) return;
  record->retention = retention.mode;
  record->retain_until = retention.until;
}

Result<void> apply_lock_change(const VolumeChange& change, meta::VolumeRecord* record) {
  if (change.lock) {
    TP_TRY_VOID(check_lock_rules(*change.lock));
    if (!change.lock->enabled) {
      return fail(Code::kInvalidArgument, Reason::kVersioningState, "Object Lock cannot be disabled.");
    }
    if (record->kind != meta::VolumeKind::kTree || record->versioning != meta::Versioning::kEnabled) {
      return fail(Code::kInvalidArgument, Reason::kVersioningState,
                  "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
    }
    record->lock = *change.lock;
  }
  if (record->lock.enabled && record->versioning != meta::Versioning::kEnabled) {
    return fail(Code::kInvalidArgument, Reason::kVersioningState,
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.");
  }
  return ok;
}

}  // namespace tp::plane
