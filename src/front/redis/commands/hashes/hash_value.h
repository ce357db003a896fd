// HashValue: the encoding of a hash as one value. Fields in the order in which they came, no field twice:
//
//   count (u32, big-endian), then of each field: length (varint), bytes, length of its value (varint), bytes
//
// A varint has seven bits a byte, low ones first. Docs: docs/protocols/redis.md#hashes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "cache/value.h"

namespace tp::redis {

/// Reads an encoded hash. Bytes that are none end it early and crash nothing.
class HashReader {
 public:
  explicit HashReader(BytesView bytes);
  uint32_t count() const { return count_; }

  struct Entry {
    BytesView field, value;
    BytesView encoded;  // both, with their lengths
  };
  std::optional<Entry> next();
  /// From the beginning.
  std::optional<BytesView> find(BytesView field) const;

 private:
  bool take(BytesView* out);

  BytesView rest_;
  uint32_t count_ = 0;
};

struct HashChange {
  BytesView field;
  std::optional<BytesView> value;  // nothing: the field goes
  bool was_there = false;          // out
};

struct HashEdit {
  uint32_t count = 0;  // of fields afterwards
  bool too_large = false;
  cache::Value value;  // null if count is 0 or it would be larger than a value may be
};
/// The hash after the changes, of which each names another field.
HashEdit edit_hash(BytesView old, std::vector<HashChange>& changes);

}  // namespace tp::redis
