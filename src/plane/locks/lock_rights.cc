#include "plane/locks/lock_rights.h"

#include "plane/reason.h"

namespace tp::plane {

bool may_bypass(const Caller& caller, const VolumeEntry& volume, std::string_view key, bool asked) {
  return asked && may_on_object(caller, volume, Action::kBypassGovernanceRetention, key, nullptr);
}

Result<void> require_removable(const Caller& caller, const VolumeEntry& volume, std::string_view key,
                               const meta::InodeRecord& record, rt::Nanos now, bool asked) {
  if (!is_locked(record, now)) return ok;
  return require_unlocked(record, now, may_bypass(caller, volume, key, asked));
}

Result<void> check_new_lock(const Caller& caller, const VolumeEntry& volume, std::string_view key,
                            const ObjectAttributes& attributes, rt::Nanos now) {
  const bool retention = attributes.retention != meta::RetentionMode::kNone;
  if (!retention && !attributes.legal_hold) return ok;
  if (!volume.lock.enabled) {
    return fail(Code::kInvalidArgument, Reason::kLockNotEnabled, "the volume has no Object Lock");
  }
  if (retention) {
    TP_TRY_VOID(require_on_object(caller, volume, Action::kPutObjectRetention, key, nullptr));
    if (attributes.retain_until <= now) {
      return fail(Code::kInvalidArgument, Reason::kInvalidRetention, "The retain until date must be in the future!");
    }
  }
  if (attributes.legal_hold) {
    TP_TRY_VOID(require_on_object(caller, volume, Action::kPutObjectLegalHold, key, nullptr));
  }
  return ok;
}

}  // namespace tp::plane
