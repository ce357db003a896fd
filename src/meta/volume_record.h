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

/// Whose identity an export does not take from the client: that of uid 0, of everybody, of nobody.
enum class Squash : uint8_t { kRoot = 1, kAll = 2, kNone = 3 };

/// S3 bucket versioning. Once enabled it can only be suspended.
enum class Versioning : uint8_t { kOff = 0, kEnabled = 1, kSuspended = 2 };

enum class RetentionMode : uint8_t { kNone = 0, kGovernance = 1, kCompliance = 2 };

/// S3 Object Lock of a bucket: what new versions get if the request says nothing. At most one of days and years.
struct LockRules {
  bool enabled = false;       // for good
  RetentionMode mode = RetentionMode::kNone;
  uint32_t days = 0, years = 0;
  friend bool operator==(const LockRules&, const LockRules&) = default;
};

inline constexpr uint32_t kNobody = 65534;

/// How file protocols see the volume.
struct ExportRules {
  bool read_only = false;
  Squash squash = Squash::kRoot;
  uint32_t anonymous_uid = kNobody, anonymous_gid = kNobody;  // whom the squashed become
  /// "10.0.0.0/8", "::1"; empty: what the server's own setting allows.
  std::vector<std::string> networks;
  /// Of what S3 wrote, where the S3 user has no uid.
  uint32_t default_uid = kNobody, default_gid = kNobody;
  uint32_t file_mode = 0644, directory_mode = 0755;
  friend bool operator==(const ExportRules&, const ExportRules&) = default;
};

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
  ExportRules exports;
  uint64_t quota_bytes = 0;   // 0: none; over it, writes fail with kNoSpace and Reason::kQuota
  uint64_t quota_objects = 0; // the same, of files
  uint64_t generation = 0;    // counts up with every change that outdates cached lookups by path
  std::string cache_settings; // of a cache volume: JSON text (docs/cache.md, settings); "" for others
  Versioning versioning = Versioning::kOff;
  LockRules lock;
  std::string lifecycle;      // src/lifecycle's own encoding of its rules, "" for none
  std::string snapshot_schedule;  // "every 1h keep 24, daily keep 7" (docs/snapshots.md), "" for none
  VolumeId base;              // of a clone: the volume whose snapshot it began as; zero: none
  Epoch base_at;              // and that snapshot
};

struct VolumeCounters {
  uint64_t objects = 0;
  uint64_t bytes = 0;         // of the objects, without holes
  uint64_t uploads = 0;       // multipart uploads in progress
  uint64_t upload_bytes = 0;
  /// What changes have to keep for snapshots (WriteScope): here, so that every transaction sees those before it in its
  /// group.
  Epoch latest, newest_marked;
};

Bytes encode_volume(const VolumeRecord& record);
Result<VolumeRecord> decode_volume(BytesView value);
Bytes encode_counters(const VolumeCounters& counters);
Result<VolumeCounters> decode_counters(BytesView value);

}  // namespace tp::meta
