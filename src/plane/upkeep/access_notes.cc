#include "plane/upkeep/access_notes.h"

#include <algorithm>

#include "plane/core/namespace.h"

namespace tp::plane {

namespace {
constexpr size_t kFilesATransaction = 256;
}

void AccessNotes::want(std::set<VolumeId> volumes) {
  const std::lock_guard lock(mutex_);
  wanted_.store(!volumes.empty(), std::memory_order_relaxed);
  volumes_ = std::move(volumes);
}

void AccessNotes::remember(VolumeId volume, InodeId inode) {
  const std::lock_guard lock(mutex_);
  if (count_ >= kMost || !volumes_.contains(volume)) return;
  if (noted_[volume].insert(inode).second) ++count_;
}

std::map<VolumeId, std::vector<InodeId>> AccessNotes::take() {
  const std::lock_guard lock(mutex_);
  std::map<VolumeId, std::vector<InodeId>> taken;
  for (const auto& [volume, inodes] : noted_) taken[volume].assign(inodes.begin(), inodes.end());
  noted_.clear();
  count_ = 0;
  return taken;
}

Task<void> write_accesses(Core& core) {
  std::set<VolumeId> wanted;
  core.volumes.walk("", [&wanted](const VolumeEntryPtr& volume) {
    if (!volume->lifecycle.empty()) wanted.insert(volume->id);
    return true;
  });
  core.accesses.want(std::move(wanted));
  const auto noted = core.accesses.take();
  for (const auto& [volume_id, inodes] : noted) {
    const VolumeEntryPtr volume = core.volumes.find_id(volume_id);
    if (volume == nullptr) continue;
    for (size_t begin = 0; begin < inodes.size(); begin += kFilesATransaction) {
      const size_t end = std::min(inodes.size(), begin + kFilesATransaction);
      auto body = [&](meta::Txn& txn) -> Result<void> {
        TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
        for (size_t i = begin; i < end; ++i) {
          auto record = names.inode(inodes[i]);
          if (!record && record.error().code == Code::kNotFound) continue;
          if (!record) return std::unexpected(std::move(record).error());
          record->accessed = std::max(record->accessed, txn.wall_now());
          TP_TRY_VOID(names.update_places(inodes[i], *record));
        }
        return names.finish();
      };
      auto written = co_await core.change(std::move(body));
      if (!written && written.error().code != Code::kNotFound) co_return std::unexpected(std::move(written).error());
    }
  }
  co_return ok;
}

}  // namespace tp::plane
