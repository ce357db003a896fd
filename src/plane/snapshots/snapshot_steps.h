// The steps that the operations on snapshots share: who may, records, and what a volume's changes have to keep.
#pragma once

#include "meta/snapshot_record.h"
#include "plane/caller.h"
#include "plane/core/core.h"

namespace tp::plane {

inline constexpr size_t kMaxSnapshotNameBytes = 128;
/// Of one volume, with those being deleted: an operation may look at all their records.
inline constexpr size_t kMaxSnapshots = 4096;

/// The volume, for its owner or root: no action of S3 stands for its snapshots. kInvalidArgument for a snapshot or a
/// cache volume, which have none.
Result<VolumeEntryPtr> find_for_snapshots(Core& core, const Caller& caller, std::string_view volume);
/// kInvalidArgument unless it is 1 to 128 letters, digits, '-', '_', '.', and does not begin with '.'.
Result<void> check_snapshot_name(std::string_view name);
std::unexpected<Error> no_such_snapshot(std::string_view name);

/// All records of the volume, those being deleted too, oldest first.
Result<std::vector<meta::SnapshotRecord>> load_snapshots(meta::RecordSource& source, VolumeId volume);
/// kNotFound with Reason::kNoSuchSnapshot, also if it is being deleted.
Result<meta::SnapshotRecord> load_snapshot(meta::RecordSource& source, VolumeId volume, std::string_view name);

/// The record is so from now on, or goes; with what the volume's changes have to keep then.
Result<void> write_snapshot(Core& core, meta::Txn& txn, const meta::SnapshotRecord& record);
Result<void> erase_snapshot(Core& core, meta::Txn& txn, const meta::SnapshotRecord& record);

void journal_snapshot(meta::Txn& txn, meta::ChangeKind kind, const meta::SnapshotRecord& record);

}  // namespace tp::plane
