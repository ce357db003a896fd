#include "plane/content/resize.h"
#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/rights/posix_owner.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/inodes/inode_change.h"
#include "plane/tree/permissions.h"

namespace tp::plane {
namespace {

constexpr int kAttempts = 8;
constexpr uint32_t kWriteBits = 0222;

/// Whoever takes the last write permission of a file away has finished it: the volume's default retention begins.
bool may_finish(const meta::VolumeRecord& volume, const SetAttributes& set) {
  return volume.lock.mode != meta::RetentionMode::kNone && set.mode && (*set.mode & kWriteBits) == 0;
}

Result<void> check_size(const meta::InodeRecord& record, uint64_t size_bytes) {
  if (record.type == meta::InodeType::kDirectory) {
    return fail(Code::kInvalidArgument, Reason::kIsDirectory, "a directory has no size to set");
  }
  if (record.type != meta::InodeType::kFile) {
    return fail(Code::kInvalidArgument, Reason::kNotFile, "it is not a regular file");
  }
  if (size_bytes > kMaxFileBytes) return fail(Code::kTooLarge, Reason::kFileTooLarge, "the file would be too large");
  return ok;
}

/// One change of attributes, inside its transaction.
struct Setting {
  Core& core;
  const FileCaller& caller;
  const SetAttributes& set;
  AccessCheck check;

  Result<void> apply(Namespace& names, const FileAttributes& before, meta::InodeRecord& record) const {
    TP_TRY(FileOwnership own, changed_ownership(caller, before, set));
    TP_TRY_VOID(require_times(caller, before, set));
    const rt::Nanos now = names.txn().wall_now();
    if (set.size_bytes) {
      TP_TRY_VOID(check_size(record, *set.size_bytes));
      TP_TRY_VOID(require_bytes(caller, before, kMayWrite, check));
      TP_TRY_VOID(resize(names, before.file.inode, record, *set.size_bytes));
      record.modified = now;
      if (!set.mode) own.mode = mode_after_write(caller, own.mode);
    }
    TP_TRY_VOID(set_ownership(names, before, own, record));
    if (set.modified_now) record.modified = now;
    if (set.modified) record.modified = *set.modified;
    if (set.accessed_now) record.accessed = now;
    if (set.accessed) record.accessed = *set.accessed;
    const bool writable = (before.mode & kWriteBits) != 0;
    if (writable && may_finish(names.volume(), set)) lock_finished_file(names.volume(), now, &record);
    return ok;
  }

  /// A file that S3 made and that gets any of them gets all: from now on they are its own.
  Result<void> set_ownership(Namespace& names, const FileAttributes& before, const FileOwnership& own,
                             meta::InodeRecord& record) const {
    const bool same = own.mode == before.mode && own.uid == before.uid && own.gid == before.gid;
    if (same && !set.mode && !set.uid && !set.gid) return ok;
    TP_TRY_VOID(keep_directory(names, before.file.inode, record));
    record.posix = true;
    record.mode = own.mode;
    record.uid = own.uid;
    record.gid = own.gid;
    if (own.uid != before.uid) record.owner = s3_owner_of(core, names.volume(), own.uid);
    return ok;
  }
};

Result<void> check_guard(const FileAttributes& file, std::optional<rt::Nanos> guard) {
  if (!guard || *guard == file.changed) return ok;
  return fail(Code::kPreconditionFailed, Reason::kNotSynchronized, "the file has changed");
}

}  // namespace

Task<FileChange> FilesImpl::set_attributes(FileCaller caller, FileId file, SetAttributes set,
                                           std::optional<rt::Nanos> guard, AccessCheck check) {
  if (set.empty()) {
    TP_CO_TRY(const FileAttributes now, co_await attributes(file));
    TP_CO_TRY_VOID(check_guard(now, guard));
    co_return FileChange{now, now};
  }
  const Setting setting{core_, caller, set, check};
  const VolumeEntryPtr volume = core_.volumes.find_id(file.volume);
  const bool finishes = volume != nullptr && may_finish(*volume, set);
  const bool about_bytes = set.size_bytes || set.modified || set.modified_now || finishes;
  for (int attempt = 1;; ++attempt) {
    // Writes that came before must not undo what is set now.
    if (set.size_bytes || (about_bytes && core_.open_files.live(file))) {
      TP_CO_TRY(const FileAttributes now, co_await attributes(file));
      TP_CO_TRY_VOID(check_guard(now, guard));
      // Before anything is done for someone who may not.
      if (set.size_bytes) TP_CO_TRY_VOID(require_bytes(caller, now, kMayWrite, check));
      if (set.size_bytes.value_or(0) > kMaxFileBytes) {
        co_return fail(Code::kTooLarge, Reason::kFileTooLarge, "the file would be too large");
      }
      TP_CO_TRY_VOID(co_await flush(file, set.size_bytes.value_or(0)));
      guard.reset();
    }
    auto edit = [&](Namespace& names, const FileAttributes& before, meta::InodeRecord& record) -> Result<void> {
      TP_TRY_VOID(check_guard(before, guard));
      return setting.apply(names, before, record);
    };
    auto changed = co_await change_inode(core_, file, std::move(edit));
    // Small data that would outgrow its place: written meanwhile, so flushed again.
    if (changed || changed.error().code != Code::kConflict || attempt == kAttempts) co_return changed;
  }
}

}  // namespace tp::plane
