#include "plane/content/open_files.h"

#include <algorithm>

#include "plane/content/layout.h"

namespace tp::plane {

OpenFiles::File& OpenFiles::file(InodeId inode) {
  if (const auto found = files_.find(inode.value); found != files_.end()) return found->second;
  if (files_.size() >= kFileLimit) {
    std::erase_if(files_, [](const auto& entry) { return !entry.second.busy(); });
  }
  File& made = files_[inode.value];
  made.version = ++versions_;
  return made;
}

const OpenFiles::File* OpenFiles::find(InodeId inode) const {
  const auto found = files_.find(inode.value);
  return found == files_.end() ? nullptr : &found->second;
}

std::optional<OpenFiles::Live> OpenFiles::live(InodeId inode) const {
  if (dirty_bytes() == 0) return std::nullopt;
  std::lock_guard lock(mutex_);
  const File* file = find(inode);
  if (file == nullptr || file->overlay.empty()) return std::nullopt;
  return Live{file->overlay.end(), file->overlay.size_bytes(), file->modified, file->changed};
}

void OpenFiles::outdate(InodeId inode) {
  std::lock_guard lock(mutex_);
  const auto found = files_.find(inode.value);
  if (found == files_.end()) return;
  found->second.version = ++versions_;
  found->second.layout.reset();
}

void OpenFiles::forget(InodeId inode) {
  std::lock_guard lock(mutex_);
  const auto found = files_.find(inode.value);
  if (found == files_.end()) return;
  File& file = found->second;
  dirty_bytes_ -= file.overlay.size_bytes();
  file.overlay.forget(file.overlay.newest());
  file.version = ++versions_;
  file.layout.reset();
}

std::shared_ptr<const Layout> OpenFiles::layout(InodeId inode) const {
  std::lock_guard lock(mutex_);
  const File* file = find(inode);
  return file == nullptr ? nullptr : file->layout;
}

uint64_t OpenFiles::ticket(InodeId inode) {
  std::lock_guard lock(mutex_);
  return file(inode).version;
}

void OpenFiles::keep(InodeId inode, uint64_t ticket, std::shared_ptr<const Layout> layout) {
  std::lock_guard lock(mutex_);
  const auto found = files_.find(inode.value);
  if (found != files_.end() && found->second.version == ticket) found->second.layout = std::move(layout);
}

void OpenFiles::write(InodeId inode, VolumeId volume, uint64_t offset, Payload data, rt::Nanos wall_now,
                      bool by_super_user) {
  std::lock_guard lock(mutex_);
  File& at = file(inode);
  at.volume = volume;
  const uint64_t before = at.overlay.size_bytes();
  if (at.overlay.empty()) at.by_super_user = true;
  at.overlay.write(offset, std::move(data));
  dirty_bytes_ += at.overlay.size_bytes() - before;
  at.modified = std::max(wall_now, at.modified + 1);
  at.changed = std::max(wall_now, at.changed + 1);
  at.by_super_user = at.by_super_user && by_super_user;
}

std::vector<Overlay::Run> OpenFiles::runs(InodeId inode, uint64_t from, uint64_t to) const {
  if (dirty_bytes() == 0) return {};
  std::lock_guard lock(mutex_);
  const File* file = find(inode);
  if (file == nullptr) return {};
  return file->overlay.runs(from, to);
}

uint64_t OpenFiles::dirty_bytes(InodeId inode) const {
  std::lock_guard lock(mutex_);
  const File* file = find(inode);
  return file == nullptr ? 0 : file->overlay.size_bytes();
}

std::optional<FileId> OpenFiles::dirtiest() const {
  std::lock_guard lock(mutex_);
  std::optional<FileId> found;
  uint64_t most = 0;
  for (const auto& [inode, file] : files_) {
    if (file.overlay.size_bytes() <= most) continue;
    most = file.overlay.size_bytes();
    found = FileId{file.volume, InodeId(inode)};
  }
  return found;
}

OpenFiles::Batch OpenFiles::batch(InodeId inode) const {
  std::lock_guard lock(mutex_);
  const File* file = find(inode);
  if (file == nullptr) return {};
  return {file->overlay.runs(0, UINT64_MAX), file->overlay.newest(), file->modified, file->changed,
          file->by_super_user};
}

void OpenFiles::committed(InodeId inode, const Batch& batch) {
  std::lock_guard lock(mutex_);
  const auto found = files_.find(inode.value);
  if (found == files_.end()) return;
  Overlay& overlay = found->second.overlay;
  const uint64_t before = overlay.size_bytes();
  overlay.forget(batch.newest);
  dirty_bytes_ -= before - overlay.size_bytes();
}

Task<void> OpenFiles::begin_commit(InodeId inode) {
  rt::Completion<> turn;
  {
    std::lock_guard lock(mutex_);
    File& at = file(inode);
    if (!at.committing) {
      at.committing = true;
      co_return ok;
    }
    at.waiting.push_back(&turn);
  }
  co_return co_await turn;
}

void OpenFiles::end_commit(InodeId inode) {
  rt::Completion<>* next = nullptr;
  {
    std::lock_guard lock(mutex_);
    File& at = file(inode);
    at.committing = !at.waiting.empty();
    if (!at.waiting.empty()) {
      next = at.waiting.front();
      at.waiting.pop_front();
    }
  }
  if (next != nullptr) next->complete(ok);
}

}  // namespace tp::plane
