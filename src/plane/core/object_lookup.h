// Finding things by key, written once against RecordSource: a key "a/b//c" is the directories "a", "b", "" and the name
// "c".
#pragma once

#include <optional>

#include "meta/inode_record.h"
#include "meta/record_source.h"
#include "plane/state/object_cache.h"

namespace tp::plane {

/// Takes a key apart: each call of next_directory() gives one more directory's name; what is left is the file's name.
class KeyPath {
 public:
  explicit KeyPath(BytesView key) : rest_(key) {}
  std::optional<BytesView> next_directory() {
    size_t slash = rest_.find('/');
    if (slash == BytesView::npos) return std::nullopt;
    BytesView name = rest_.substr(0, slash);
    rest_.remove_prefix(slash + 1);
    return name;
  }
  BytesView rest() const { return rest_; }

 private:
  BytesView rest_;
};

/// Everything of `key` up to and with its last '/', and what follows.
BytesView directory_part(BytesView key);
BytesView file_part(BytesView key);

/// Of a key to be written: kInvalidArgument with Reason::kInvalidKey: empty, longer than kMaxKeyBytes, not UTF-8.
Result<void> check_key(BytesView key);
/// Of a key to be looked up or removed: file protocols make names of any bytes, and longer paths.
Result<void> check_lookup_key(BytesView key);

Result<std::optional<meta::NameRecord>> find_name(meta::RecordSource& source, InodeId parent, BytesView name,
                                                  bool directory);
/// nullopt if there is none.
Result<std::optional<meta::InodeRecord>> find_inode(meta::RecordSource& source, InodeId inode);
/// The directory that `path` ("" or ending in '/') leads to from `root`; nullopt if it is not there.
Result<std::optional<InodeId>> find_directory(meta::RecordSource& source, InodeId root, BytesView path);

/// The record of a file without a name, which says in which volume it is.
Bytes encode_orphan(VolumeId volume);
Result<VolumeId> decode_orphan(BytesView value);

/// The small data of a file that has some. kCorruption if it is not there or does not match its checksum.
Result<Bytes> load_small_data(meta::RecordSource& source, InodeId inode);

/// Extents of `inode` that hold bytes of [from, to), in order, at most `limit`.
Result<std::vector<meta::Extent>> load_extents(meta::RecordSource& source, InodeId inode, uint64_t from, uint64_t to,
                                               size_t limit);
/// The same with each blob's record. kConflict if a blob is not there (any more): look the object up again.
Result<std::vector<LocatedExtent>> load_located(meta::RecordSource& source, InodeId inode, uint64_t from, uint64_t to,
                                                size_t limit);

/// The same for the window that begins with the extent holding `position`; empty if none does.
Result<std::vector<LocatedExtent>> load_located_at(meta::ReadView& view, InodeId inode, uint64_t position, uint64_t to);

/// How many extents an object is loaded with; those with more are read through a snapshot, a window at a time.
inline constexpr size_t kExtentWindow = 64;

/// The object at `key` with its small data or its first extents; null if there is none. kConflict if it changed while
/// it was read (without a snapshot): try again.
Result<std::shared_ptr<CachedObject>> load_object(meta::RecordSource& source, const meta::VolumeRecord& volume,
                                                  BytesView key, bool with_data);
/// The same of an inode that was found otherwise. kConflict if it is not there.
Result<std::shared_ptr<CachedObject>> load_object_of(meta::RecordSource& source, const meta::VolumeRecord& volume,
                                                     InodeId inode, bool with_data);

}  // namespace tp::plane
