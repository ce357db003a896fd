#include "plane/snapshots/freeing/free_snapshot.h"

#include <algorithm>

#include "plane/snapshots/freeing/kept_records.h"
#include "plane/snapshots/snapshot_steps.h"

namespace tp::plane {
namespace {

/// Entries of a transaction: others wait while it runs.
constexpr size_t kEntriesAtOnce = 64;

/// The newest snapshot before `at` that stays; zero if there is none.
Result<Epoch> next_older(meta::Txn& txn, const meta::SnapshotRecord& marked) {
  TP_TRY(const auto all, load_snapshots(txn, marked.volume));
  Epoch older;
  for (const meta::SnapshotRecord& record : all) {
    if (record.at < marked.at && !record.deleting) older = record.at;
  }
  return older;
}

/// Entries freed; 0: the index was empty, and the record is gone.
Result<uint64_t> free_batch(Core& core, meta::Txn& txn, const meta::SnapshotRecord& marked, const VolumeEntry& volume) {
  TP_TRY(Namespace names, Namespace::open(core, txn, volume));
  KeptRecords records(names, volume);
  TP_TRY(const auto entries, records.of_epoch(marked.at, kEntriesAtOnce));
  TP_TRY(const Epoch older, next_older(txn, marked));
  for (const meta::KeptKey& kept : entries) {
    TP_TRY(const bool whole, records.release(kept, marked.at, older));
    if (!whole) break;  // an inode of many extents has filled the transaction
  }
  TP_TRY_VOID(names.finish());
  if (entries.empty()) TP_TRY_VOID(erase_snapshot(core, txn, marked));
  return entries.size();
}

Task<void> free_next(Core* core, meta::SnapshotRecord marked) {
  const VolumeEntryPtr volume = core->volumes.find_id(marked.volume);
  if (volume == nullptr) co_return fail(Code::kCorruption, "a snapshot without its volume");
  auto body = [core, &marked, &volume](meta::Txn& txn) { return free_batch(*core, txn, marked, *volume); };
  TP_CO_TRY(const uint64_t freed, co_await core->change(std::move(body)));
  core->history_freed.fetch_add(freed);
  co_return ok;
}

}  // namespace

Task<bool> free_one_batch(Core& core, const StillRead& still_read) {
  for (const meta::SnapshotRecord& marked : core.volumes.marked()) {
    if (still_read && still_read(marked.at.value)) continue;
    TP_CO_TRY_VOID(co_await free_next(&core, marked));
    co_return true;
  }
  co_return false;
}

Task<void> free_marked_snapshots(Core& core, VolumeId volume) {
  while (true) {
    const auto marked = core.volumes.marked(volume);
    if (marked.empty()) co_return ok;
    TP_CO_TRY_VOID(co_await free_next(&core, marked.front()));
  }
}

}  // namespace tp::plane
