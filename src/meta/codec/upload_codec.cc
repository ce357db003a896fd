#include "meta/upload_record.h"

#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {
enum UploadField : uint32_t {
  kCreated = 1,
  kOwner = 2,
  kInitiator = 3,
  kAccess = 4,
  kHeader = 5,
  kUserMetadata = 6,
  kTag = 7,
  kStorageClass = 8,
  kAlgorithm = 9,
  kChecksumType = 10,
  kRetention = 11,
  kRetainUntil = 12,
  kLegalHold = 13,
};
enum PartField : uint32_t { kPartSize = 1, kMd5 = 2, kPartChecksum = 3, kPartModified = 4, kExtents = 5 };
enum CompletedField : uint32_t {
  kVolume = 1,
  kKey = 2,
  kRawEtag = 3,
  kTextEtag = 4,
  kInode = 5,
  kCompleted = 6,
  kChecksum = 7,
};
constexpr size_t kMd5Bytes = 16;
}  // namespace

Bytes encode_upload(const UploadRecord& record) {
  FieldWriter out(kValueVersion, 128);
  out.fixed64(kCreated, static_cast<uint64_t>(record.created));
  out.bytes(kOwner, record.owner);
  out.bytes(kInitiator, record.initiator);
  write_grants(out, kAccess, record.access);
  write_pairs(out, kHeader, record.headers);
  write_pairs(out, kUserMetadata, record.user_metadata);
  write_pairs(out, kTag, record.tags);
  out.bytes(kStorageClass, record.storage_class);
  out.varint(kAlgorithm, static_cast<uint64_t>(record.checksum_algorithm));
  out.varint(kChecksumType, static_cast<uint64_t>(record.checksum_type));
  out.varint(kRetention, static_cast<uint64_t>(record.retention));
  out.fixed64(kRetainUntil, static_cast<uint64_t>(record.retain_until));
  out.varint(kLegalHold, record.legal_hold ? 1 : 0);
  return out.take();
}

Result<UploadRecord> decode_upload(BytesView value) {
  FieldReader in(value, kValueVersion);
  UploadRecord record;
  while (in.next()) {
    switch (in.number()) {
      case kCreated:
        record.created = read_time(in);
        break;
      case kOwner:
        record.owner = read_string(in);
        break;
      case kInitiator:
        record.initiator = read_string(in);
        break;
      case kAccess:
        read_grant(in, &record.access);
        break;
      case kHeader:
        read_pair(in, &record.headers);
        break;
      case kUserMetadata:
        read_pair(in, &record.user_metadata);
        break;
      case kTag:
        read_pair(in, &record.tags);
        break;
      case kStorageClass:
        record.storage_class = read_string(in);
        break;
      case kAlgorithm:
        record.checksum_algorithm = read_algorithm(in);
        break;
      case kChecksumType:
        record.checksum_type = in.enumeration(ChecksumType::kFullObject, ChecksumType::kComposite);
        break;
      case kRetention:
        record.retention = in.enumeration(RetentionMode::kNone, RetentionMode::kCompliance);
        break;
      case kRetainUntil:
        record.retain_until = read_time(in);
        break;
      case kLegalHold:
        record.legal_hold = in.boolean();
        break;
      default:
        break;
    }
  }
  TP_TRY_VOID(in.finish("upload"));
  return record;
}

Bytes encode_part(const PartRecord& record) {
  FieldWriter out(kValueVersion, 96 + 24 * record.extents.size());
  out.varint(kPartSize, record.size_bytes);
  out.bytes(kMd5, record.md5);
  out.bytes(kPartChecksum, record.checksum);
  out.fixed64(kPartModified, static_cast<uint64_t>(record.modified));
  write_extents(out, kExtents, record.extents);
  return out.take();
}

Result<PartRecord> decode_part(BytesView value) {
  FieldReader in(value, kValueVersion);
  PartRecord record;
  while (in.next()) {
    switch (in.number()) {
      case kPartSize:
        record.size_bytes = in.varint();
        break;
      case kMd5:
        record.md5 = Bytes(in.bytes(kMd5Bytes));
        break;
      case kPartChecksum:
        record.checksum = Bytes(in.bytes(kMaxDigestSize));
        break;
      case kPartModified:
        record.modified = read_time(in);
        break;
      case kExtents:
        read_extents(in, &record.extents);
        break;
      default:
        break;
    }
  }
  in.require(record.md5.empty() || record.md5.size() == kMd5Bytes);
  TP_TRY_VOID(in.finish("part"));
  return record;
}

Bytes encode_completed(const CompletedUpload& record) {
  FieldWriter out(kValueVersion, 128);
  out.varint(kVolume, record.volume.value);
  out.bytes(kKey, record.key);
  write_etag(out, kRawEtag, kTextEtag, record.etag);
  out.varint(kInode, record.inode.value);
  out.fixed64(kCompleted, static_cast<uint64_t>(record.completed));
  write_checksum(out, kChecksum, record.checksum);
  return out.take();
}

Result<CompletedUpload> decode_completed(BytesView value) {
  FieldReader in(value, kValueVersion);
  CompletedUpload record;
  while (in.next()) {
    switch (in.number()) {
      case kVolume:
        record.volume = VolumeId(in.varint());
        break;
      case kKey:
        record.key = Bytes(in.bytes());
        break;
      case kRawEtag:
        read_raw_etag(in, &record.etag);
        break;
      case kTextEtag:
        record.etag = read_string(in);
        break;
      case kInode:
        record.inode = InodeId(in.varint());
        break;
      case kCompleted:
        record.completed = read_time(in);
        break;
      case kChecksum:
        read_checksum(in, &record.checksum);
        break;
      default:
        break;
    }
  }
  TP_TRY_VOID(in.finish("completed upload"));
  return record;
}

}  // namespace tp::meta
