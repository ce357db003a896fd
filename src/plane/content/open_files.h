// OpenFiles: what is kept in memory of files whose bytes are read and written in place: their layout, and the bytes
// written but not committed (the overlay), in bounded memory. Safe from any thread.
// Invariant: never older than the last change acknowledged: a change of an inode calls outdate() after its commit and
// before its caller resumes; a layout read before that cannot be kept afterwards (it brings the ticket drawn before).
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "plane/content/overlay.h"
#include "rt/completion.h"

namespace tp::plane {

struct Core;
struct Layout;

class OpenFiles {
 public:
  explicit OpenFiles(Core& core) : core_(core) {}

  /// What uncommitted writes have changed of a file's attributes; nullopt if there are none.
  struct Live {
    uint64_t size_bytes = 0;   // the file is at least as large
    uint64_t space_bytes = 0;  // of the uncommitted bytes
    rt::Nanos modified = 0, changed = 0;
  };
  std::optional<Live> live(InodeId inode) const;

  /// The inode's record, small data or extents have changed. From after_commit().
  void outdate(InodeId inode);
  /// The inode is gone: so are bytes that were not committed. From after_commit().
  void forget(InodeId inode);

  // Layouts.
  std::shared_ptr<const Layout> layout(InodeId inode) const;
  uint64_t ticket(InodeId inode);
  void keep(InodeId inode, uint64_t ticket, std::shared_ptr<const Layout> layout);

  // Bytes.
  void write(InodeId inode, VolumeId volume, uint64_t offset, Payload data, rt::Nanos wall_now, bool by_super_user);
  std::vector<Overlay::Run> runs(InodeId inode, uint64_t from, uint64_t to) const;
  /// Of all files.
  uint64_t dirty_bytes() const { return dirty_bytes_.load(std::memory_order_relaxed); }
  uint64_t dirty_bytes(InodeId inode) const;
  /// A file with uncommitted bytes, the one with most; nullopt if there is none.
  std::optional<FileId> dirtiest() const;

  /// What a commit takes.
  struct Batch {
    std::vector<Overlay::Run> runs;
    uint64_t newest = 0;
    rt::Nanos modified = 0, changed = 0;
    bool by_super_user = true;  // all of them
  };
  Batch batch(InodeId inode) const;
  /// The batch is committed.
  void committed(InodeId inode, const Batch& batch);

  /// One commit of a file at a time, in order of arrival, whatever loops they run on.
  Task<void> begin_commit(InodeId inode);
  void end_commit(InodeId inode);

 private:
  struct File {
    VolumeId volume;
    uint64_t version = 0;
    std::shared_ptr<const Layout> layout;
    Overlay overlay;
    rt::Nanos modified = 0, changed = 0;
    bool by_super_user = true;
    bool committing = false;
    std::deque<rt::Completion<>*> waiting;
    bool busy() const { return committing || !overlay.empty(); }
  };
  static constexpr size_t kFileLimit = 8192;
  /// Under the mutex: makes room by dropping what is only kept.
  File& file(InodeId inode);
  const File* find(InodeId inode) const;

  [[maybe_unused]] Core& core_;
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, File> files_;
  uint64_t versions_ = 0;  // never given twice: an entry that was dropped and made anew has another
  std::atomic<uint64_t> dirty_bytes_{0};
};

}  // namespace tp::plane
