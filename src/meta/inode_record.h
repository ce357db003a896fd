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

enum class InodeType : uint8_t { kFile = 1, kDirectory = 2, kSymlink = 3 };
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

struct InodeRecord {
  InodeType type = InodeType::kFile;
  uint32_t mode = 0644;
  uint32_t uid = 0, gid = 0;
  uint32_t links = 1;
  uint64_t size_bytes = 0;
  rt::Nanos modified = 0, changed = 0, created = 0;  // wall
  InodeId parent;              // of the first name
  Bytes name;                  // the first name, without '/'

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
};

struct Extent {
  uint64_t offset = 0;         // in the object
  uint64_t length_bytes = 0;
  BlobId blob;
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
