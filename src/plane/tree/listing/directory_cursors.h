// DirectoryCursors: cookies of directory entries. A cookie is a keyed hash of the entry's stored key, so it needs no
// state and survives a restart; where in the directory it stands is remembered for pages given lately, so that reading
// on costs one seek, also if the entry has gone meanwhile. Bounded memory, any thread.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "plane/state/file_id.h"
#include "plane/tree/listing/name_hash.h"

namespace tp::plane {

class DirectoryCursors {
 public:
  static constexpr uint64_t kFirstCookie = 3;
  static constexpr size_t kMaxCookies = 512 << 10;

  explicit DirectoryCursors(const HashKey& key) : key_(key) {}

  /// 3 .. 2^63 - 1, of a name record's whole key.
  uint64_t cookie_of(BytesView name_key) const;

  /// A page that was given.
  struct Page {
    FileId directory;
    Bytes begin;                    // all keys of the page are at or after it
    Bytes last;                     // its last key
    std::vector<uint64_t> cookies;  // in order, not empty
  };
  using PagePtr = std::shared_ptr<const Page>;
  void remember(Page page);
  struct Place {
    PagePtr page;
    size_t index = 0;  // of the cookie in it
  };
  std::optional<Place> find(FileId directory, uint64_t cookie) const;

 private:
  void forget_oldest();

  const HashKey key_;
  mutable std::mutex mutex_;
  std::deque<PagePtr> pages_;                                    // the oldest first
  std::unordered_map<FileId, std::deque<PagePtr>> directories_;  // the same by directory
  size_t cookies_ = 0;
};

}  // namespace tp::plane
