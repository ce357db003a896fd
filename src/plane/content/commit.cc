#include "plane/content/commit.h"

#include <algorithm>

#include "plane/content/parts/blob_packer.h"
#include "plane/content/parts/extent_editor.h"
#include "plane/entries/entry_objects.h"
#include "plane/locks/lock_rules.h"
#include "plane/tree/attributes.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/tree_volume.h"
#include "plane/tiers/move_queue.h"
#include "rt/await.h"

namespace tp::plane {
namespace {

/// Of one transaction: it must not hold up the others.
constexpr uint64_t kBatchBytes = 64 << 20;
constexpr size_t kBatchStretches = 1024;

/// What one commit takes out of the overlay.
struct Batch {
  std::vector<Overlay::Run> runs;
  uint64_t last_id = 0;
  rt::Nanos modified = 0, changed = 0;
  uint64_t end() const { return runs.empty() ? 0 : runs.back().end(); }
};

Batch take(FileState& state, uint64_t from, uint64_t to) {
  const std::lock_guard lock(state.mutex);
  Batch batch;
  batch.runs = state.overlay.read(from, to, kBatchBytes, kBatchStretches);
  batch.last_id = state.overlay.last_id();
  batch.modified = state.modified;
  batch.changed = state.changed;
  return batch;
}

void drop(Core& core, FileState& state, uint64_t last_id, uint64_t from = 0, uint64_t to = UINT64_MAX) {
  const std::lock_guard lock(state.mutex);
  const uint64_t before = state.overlay.charge();
  state.overlay.drop(last_id, from, to);
  core.open_files.dirty_bytes -= before - state.overlay.charge();
}

/// The bytes of a small file: the old ones with the batch over them.
Bytes merged(const FileContent& base, const Batch& batch) {
  Bytes data(base.small);
  data.resize(std::max<uint64_t>(data.size(), batch.end()));
  for (const Overlay::Run& run : batch.runs) data.replace(run.offset, run.data.bytes.size(), run.data.bytes);
  return data;
}

/// Small data that becomes extents is written with the batch.
void add_small(const FileContent& base, Batch& batch) {
  Overlay whole;
  whole.write(0, Payload{base.small, nullptr});
  for (const Overlay::Run& run : batch.runs) whole.write(run.offset, run.data);
  batch.runs = whole.read(0, UINT64_MAX);
}

struct Change {
  Core& core;
  FileId file;
  const FileContent& base;
  const Batch& batch;
  const BlobPacker* packed = nullptr;  // null: `small`
  Bytes small;

  Result<void> apply(meta::Txn& txn) const {
    TP_TRY(const VolumeEntryPtr volume, volume_of(core, file.volume));
    TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
    TP_TRY(meta::InodeRecord record, names.inode(file.inode));
    // It was locked after these bytes were taken.
    TP_TRY_VOID(require_unlocked(record, txn.wall_now()));
    const bool from_small = record.place != meta::DataPlace::kExtents;
    const bool same = record.place == base.record.place && record.changed == base.record.changed;
    // What was gathered from small data must still be all of it.
    if (from_small != (base.record.place != meta::DataPlace::kExtents) || (from_small && !same)) {
      return fail(Code::kConflict, "the file has changed");
    }
    ExtentEditor editor(names, file.inode, record);
    if (packed == nullptr) {
      TP_TRY_VOID(editor.put_small(small));
    } else {
      if (from_small) editor.drop_small();
      TP_TRY_VOID(editor.put_new(packed->blobs(), packed->extents()));
    }
    editor.end();
    touch(record, batch.changed);
    if (batch.modified != 0) record.modified = batch.modified;
    queue_new(names, file.inode, record);
    TP_TRY_VOID(names.update(file.inode, record));
    return names.finish();
  }
};

Task<void> commit_batch(Core& core, FileStatePtr state, FileContentPtr base, Batch* batch, uint64_t coming_size) {
  Change change{core, state->file, *base, *batch};
  auto apply = [&change](meta::Txn& txn) { return change.apply(txn); };
  const bool in_extents = base->record.place == meta::DataPlace::kExtents;
  const uint64_t size = std::max({base->record.size_bytes, batch->end(), coming_size});
  if (!in_extents && size <= kSmallDataBytes) {
    change.small = merged(*base, *batch);
    co_return co_await core.change(std::move(apply));
  }
  if (!in_extents) add_small(*base, *batch);
  uint64_t total = 0;
  for (const Overlay::Run& run : batch->runs) total += run.data.bytes.size();
  BlobPacker packer(core, total);
  for (const Overlay::Run& run : batch->runs) TP_CO_TRY_VOID(co_await packer.add(run.offset, run.data.bytes));
  TP_CO_TRY_VOID(co_await packer.finish());
  change.packed = &packer;
  auto result = co_await core.change(std::move(apply));
  // If the change may have been applied, the blobs may be referred to: the next start knows.
  if (result || result.error().applied != Applied::kNo) packer.keep();
  co_return result;
}

bool hopeless(const Error& error) {
  return error.applied == Applied::kNo && (error.code == Code::kNotFound || error.code == Code::kTooLarge ||
                                           error.reason == static_cast<uint16_t>(Reason::kQuota) ||
                                           error.reason == static_cast<uint16_t>(Reason::kLocked));
}

/// Commits the first of what is in [from, to); returns where to go on: `to` if that was all.
Task<uint64_t> commit_first(Core& core, FileStatePtr state, uint64_t from, uint64_t to, uint64_t coming_size) {
  for (int attempt = 1;; ++attempt) {
    Batch batch = take(*state, from, to);
    const uint64_t end = batch.runs.empty() ? to : batch.end();
    auto base = co_await load_content(core, state);
    Result<void> done = ok;
    if (!base) {
      done = std::unexpected(std::move(base.error()));
    } else {
      const bool spill = coming_size > kSmallDataBytes && (*base)->record.place == meta::DataPlace::kSmall;
      if (batch.runs.empty() && !spill) co_return end;
      done = co_await commit_batch(core, state, *base, &batch, coming_size);
    }
    if (done) {
      drop(core, *state, batch.last_id, from, end);
      co_return end;
    }
    if (done.error().code == Code::kConflict && attempt < kAttempts) continue;
    if (hopeless(done.error()) && batch.last_id != 0) {
      drop(core, *state, batch.last_id);
      core.open_files.losses.fetch_add(1);
    }
    co_return std::unexpected(std::move(done.error()));
  }
}

Task<void> commit_now_behind(Core* core, FileStatePtr state) {
  // The loop that takes the bytes in has enough to do: another copies them, makes their checksums and writes them.
  rt::Loop& home = rt::Loop::current();
  rt::Runtime& runtime = core->runtime;
  co_await rt::resume_on(runtime.loop((home.index() + 1) % runtime.loop_count()));
  // What fails stays in memory, for the client's own commit to be told.
  (void)co_await commit_file(*core, state, 0);
  co_await rt::resume_on(home);
  const std::lock_guard lock(state->mutex);
  state->committing_behind = false;
  co_return ok;
}

}  // namespace

Task<void> commit_file(Core& core, FileStatePtr state, uint64_t coming_size_bytes) {
  {
    const std::lock_guard lock(state->mutex);
    if (state->overlay.empty() && coming_size_bytes <= kSmallDataBytes) co_return ok;
  }
  const auto exclusive = co_await state->committing.lock();
  uint64_t end = 0;
  {
    // What is written from here on is for the next commit, or this would never end.
    const std::lock_guard lock(state->mutex);
    end = state->overlay.end();
  }
  const uint64_t coming = std::max(coming_size_bytes, end);
  uint64_t at = 0;
  do {
    TP_CO_TRY(at, co_await commit_first(core, state, at, end, coming));
  } while (at < end);
  co_return ok;
}

void commit_behind(Core& core, FileStatePtr state) {
  {
    const std::lock_guard lock(state->mutex);
    if (std::exchange(state->committing_behind, true)) return;
  }
  core.clean_up(commit_now_behind(&core, std::move(state)));
}

Task<void> FilesImpl::flush(FileId file, uint64_t coming_size_bytes) {
  co_return co_await commit_file(core_, core_.open_files.state(file), coming_size_bytes);
}

Task<FileChange> FilesImpl::commit(FileId file) {
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, file.volume));
  if (is_cache(*volume)) {
    TP_CO_TRY(const FileAttributes found, co_await entries_.attributes(volume, file.inode));
    co_return FileChange{found, found};
  }
  const FileStatePtr state = core_.open_files.state(file);
  FileChange change;
  TP_CO_TRY(FileContentPtr content, co_await load_content(core_, state));
  change.before = attributes_of(core_, *volume, file.inode, content->record);
  TP_CO_TRY_VOID(co_await commit_file(core_, state, 0));
  TP_CO_TRY(content, co_await load_content(core_, state));
  change.after = attributes_of(core_, *volume, file.inode, content->record);
  co_return change;
}

uint64_t FilesImpl::write_verifier() const {
  return core_.meta.start_number() << 32 | core_.open_files.losses.load();
}

}  // namespace tp::plane
