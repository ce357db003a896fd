// Journal: the shard's ordered change feed, written in the same transaction as the change. Replication, notification
// and lifecycle follow it; none of them scans. Format: docs/formats/records.md.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "rt/env/clock.h"

namespace tp::meta {

enum class ChangeKind : uint8_t {
  kVolumeCreated = 1,
  kVolumeChanged = 2,
  kVolumeDeleted = 3,
  kObjectPut = 4,       // a name now leads to a new inode
  kObjectRemoved = 5,
  kObjectChanged = 6,   // same inode: tags, ACL, append
  kRenamed = 7,         // key -> new_key; a prefix if both end in '/'
  kUploadCreated = 8,
  kUploadAborted = 9,
  kUserChanged = 10,
  kDirectoryMade = 11,     // by a file protocol: stays without children
  kDirectoryRemoved = 12,
  kSnapshotCreated = 13,   // key: its name
  kSnapshotRemoved = 14,
};

struct Change {
  ChangeKind kind = ChangeKind::kObjectPut;
  VolumeId volume;
  Bytes key;
  Bytes new_key;
  InodeId inode;
  uint64_t size_bytes = 0;
  rt::Nanos time = 0;
};

Bytes encode_change(const Change& change);
/// kCorruption if it does not parse.
Result<Change> decode_change(BytesView value);

}  // namespace tp::meta
