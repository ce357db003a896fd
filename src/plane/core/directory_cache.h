// DirectoryCache: (parent, name) -> directory, private to the shard's thread, so that transactions find their directories
// without reading. Invariant: it never says what the transactions so far would not: a failed one takes back its entries.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace tp::plane {

class DirectoryCache {
 public:
  explicit DirectoryCache(size_t limit = 65536) : limit_(limit) {}

  std::optional<InodeId> find(InodeId parent, BytesView name) const;
  void put(InodeId parent, BytesView name, InodeId directory);
  void erase(InodeId parent, BytesView name);

  /// Around each transaction: what it put or erased is forgotten by roll_back().
  void begin() { touched_.clear(); }
  void roll_back();

 private:
  static Bytes key_of(InodeId parent, BytesView name);

  size_t limit_;
  std::unordered_map<Bytes, InodeId> entries_;
  std::vector<Bytes> touched_;
};

}  // namespace tp::plane
