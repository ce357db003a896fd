// VolumeRecord: a bucket, an export and a unit of policy; VolumeCounters: what is in it. Encoding:
// docs/formats/records.md.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "meta/access_list.h"
#include "rt/env/clock.h"

namespace tp::meta {

enum class VolumeKind : uint8_t { kTree = 1, kCache = 2 };
/// S3 Object Ownership.
enum class Ownership : uint8_t { kObjectWriter = 1, kBucketOwnerPreferred = 2, kBucketOwnerEnforced = 3 };

using TagSet = std::vector<std::pair<std::string, std::string>>;

struct VolumeRecord {
  VolumeId id;
  std::string name;
  VolumeKind kind = VolumeKind::kTree;
  InodeId root;
  std::string owner;          // user id (canonical)
  rt::Nanos created = 0;      // wall
  std::string location;       // LocationConstraint as given, "" for the default region
  Ownership ownership = Ownership::kObjectWriter;
  AccessList access;
  TagSet tags;
  std::string cors;           // the front's own encoding of its rules, "" for none
  std::string policy;         // JSON text, "" for none
  uint64_t generation = 0;    // counts up with every change that outdates cached lookups by path
};

struct VolumeCounters {
  uint64_t objects = 0;
  uint64_t bytes = 0;         // logical size of the objects
  uint64_t uploads = 0;       // multipart uploads in progress
  uint64_t upload_bytes = 0;
};

Bytes encode_volume(const VolumeRecord& record);
Result<VolumeRecord> decode_volume(BytesView value);
Bytes encode_counters(const VolumeCounters& counters);
Result<VolumeCounters> decode_counters(BytesView value);

}  // namespace tp::meta
