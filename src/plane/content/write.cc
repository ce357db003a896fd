#include <algorithm>

#include "plane/content/commit.h"
#include "plane/locks/lock_rules.h"
#include "plane/rights/posix_owner.h"
#include "plane/tree/attributes.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/inodes/inode_change.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"
#include "plane/versions/superseded.h"

namespace tp::plane {
namespace {

/// A file that has gathered as much is committed while its writer goes on.
constexpr uint64_t kBehindBytes = 16 << 20;
constexpr int kPressureRounds = 64;

/// Waits until there is room in memory: by committing the file that holds the most.
Task<void> wait_for_room(Core& core, uint64_t size_bytes) {
  const uint64_t limit = core.options.file_write_bytes;
  for (int round = 0; round < kPressureRounds; ++round) {
    if (core.open_files.dirty_bytes.load() + size_bytes <= limit) co_return ok;
    const FileStatePtr worst = core.open_files.dirtiest();
    if (worst == nullptr) co_return ok;
    auto committed = co_await commit_file(core, worst, 0);
    if (!committed && core.open_files.dirty_bytes.load() + size_bytes > limit) {
      co_return fail(committed.error().code == Code::kNoSpace ? Code::kNoSpace : Code::kBusy,
                     "the memory for written bytes is full: " + committed.error().message);
    }
  }
  co_return fail(Code::kBusy, "the memory for written bytes is full");
}

/// Takes setuid and setgid away where a write of the caller must.
Task<void> strip_lent_rights(Core& core, FileCaller caller, FileId file, const FileAttributes& found) {
  if (mode_after_write(caller, found.mode) == found.mode) co_return ok;
  auto edit = [caller](Namespace&, const FileAttributes& before, meta::InodeRecord& record) -> Result<void> {
    record.posix = true;
    record.uid = before.uid;
    record.gid = before.gid;
    record.mode = mode_after_write(caller, before.mode);
    return ok;
  };
  TP_CO_TRY_VOID(co_await change_inode(core, file, std::move(edit)));
  co_return ok;
}

}  // namespace

Task<WriteResult> FilesImpl::write(FileCaller caller, FileId file, uint64_t offset, Payload data, Stability stability,
                                   AccessCheck check) {
  TP_CO_TRY(const VolumeEntryPtr volume, writable_volume(core_, file.volume));
  if (offset > kMaxFileBytes || data.bytes.size() > kMaxFileBytes - offset) {
    co_return fail(Code::kTooLarge, Reason::kFileTooLarge, "the file would be too large");
  }
  const FileStatePtr state = core_.open_files.state(file);
  TP_CO_TRY(FileContentPtr content, co_await load_content(core_, state));
  WriteResult result;
  result.file.before = attributes_of(core_, *volume, file.inode, content->record);
  TP_CO_TRY_VOID(require_bytes(caller, result.file.before, kMayWrite, check));
  TP_CO_TRY_VOID(require_current(content->record));
  TP_CO_TRY_VOID(require_unlocked(content->record, core_.runtime.clock().wall_now()));
  TP_CO_TRY_VOID(co_await strip_lent_rights(core_, caller, file, result.file.before));
  if (data.bytes.empty()) {
    result.file.after = result.file.before;
    result.stability = stability;
    co_return result;
  }
  TP_CO_TRY_VOID(co_await wait_for_room(core_, data.bytes.size()));
  TP_CO_TRY(content, co_await load_content(core_, state));
  std::optional<OpenFiles::Live> live;
  uint64_t gathered = 0;
  {
    const rt::Nanos now = core_.runtime.clock().wall_now();
    const std::lock_guard lock(state->mutex);
    if (state->gone) co_return fail(Code::kNotFound, Reason::kStale, "the file is gone");
    result.file.before = attributes_of(core_, *volume, file.inode, content->record, live_of(*state));
    const uint64_t before = state->overlay.charge();
    state->overlay.write(offset, std::move(data));
    core_.open_files.dirty_bytes += state->overlay.charge() - before;
    state->modified = now;
    state->changed = std::max(now, result.file.before.changed + 1);
    live = live_of(*state);
    gathered = state->overlay.charge();
  }
  result.file.after = attributes_of(core_, *volume, file.inode, content->record, live);
  if (stability == Stability::kUnstable) {
    if (gathered >= kBehindBytes) commit_behind(core_, state);
    co_return result;
  }
  TP_CO_TRY_VOID(co_await commit_file(core_, state, 0));
  // `after` is as of this write, which may be less than what the commit took along: no need to read the file again.
  result.stability = Stability::kFileSync;
  co_return result;
}

}  // namespace tp::plane
