// UploadRecord, PartRecord: a multipart upload in progress. CompletedUpload: what a retried completion is told.
// Encoding: docs/formats/records.md.
#pragma once

#include <vector>

#include "meta/inode_record.h"

namespace tp::meta {

struct UploadRecord {
  rt::Nanos created = 0;
  std::string owner;       // of the object to be
  std::string initiator;   // user id
  AccessList access;
  HeaderList headers;
  HeaderList user_metadata;
  TagSet tags;
  std::string storage_class;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kNone;
  ChecksumType checksum_type = ChecksumType::kComposite;
  // Object Lock of the object to be, where the request said something.
  RetentionMode retention = RetentionMode::kNone;
  rt::Nanos retain_until = 0;
  bool legal_hold = false;
};

struct PartRecord {
  uint64_t size_bytes = 0;
  Bytes md5;               // 16 bytes
  Bytes checksum;          // raw, of the upload's algorithm; empty if none
  rt::Nanos modified = 0;
  std::vector<Extent> extents;
};

struct CompletedUpload {
  VolumeId volume;
  Bytes key;
  std::string etag;
  InodeId inode;
  rt::Nanos completed = 0;
  Checksum checksum;
};

Bytes encode_upload(const UploadRecord& record);
Result<UploadRecord> decode_upload(BytesView value);
Bytes encode_part(const PartRecord& record);
Result<PartRecord> decode_part(BytesView value);
Bytes encode_completed(const CompletedUpload& record);
Result<CompletedUpload> decode_completed(BytesView value);

}  // namespace tp::meta
