// InodeRecord: everything about a file or object but its name and bytes. Extent: where a run of bytes lies. Encoding:
// docs/formats/records.md.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash/checksum.h"
#include "base/ids.h"
#include "base/result.h"
#include "meta/access_list.h"
#include "meta/volume_record.h"
#include "rt/env/clock.h"

namespace tp::meta {

enum class InodeType : uint8_t {
  kFile = 1,
  kDirectory = 2,
  kSymlink = 3,  // its target is its small data
  kFifo = 4,
  kSocket = 5,
  kCharacterDevice = 6,
  kBlockDevice = 7,
};
enum class ChecksumType : uint8_t { kFullObject = 1, kComposite = 2 };
/// Where the bytes are: in Space::kData under the inode, or in blobs through extents.
enum class DataPlace : uint8_t { kNone = 0, kSmall = 1, kExtents = 2 };

struct Checksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::kNone;
  ChecksumType type = ChecksumType::kFullObject;
  Bytes value;  // raw digest; composite ones are digests of the parts' digests
  friend bool operator==(const Checksum&, const Checksum&) = default;
};

struct ObjectPart {
  uint16_t number = 0;
  uint64_t size_bytes = 0;
  Bytes checksum;  // raw, of the object's algorithm; empty if none
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// Where an inode is named.
struct LinkName {
  InodeId parent;
  Bytes name;  // without '/'
  friend bool operator==(const LinkName&, const LinkName&) = default;
};

struct InodeRecord {
  InodeType type = InodeType::kFile;
  /// Mode, uid and gid were set by a file protocol; if not, the volume's export rules say them.
  bool posix = false;
  uint32_t mode = 0644;        // permission bits, setuid, setgid, sticky
  uint32_t uid = 0, gid = 0;
  uint32_t links = 1;          // names of a file, 0 for one that is open and has none; 2 + directories in a directory
  uint64_t size_bytes = 0;
  rt::Nanos modified = 0, changed = 0, created = 0;  // wall
  rt::Nanos accessed = 0;      // as last set; 0: never
  InodeId parent;              // of the first name; zero if there is none
  Bytes name;                  // the first name, without '/'
  std::vector<LinkName> further_names;  // of a file with hard links
  uint64_t device = 0;         // of a device file: major << 32 | minor
  uint64_t create_verifier = 0;  // of an exclusive create
  HeaderList attributes;       // user extended attributes, name (without "user.") and value
  // files written in place
  uint64_t hole_bytes = 0;     // of size_bytes, what no blob holds
  uint64_t blob_bytes = 0;     // of the blobs that its extents name; 0: about size_bytes

  // directories
  bool implicit = false;       // made by an S3 key: vanishes with its last child
  uint64_t live_children = 0;  // files, and directories whose own live_children > 0

  // objects
  DataPlace place = DataPlace::kNone;
  std::string etag;            // without quotes: hex of MD5, "hex-N", or an opaque tag
  std::string owner;           // user id
  AccessList access;
  HeaderList headers;          // system headers, lower-case names: content-type, cache-control, ...
  HeaderList user_metadata;    // without "x-amz-meta-", lower-case names
  TagSet tags;
  std::string storage_class;   // "" is STANDARD
  Checksum checksum;
  std::vector<ObjectPart> parts;  // of a multipart object
  uint32_t append_count = 0;

  // versions and locks
  uint64_t version = 0;        // orders the versions of a key, later is larger; 0: the null version
  rt::Nanos superseded = 0;    // wall: a version that is not the current one any more, since then; 0: it is
  uint64_t superseded_at = 0;  // the same as a number given out by the shard: snapshots of that epoch on do not see it
  RetentionMode retention = RetentionMode::kNone;
  rt::Nanos retain_until = 0;  // wall
  bool legal_hold = false;

  // tiers
  rt::Nanos restored_until = 0;   // wall: of an offline class, readable until then (RestoreObject); 0: not restored
  uint32_t restore_days = 0;      // asked for and under way: for how long it is to be readable; 0: nothing asked
  rt::Nanos transitioned = 0;     // wall: when the storage class last changed; 0: never
};

struct Extent {
  uint64_t offset = 0;         // in the object
  uint64_t length_bytes = 0;
  BlobId blob;                 // zero: a hole, which reads as zeros
  uint64_t blob_offset = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

struct NameRecord {
  InodeId inode;
  bool implicit = false;       // a directory made by an S3 key
  /// Of a file: encode_listed_inode() of its inode, so that a listing in any order of keys needs no look-up an inode.
  /// Empty: ask the inode.
  Bytes listed;
};

Bytes encode_inode(const InodeRecord& record);
Result<InodeRecord> decode_inode(BytesView value);
Bytes encode_name(const NameRecord& record);
Result<NameRecord> decode_name(BytesView value);
/// The offset is in the key.
Bytes encode_extent(const Extent& extent);
Result<Extent> decode_extent(uint64_t offset, BytesView value);
/// Small data carries a CRC32C seeded with its inode.
Bytes encode_small_data(InodeId inode, BytesView data);
/// A view into `value`; kCorruption if the checksum does not match.
Result<BytesView> decode_small_data(InodeId inode, BytesView value);

}  // namespace tp::meta
