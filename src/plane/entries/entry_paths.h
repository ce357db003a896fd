// EntryPaths: the ids of files in cache volumes. An id is a keyed hash of the path, so it is the same after a restart;
// what path it stands for is known of those named lately. Bounded memory (the longest unused goes: its handle is stale
// until it is looked up again); any thread.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/ids.h"
#include "plane/tree/listing/name_hash.h"

namespace tp::plane {

class EntryPaths {
 public:
  static constexpr size_t kMaxBytes = 64 << 20;

  explicit EntryPaths(const HashKey& key) : key_(key) {}

  /// A file's path is its key; a directory's ends in '/' and is the beginning of keys.
  struct Path {
    Bytes text;
    bool directory = false;
  };
  InodeId id_of(VolumeId volume, const Path& path) const;
  /// The same, remembered from now on.
  InodeId remember(VolumeId volume, Path path);
  std::optional<Path> find(VolumeId volume, InodeId id);

  /// An id is its cookie in the directory, too: 3 .. 2^63 - 1.
  static uint64_t cookie_of(InodeId id) { return id.value & ~kEntryBit; }
  static InodeId id_of_cookie(uint64_t cookie) { return InodeId(cookie | kEntryBit); }
  /// No inode has one of these.
  static bool is_entry(InodeId id) { return (id.value & kEntryBit) != 0; }

 private:
  static constexpr uint64_t kEntryBit = uint64_t{1} << 63;
  static constexpr uint64_t kFirstCookie = 3;
  struct Known {
    InodeId id;
    VolumeId volume;
    Path path;
  };
  static size_t weight(const Known& known) { return sizeof(Known) + 64 + known.path.text.size(); }

  const HashKey key_;
  std::mutex mutex_;
  std::list<Known> known_;  // the latest first
  std::unordered_map<uint64_t, std::list<Known>::iterator> by_id_;
  size_t bytes_ = 0;
};

}  // namespace tp::plane
