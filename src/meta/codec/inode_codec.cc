#include "base/hash/crc.h"
#include "meta/codec/common_fields.h"
#include "meta/listed_inode.h"

namespace tp::meta {

namespace {

enum InodeField : uint32_t {
  kType = 1,
  kMode = 2,
  kUid = 3,
  kGid = 4,
  kLinks = 5,
  kSize = 6,
  kModified = 7,
  kChanged = 8,  // left out if equal to modified
  kCreated = 9,  // left out if equal to modified
  kParent = 10,
  kName = 11,
  kImplicit = 12,
  kLiveChildren = 13,
  kPlace = 14,
  kRawEtag = 15,
  kTextEtag = 16,
  kOwner = 17,
  kAccess = 18,
  kHeader = 19,
  kUserMetadata = 20,
  kTag = 21,
  kStorageClass = 22,
  kChecksum = 23,
  kParts = 24,
  kAppendCount = 25,
  kAccessed = 26,
  kPosix = 27,
  kDevice = 28,
  kFurtherName = 29,
  kBlobBytes = 30,
  kHoleBytes = 31,
  kAttribute = 32,
  kCreateVerifier = 33,
  kVersion = 34,
  kSuperseded = 35,
  kSupersededAt = 36,
  kRetention = 37,
  kRetainUntil = 38,
  kLegalHold = 39,
  kRestoredUntil = 40,
  kRestoreDays = 41,
  kTransitioned = 42,
};

constexpr size_t kSmallDataHeaderBytes = 5;

void write_parts(FieldWriter& out, const std::vector<ObjectPart>& parts) {
  if (parts.empty()) return;
  FieldWriter packed;
  for (const ObjectPart& part : parts) {
    packed.raw_varint(part.number);
    packed.raw_varint(part.size_bytes);
    packed.raw_varint(part.checksum.size());
    packed.raw_bytes(part.checksum);
  }
  out.message(kParts, packed);
}

void read_parts(FieldReader& in, std::vector<ObjectPart>* parts) {
  FieldReader packed(in.bytes());
  while (packed.good() && !packed.at_end() && parts->size() < kMaxListLength) {
    ObjectPart part;
    part.number = static_cast<uint16_t>(packed.raw_varint(kMaxPartNumber));
    part.size_bytes = packed.raw_varint();
    part.checksum = Bytes(packed.raw_bytes(packed.raw_varint(kMaxDigestSize)));
    parts->push_back(std::move(part));
  }
  in.require(packed.good() && packed.at_end());
}

void read_file_field(FieldReader& in, InodeRecord* record) {
  switch (in.number()) {
    case kType:
      record->type = in.enumeration(InodeType::kFile, InodeType::kBlockDevice);
      break;
    case kMode:
      record->mode = static_cast<uint32_t>(in.varint(UINT32_MAX));
      break;
    case kUid:
      record->uid = static_cast<uint32_t>(in.varint(UINT32_MAX));
      break;
    case kGid:
      record->gid = static_cast<uint32_t>(in.varint(UINT32_MAX));
      break;
    case kLinks:
      record->links = static_cast<uint32_t>(in.varint(UINT32_MAX));
      break;
    case kSize:
      record->size_bytes = in.varint();
      break;
    case kModified:
      record->modified = read_time(in);
      break;
    case kChanged:
      record->changed = read_time(in);
      break;
    case kCreated:
      record->created = read_time(in);
      break;
    case kParent:
      record->parent = InodeId(in.varint());
      break;
    case kName:
      record->name = Bytes(in.bytes());
      break;
    case kImplicit:
      record->implicit = in.boolean();
      break;
    case kLiveChildren:
      record->live_children = in.varint();
      break;
    default:
      break;
  }
}

void read_object_field(FieldReader& in, InodeRecord* record) {
  switch (in.number()) {
    case kPlace:
      record->place = in.enumeration(DataPlace::kNone, DataPlace::kExtents);
      break;
    case kRawEtag:
      read_raw_etag(in, &record->etag);
      break;
    case kTextEtag:
      record->etag = read_string(in);
      break;
    case kOwner:
      record->owner = read_string(in);
      break;
    case kAccess:
      read_grant(in, &record->access);
      break;
    case kHeader:
      read_pair(in, &record->headers);
      break;
    case kUserMetadata:
      read_pair(in, &record->user_metadata);
      break;
    case kTag:
      read_pair(in, &record->tags);
      break;
    case kStorageClass:
      record->storage_class = read_string(in);
      break;
    case kChecksum:
      read_checksum(in, &record->checksum);
      break;
    case kParts:
      read_parts(in, &record->parts);
      break;
    case kAppendCount:
      record->append_count = static_cast<uint32_t>(in.varint(UINT32_MAX));
      break;
    default:
      break;
  }
}

void read_further_name(FieldReader& in, std::vector<LinkName>* names) {
  const BytesView bytes = in.bytes();
  in.require(bytes.size() >= sizeof(uint64_t) && names->size() < kMaxListLength);
  if (!in.good()) return;
  names->push_back({InodeId(get_be<uint64_t>(bytes.data())), Bytes(bytes.substr(sizeof(uint64_t)))});
}

void write_further_names(FieldWriter& out, const std::vector<LinkName>& names) {
  for (const LinkName& link : names) {
    Bytes bytes;
    append_be(bytes, link.parent.value);
    out.element(kFurtherName, bytes.append(link.name));
  }
}

void read_posix_field(FieldReader& in, InodeRecord* record) {
  switch (in.number()) {
    case kAccessed:
      record->accessed = read_time(in);
      break;
    case kPosix:
      record->posix = in.boolean();
      break;
    case kDevice:
      record->device = in.varint();
      break;
    case kFurtherName:
      read_further_name(in, &record->further_names);
      break;
    case kBlobBytes:
      record->blob_bytes = in.varint();
      break;
    case kHoleBytes:
      record->hole_bytes = in.varint();
      break;
    case kAttribute:
      read_pair(in, &record->attributes);
      break;
    case kCreateVerifier:
      record->create_verifier = in.fixed64();
      break;
    default:
      break;
  }
}

void read_time_field(FieldReader& in, InodeRecord* record) {
  switch (in.number()) {
    case kVersion:
      record->version = in.varint();
      break;
    case kSuperseded:
      record->superseded = read_time(in);
      break;
    case kSupersededAt:
      record->superseded_at = in.varint();
      break;
    case kRetention:
      record->retention = in.enumeration(RetentionMode::kNone, RetentionMode::kCompliance);
      break;
    case kRetainUntil:
      record->retain_until = read_time(in);
      break;
    case kLegalHold:
      record->legal_hold = in.boolean();
      break;
    case kRestoredUntil:
      record->restored_until = read_time(in);
      break;
    case kRestoreDays:
      record->restore_days = static_cast<uint32_t>(in.varint(UINT32_MAX));
      break;
    case kTransitioned:
      record->transitioned = read_time(in);
      break;
    default:
      break;
  }
}

void write_time_fields(FieldWriter& out, const InodeRecord& record) {
  out.varint(kVersion, record.version);
  out.fixed64(kSuperseded, static_cast<uint64_t>(record.superseded));
  out.varint(kSupersededAt, record.superseded_at);
  out.varint(kRetention, static_cast<uint64_t>(record.retention));
  out.fixed64(kRetainUntil, static_cast<uint64_t>(record.retain_until));
  out.varint(kLegalHold, record.legal_hold ? 1 : 0);
  out.fixed64(kRestoredUntil, static_cast<uint64_t>(record.restored_until));
  out.varint(kRestoreDays, record.restore_days);
  out.fixed64(kTransitioned, static_cast<uint64_t>(record.transitioned));
}

}  // namespace

Bytes encode_inode(const InodeRecord& record) {
  FieldWriter out(kValueVersion, 192);
  out.varint(kType, static_cast<uint64_t>(record.type));
  out.varint(kMode, record.mode);
  out.varint(kUid, record.uid);
  out.varint(kGid, record.gid);
  out.varint(kLinks, record.links);
  out.varint(kSize, record.size_bytes);
  out.fixed64(kModified, static_cast<uint64_t>(record.modified));
  if (record.changed != record.modified) out.fixed64_always(kChanged, static_cast<uint64_t>(record.changed));
  if (record.created != record.modified) out.fixed64_always(kCreated, static_cast<uint64_t>(record.created));
  out.varint(kParent, record.parent.value);
  out.bytes(kName, record.name);
  out.varint(kImplicit, record.implicit ? 1 : 0);
  out.varint(kLiveChildren, record.live_children);
  out.varint(kPlace, static_cast<uint64_t>(record.place));
  write_etag(out, kRawEtag, kTextEtag, record.etag);
  out.bytes(kOwner, record.owner);
  write_grants(out, kAccess, record.access);
  write_pairs(out, kHeader, record.headers);
  write_pairs(out, kUserMetadata, record.user_metadata);
  write_pairs(out, kTag, record.tags);
  out.bytes(kStorageClass, record.storage_class);
  write_checksum(out, kChecksum, record.checksum);
  write_parts(out, record.parts);
  out.varint(kAppendCount, record.append_count);
  out.fixed64(kAccessed, static_cast<uint64_t>(record.accessed));
  out.varint(kPosix, record.posix ? 1 : 0);
  out.varint(kDevice, record.device);
  write_further_names(out, record.further_names);
  out.varint(kBlobBytes, record.blob_bytes);
  out.varint(kHoleBytes, record.hole_bytes);
  write_pairs(out, kAttribute, record.attributes);
  out.fixed64(kCreateVerifier, record.create_verifier);
  write_time_fields(out, record);
  return out.take();
}

Result<InodeRecord> decode_inode(BytesView value) {
  FieldReader in(value, kValueVersion);
  InodeRecord record;
  // What is not there is zero, whatever the struct's defaults.
  record.mode = record.links = 0;
  bool has_type = false;
  bool has_changed = false;
  bool has_created = false;
  while (in.next()) {
    has_type |= in.number() == kType;
    has_changed |= in.number() == kChanged;
    has_created |= in.number() == kCreated;
    if (in.number() <= kLiveChildren) {
      read_file_field(in, &record);
    } else if (in.number() <= kAppendCount) {
      read_object_field(in, &record);
    } else if (in.number() <= kCreateVerifier) {
      read_posix_field(in, &record);
    } else {
      read_time_field(in, &record);
    }
  }
  in.require(has_type);
  TP_TRY_VOID(in.finish("inode"));
  if (!has_changed) record.changed = record.modified;
  if (!has_created) record.created = record.modified;
  return record;
}

Result<ListedInode> decode_listed_inode(BytesView value) {
  FieldReader in(value, kValueVersion);
  ListedInode listed;
  Checksum checksum;
  bool has_type = false;
  while (in.next()) {
    switch (in.number()) {
      case kType:
        listed.type = in.enumeration(InodeType::kFile, InodeType::kBlockDevice);
        has_type = true;
        break;
      case kSize:
        listed.size_bytes = in.varint();
        break;
      case kModified:
        listed.modified = read_time(in);
        break;
      case kRawEtag:
        read_raw_etag(in, &listed.etag);
        break;
      case kTextEtag:
        listed.etag = read_string(in);
        break;
      case kOwner:
        listed.owner = read_string(in);
        break;
      case kStorageClass:
        listed.storage_class = read_string(in);
        break;
      case kVersion:
        listed.version = in.varint();
        break;
      case kChecksum:
        read_checksum(in, &checksum);
        break;
      default:
        break;
    }
  }
  in.require(has_type);
  TP_TRY_VOID(in.finish("inode"));
  listed.checksum_algorithm = checksum.algorithm;
  listed.checksum_type = checksum.type;
  return listed;
}

Bytes encode_listed_inode(const InodeRecord& record) {
  FieldWriter out(kValueVersion, 96);
  out.varint(kType, static_cast<uint64_t>(record.type));
  out.varint(kSize, record.size_bytes);
  out.fixed64(kModified, static_cast<uint64_t>(record.modified));
  write_etag(out, kRawEtag, kTextEtag, record.etag);
  out.bytes(kOwner, record.owner);
  out.bytes(kStorageClass, record.storage_class);
  Checksum shown;  // its algorithm and type, not its value
  shown.algorithm = record.checksum.algorithm;
  shown.type = record.checksum.type;
  write_checksum(out, kChecksum, shown);
  out.varint(kVersion, record.version);
  return out.take();
}

Bytes encode_name(const NameRecord& record) {
  FieldWriter out(kValueVersion, 16 + record.listed.size());
  out.varint(1, record.inode.value);
  out.varint(2, record.implicit ? 1 : 0);
  out.bytes(3, record.listed);
  return out.take();
}

Result<NameRecord> decode_name(BytesView value) {
  FieldReader in(value, kValueVersion);
  NameRecord record;
  while (in.next()) {
    if (in.number() == 1) record.inode = InodeId(in.varint());
    if (in.number() == 2) record.implicit = in.boolean();
    if (in.number() == 3) record.listed = read_string(in);
  }
  in.require(record.inode.value != 0);
  TP_TRY_VOID(in.finish("name"));
  return record;
}

Bytes encode_extent(const Extent& extent) {
  FieldWriter out(kValueVersion, 32);
  out.varint(1, extent.length_bytes);
  out.varint(2, extent.blob.value);
  out.varint(3, extent.blob_offset);
  return out.take();
}

Result<Extent> decode_extent(uint64_t offset, BytesView value) {
  FieldReader in(value, kValueVersion);
  Extent extent;
  extent.offset = offset;
  while (in.next()) {
    if (in.number() == 1) extent.length_bytes = in.varint(UINT64_MAX - offset);
    if (in.number() == 2) extent.blob = BlobId(in.varint());
    if (in.number() == 3) extent.blob_offset = in.varint();
  }
  in.require(extent.blob_offset <= UINT64_MAX - extent.length_bytes);
  TP_TRY_VOID(in.finish("extent"));
  return extent;
}

namespace {
uint32_t small_data_checksum(InodeId inode, BytesView data) {
  char seed[sizeof(inode.value)];
  put_be(seed, inode.value);
  return crc32c(crc32c(0, {seed, sizeof seed}), data);
}
}  // namespace

Bytes encode_small_data(InodeId inode, BytesView data) {
  Bytes out;
  out.reserve(kSmallDataHeaderBytes + data.size());
  out.push_back(static_cast<char>(kValueVersion));
  append_be(out, small_data_checksum(inode, data));
  out.append(data);
  return out;
}

Result<BytesView> decode_small_data(InodeId inode, BytesView value) {
  if (value.size() < kSmallDataHeaderBytes || static_cast<uint8_t>(value[0]) != kValueVersion) {
    return fail(Code::kCorruption, "stored small data does not parse");
  }
  const BytesView data = value.substr(kSmallDataHeaderBytes);
  if (get_be<uint32_t>(value.data() + 1) != small_data_checksum(inode, data)) {
    return fail(Code::kCorruption, "stored small data does not match its checksum");
  }
  return data;
}

}  // namespace tp::meta
