// Object Lock's rules: what keeps a version as it is, what a new version gets, how retention may change. Pure; times
// are wall clock, nanoseconds. Invariant: compliance mode and legal holds are loosened by nobody before their time.
// Spec: S3 user guide, "Locking objects with Object Lock"; docs/locks.md.
#pragma once

#include "base/result.h"
#include "meta/inode_record.h"
#include "meta/volume_record.h"
#include "plane/object_types.h"
#include "plane/volume.h"

namespace tp::plane {

/// S3's limits of a default retention.
inline constexpr uint32_t kMaxRetentionDays = 36'500;
inline constexpr uint32_t kMaxRetentionYears = 100;

/// Until when something is retained; kNone: not at all.
struct Retention {
  meta::RetentionMode mode = meta::RetentionMode::kNone;
  rt::Nanos until = 0;
};

/// Retention that is not over, or a legal hold.
bool is_locked(const meta::InodeRecord& record, rt::Nanos now);
/// kPermissionDenied with Reason::kLocked while the version may not be removed, nor its bytes, attributes or name
/// changed. `bypass_governance`: the caller asked to bypass governance mode and may (lock_rights.h).
Result<void> require_unlocked(const meta::InodeRecord& record, rt::Nanos now, bool bypass_governance = false);
/// The same of a directory that is about to move: it takes the names of all below it along. No directory of a volume
/// with Object Lock moves while there are files below it.
Result<void> require_unlocked_below(const meta::VolumeRecord& volume, const meta::InodeRecord& directory);

/// Whether the record's retention may become `wanted`: kInvalidArgument with kInvalidRetention (over already),
/// kPermissionDenied with kLocked (shorter, weaker or gone while it counts).
Result<void> check_retention_change(const meta::InodeRecord& record, const Retention& wanted, rt::Nanos now,
                                    bool bypass_governance);

/// What a version made now gets from the volume's rules if nobody says otherwise.
Retention default_retention(const meta::LockRules& rules, rt::Nanos now);
/// What the request says, else the volume's default. `record` is new.
void lock_new_version(const meta::VolumeRecord& volume, const ObjectAttributes& attributes, rt::Nanos now,
                      meta::InodeRecord* record);
/// A file protocol has just taken the last write permission away: from now on the volume's default counts, as if the
/// file had been put. Nothing happens where there is none, to an empty file, or while it is retained already.
void lock_finished_file(const meta::VolumeRecord& volume, rt::Nanos now, meta::InodeRecord* record);

/// The parts of a volume's change that are about versions and locks, `record` being otherwise changed already:
/// kInvalidArgument with kVersioningState (locks need versions, for good) or kInvalidRetention.
Result<void> apply_lock_change(const VolumeChange& change, meta::VolumeRecord* record);

}  // namespace tp::plane
