// DirectoryCache: (parent, name) -> directory, private to the shard's thread, so that transactions find their
// directories without reading. Invariant: it says only what is durable and not yet changed: entries come in after a
// commit, in the order of the transactions; they go at once when a transaction takes a directory away, whether or not
// it succeeds, and once more after its commit, lest an earlier one of the same group has put them back.
#pragma once

#include <optional>
#include <unordered_map>

#include "base/bytes.h"
#include "plane/state/file_id.h"

namespace tp::plane {

class DirectoryCache {
 public:
  explicit DirectoryCache(size_t limit = 65536) : limit_(limit) {}

  std::optional<InodeId> find(FileId parent, BytesView name) const;
  void put(FileId parent, BytesView name, InodeId directory);
  void erase(FileId parent, BytesView name);

 private:
  static Bytes key_of(FileId parent, BytesView name);

  size_t limit_;
  std::unordered_map<Bytes, InodeId> entries_;
};

}  // namespace tp::plane
