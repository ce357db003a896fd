// VersionRecord: a version of a key that is not the current one, or a delete marker. The current object is its name
// record; InodeRecord::version says its number. Format: docs/formats/records.md, versions.
//  - Key: volume, escaped object key, ~order: under one key the newest comes first. The order is the version's number;
//    of a null version, which has none, the number that was given out when it stopped being the current one.
//  - The last record of a key (order 0) names the null version among them: its value is that one's order.
#pragma once

#include <optional>

#include "meta/inode_record.h"

namespace tp::meta {

struct VersionRecord {
  InodeId inode;              // zero: a delete marker
  bool null_version = false;  // shown as "null"
  std::string owner;          // user id; of a delete marker who made it
  rt::Nanos modified = 0;     // wall
  /// encode_listed_inode() of its inode. Empty: ask the inode.
  Bytes listed;

  bool delete_marker() const { return !inode; }
  friend bool operator==(const VersionRecord&, const VersionRecord&) = default;
};

Bytes encode_version(const VersionRecord& record);
Result<VersionRecord> decode_version(BytesView value);

/// In Space::kVersions. Order 0: the record that names the null version.
Bytes version_key(VolumeId volume, BytesView object_key, uint64_t order);
/// [begin, end) of all of a key: those newer than none; of a volume.
Bytes key_versions_begin(VolumeId volume, BytesView object_key);
Bytes key_versions_end(VolumeId volume, BytesView object_key);
Bytes versions_begin(VolumeId volume);
Bytes versions_end(VolumeId volume);
/// The first record of `object_key` or of any later key.
Bytes versions_from(VolumeId volume, BytesView object_key);

struct VersionKeyParts {
  VolumeId volume;
  Bytes object_key;
  uint64_t order = 0;
};
Result<VersionKeyParts> parse_version_key(BytesView key);

/// The value of the record that names the null version.
Bytes encode_null_version(uint64_t order);
Result<uint64_t> decode_null_version(BytesView value);

}  // namespace tp::meta
