// What is asked of objects and what comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "meta/inode_record.h"
#include "meta/upload_record.h"

namespace tp::plane {

inline constexpr uint64_t kMaxObjectBytes = 50ull << 40;   // 50 TB: S3's limit since 2025
inline constexpr uint64_t kMaxPutBytes = 5ull << 30;       // one PUT or part
inline constexpr uint64_t kMinPartBytes = 5ull << 20;      // all parts but the last
inline constexpr uint16_t kMaxPartNumber = 10'000;
inline constexpr size_t kMaxKeyBytes = 1024;
inline constexpr size_t kMaxLookupBytes = 64 << 10;        // of a key that is only looked up: file protocols go deeper
inline constexpr size_t kSmallDataBytes = 64 << 10;        // up to this, bytes live in the metadata engine

struct ObjectRef {
  std::string volume;
  std::string key;
  /// S3's versionId as given: "": the current version, "null", or an id that a result told.
  std::string version = {};
};

/// An object as found; immutable, shared between requests by the cache.
struct ObjectInfo {
  InodeId inode;
  VolumeId volume;
  meta::InodeRecord record;
};
using ObjectInfoPtr = std::shared_ptr<const ObjectInfo>;

/// The request headers of RFC 9110 §13, raw values (ETag lists may have quotes and W/).
struct ReadConditions {
  std::optional<std::string> if_match, if_none_match;
  std::optional<rt::Nanos> if_modified_since, if_unmodified_since;  // wall, whole seconds
  bool empty() const { return !if_match && !if_none_match && !if_modified_since && !if_unmodified_since; }
};
enum class ReadVerdict : uint8_t { kProceed, kNotModified, kFailed };
/// As S3 does: If-Match true beats If-Unmodified-Since false; If-None-Match false beats If-Modified-Since true.
ReadVerdict evaluate(const ReadConditions& conditions, const meta::InodeRecord& record);

/// What must hold of the destination when a change is applied; checked inside the transaction.
struct WriteConditions {
  std::optional<std::string> if_match;       // ETag, or "*"
  bool if_none_match_any = false;            // If-None-Match: *
  std::optional<rt::Nanos> if_modified_time; // x-amz-if-match-last-modified-time: equal, whole seconds
  std::optional<uint64_t> if_size;           // x-amz-if-match-size
  bool bypass_governance = false;            // x-amz-bypass-governance-retention
};

/// The attributes a new object gets.
struct ObjectAttributes {
  meta::HeaderList headers;
  meta::HeaderList user_metadata;
  meta::TagSet tags;
  meta::AccessList access;
  std::string storage_class;
  // Object Lock; what is not said comes from the volume's rules.
  meta::RetentionMode retention = meta::RetentionMode::kNone;
  rt::Nanos retain_until = 0;                 // wall
  bool legal_hold = false;
};

struct WriteOptions {
  ObjectAttributes attributes;
  WriteConditions conditions;
  std::optional<uint64_t> size_bytes;         // if the client said
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kCrc64Nvme;
  std::optional<uint64_t> append_offset;      // x-amz-write-offset-bytes
  bool compute_sha256 = false;                // expected_sha256 will be given at the end
};

/// What the client claimed of the bytes; anything that does not match fails the commit and nothing is stored.
struct ExpectedDigests {
  std::optional<Bytes> md5;
  std::optional<Bytes> sha256;
  std::optional<Bytes> checksum;              // raw, of WriteOptions::checksum_algorithm; may come from a trailer
};

struct PutResult {
  InodeId inode;
  std::string etag;
  uint64_t size_bytes = 0;
  meta::Checksum checksum;
  rt::Nanos modified = 0;
  std::string version;                        // where the volume keeps versions: the new one's id; else ""
  std::string source_version;                 // of a copy: the same of what was copied
};

struct CopyOptions {
  bool replace_metadata = false;              // x-amz-metadata-directive: REPLACE
  bool replace_tags = false;                  // x-amz-tagging-directive: REPLACE
  ObjectAttributes attributes;                // headers/metadata/tags if replaced; access and storage_class always
  ReadConditions source_conditions;
  WriteConditions conditions;
  std::optional<ChecksumAlgorithm> checksum_algorithm;  // nullopt: keep the source's
};

struct DeleteResult {
  bool existed = false;
  bool delete_marker = false;                 // one was made, or one was removed
  std::string version;                        // of the delete marker made, or of what was removed by its version
};
struct DeleteEntry {
  std::string key;
  WriteConditions conditions;
  std::string version = {};                   // see ObjectRef
};

/// ListObjects of both versions.
struct ListQuery {
  std::string prefix;
  std::string delimiter;                      // any string; empty: none
  std::string after;                          // keys > after
  bool after_is_prefix = false;               // `after` is a common prefix already given: skip everything under it
  uint32_t max_entries = 1000;
};
struct ListedObject {
  std::string key;
  uint64_t size_bytes = 0;
  rt::Nanos modified = 0;
  std::string etag;
  std::string storage_class;
  std::string owner;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kNone;
  meta::ChecksumType checksum_type = meta::ChecksumType::kFullObject;
};
struct ListPage {
  std::vector<ListedObject> objects;          // in key order
  std::vector<std::string> common_prefixes;   // in order
  bool truncated = false;                     // exact: there is at least one more entry
  std::string last;                           // the last key or prefix given
  bool last_is_prefix = false;
};

/// ListObjectVersions.
struct VersionQuery {
  std::string prefix, delimiter;
  std::string key_marker;
  std::string version_marker;                 // versions of key_marker older than it
  bool marker_is_prefix = false;              // key_marker is a common prefix already given
  uint32_t max_entries = 1000;
};
struct ListedVersion {
  ListedObject object;                        // of a delete marker: key, modified, owner
  std::string version;                        // "null" or an id
  bool latest = false;
  bool delete_marker = false;
};
struct VersionPage {
  std::vector<ListedVersion> versions;        // in key order, newest first
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key, next_version;         // markers of the next page
};

struct UploadOptions {
  ObjectAttributes attributes;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kNone;  // kNone: none asked; full-object CRC64NVME is kept
  std::optional<meta::ChecksumType> checksum_type;  // nullopt: S3's default for the algorithm
};
struct CompletePart {
  uint16_t number = 0;
  std::string etag;                           // without quotes
  std::optional<Bytes> checksum;              // raw
};
struct CompleteOptions {
  std::vector<CompletePart> parts;
  WriteConditions conditions;
  std::optional<Bytes> checksum;              // of the whole object, raw (full object) or composite digest
  std::optional<meta::ChecksumType> checksum_type;
  std::optional<uint64_t> object_size_bytes;  // x-amz-mp-object-size
};
struct ListedPart {
  uint16_t number = 0;
  uint64_t size_bytes = 0;
  std::string etag;
  rt::Nanos modified = 0;
  Bytes checksum;
};
struct PartPage {
  meta::UploadRecord upload;
  std::vector<ListedPart> parts;
  bool truncated = false;
};
struct ListedUpload {
  std::string key;
  UploadId upload;
  meta::UploadRecord record;
};
struct UploadPage {
  std::vector<ListedUpload> uploads;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key;
  UploadId next_upload;
};
struct UploadQuery {
  std::string prefix, delimiter;
  std::string key_marker;
  std::optional<UploadId> upload_marker;      // uploads of key_marker with a greater id
  uint32_t max_entries = 1000;
};

}  // namespace tp::plane
