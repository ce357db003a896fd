#include <algorithm>

#include "meta/keys.h"
#include "plane/content/commit.h"
#include "plane/content/parts/file_content.h"
#include "plane/reason.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {
namespace {

struct Creation {
  std::vector<VolumeEntryPtr> volumes;
  std::string name, schedule;
};

/// What was written to the volume's files and is not committed yet: all of it at once, then waited for.
Task<void> commit_files(Core* core, VolumeId volume) {
  const std::vector<FileStatePtr> dirty = core->open_files.dirty(volume);
  for (const FileStatePtr& state : dirty) commit_behind(*core, state);
  for (const FileStatePtr& state : dirty) {
    auto committed = co_await commit_file(*core, state, 0);
    // A file that is gone, or over its quota, has lost these bytes: its writers are told, the snapshot is not theirs.
    if (!committed && core->meta.read_only()) co_return std::unexpected(std::move(committed).error());
  }
  co_return ok;
}

Result<meta::SnapshotRecord> create_one(Core& core, meta::Txn& txn, const VolumeEntry& volume,
                                        const Creation& creation) {
  TP_TRY(const auto value, txn.get(kv::Space::kMeta, meta::counters_key(volume.id)));
  if (!value) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no volume " + volume.name);
  TP_TRY(const auto others, load_snapshots(txn, volume.id));
  if (others.size() >= kMaxSnapshots) {
    return fail(Code::kBusy, volume.name + " has " + std::to_string(others.size()) + " snapshots: delete some");
  }
  const auto same = [&](const meta::SnapshotRecord& other) { return !other.deleting && other.name == creation.name; };
  if (std::ranges::any_of(others, same)) {
    return fail(Code::kAlreadyExists, Reason::kSnapshotExists,
                volume.name + " has a snapshot " + creation.name + " already");
  }
  meta::SnapshotRecord record;
  record.volume = volume.id;
  record.at = Epoch(txn.new_inode_id().value);
  record.name = creation.name;
  record.created = txn.wall_now();
  record.schedule = creation.schedule;
  TP_TRY(record.counters, meta::decode_counters(*value));
  return record;
}

using Infos = std::vector<SnapshotInfo>;

Result<Infos> create_all(Core& core, meta::Txn& txn, const Creation& creation) {
  Infos made;
  for (const VolumeEntryPtr& volume : creation.volumes) {
    TP_TRY(meta::SnapshotRecord record, create_one(core, txn, *volume, creation));
    made.push_back({volume->name, std::move(record)});
  }
  const uint64_t set = made.size() > 1 ? made.front().record.at.value : 0;
  for (SnapshotInfo& info : made) {
    info.record.set = set;
    TP_TRY_VOID(write_snapshot(core, txn, info.record));
    journal_snapshot(txn, meta::ChangeKind::kSnapshotCreated, info.record);
  }
  return made;
}

}  // namespace

Task<std::vector<SnapshotInfo>> SnapshotsImpl::create(Caller caller, std::vector<std::string> volumes, std::string name,
                                                      std::string schedule) {
  TP_CO_TRY_VOID(check_snapshot_name(name));
  if (volumes.empty()) co_return fail(Code::kInvalidArgument, "name a volume");
  std::ranges::sort(volumes);
  const auto twice = std::ranges::unique(volumes);
  volumes.erase(twice.begin(), twice.end());
  Creation creation;
  creation.name = std::move(name);
  creation.schedule = std::move(schedule);
  for (const std::string& volume : volumes) {
    TP_CO_TRY(VolumeEntryPtr found, find_for_snapshots(core_, caller, volume));
    creation.volumes.push_back(std::move(found));
  }
  for (const VolumeEntryPtr& volume : creation.volumes) TP_CO_TRY_VOID(co_await commit_files(&core_, volume->id));
  auto body = [this, &creation](meta::Txn& txn) { return create_all(core_, txn, creation); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
