#include "meta/versions/version_record.h"

#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {

enum VersionField : uint32_t { kInode = 1, kNull = 2, kOwner = 3, kModified = 4, kListed = 5 };

// As in upload keys: 0x00 of an object key is written as 00 ff and its end as 00 01, which keeps the order.
constexpr char kEscape = '\x00', kEscapedZero = '\xff', kEnd = '\x01';
constexpr size_t kVolumeBytes = 8, kTailBytes = 2 + 8;

void append_escaped(Bytes& out, BytesView key) {
  for (const char each : key) {
    out.push_back(each);
    if (each == kEscape) out.push_back(kEscapedZero);
  }
}

Bytes key_prefix(VolumeId volume, BytesView object_key) {
  Bytes key;
  key.reserve(kVolumeBytes + object_key.size() + kTailBytes);
  append_be(key, volume.value);
  append_escaped(key, object_key);
  key.push_back(kEscape);
  return key;
}

}  // namespace

Bytes encode_version(const VersionRecord& record) {
  FieldWriter out(kValueVersion, 48 + record.owner.size() + record.listed.size());
  out.varint(kInode, record.inode.value);
  out.varint(kNull, record.null_version ? 1 : 0);
  out.bytes(kOwner, record.owner);
  out.fixed64(kModified, static_cast<uint64_t>(record.modified));
  out.bytes(kListed, record.listed);
  return out.take();
}

Result<VersionRecord> decode_version(BytesView value) {
  FieldReader in(value, kValueVersion);
  VersionRecord record;
  while (in.next()) {
    switch (in.number()) {
      case kInode:
        record.inode = InodeId(in.varint());
        break;
      case kNull:
        record.null_version = in.boolean();
        break;
      case kOwner:
        record.owner = read_string(in);
        break;
      case kModified:
        record.modified = read_time(in);
        break;
      case kListed:
        record.listed = Bytes(in.bytes());
        break;
      default:
        break;
    }
  }
  TP_TRY_VOID(in.finish("version"));
  return record;
}

Bytes version_key(VolumeId volume, BytesView object_key, uint64_t order) {
  Bytes key = key_prefix(volume, object_key);
  key.push_back(kEnd);
  append_be(key, ~order);
  return key;
}

Bytes key_versions_begin(VolumeId volume, BytesView object_key) {
  Bytes key = key_prefix(volume, object_key);
  key.push_back(kEnd);
  return key;
}

Bytes key_versions_end(VolumeId volume, BytesView object_key) {
  Bytes key = key_prefix(volume, object_key);
  key.push_back(kEnd + 1);
  return key;
}

Bytes versions_begin(VolumeId volume) {
  Bytes key;
  append_be(key, volume.value);
  return key;
}

Bytes versions_end(VolumeId volume) {
  // Volumes are numbered from below: the highest has an end as well.
  Bytes key;
  append_be(key, volume.value + 1);
  return key;
}

Bytes versions_from(VolumeId volume, BytesView object_key) {
  Bytes key;
  append_be(key, volume.value);
  append_escaped(key, object_key);
  return key;
}

Result<VersionKeyParts> parse_version_key(BytesView key) {
  if (key.size() < kVolumeBytes + kTailBytes) return fail(Code::kCorruption, "a stored version's key is too short");
  VersionKeyParts parts;
  parts.volume = VolumeId(get_be<uint64_t>(key.data()));
  size_t at = kVolumeBytes;
  while (at + 1 < key.size()) {
    if (key[at] != kEscape) {
      parts.object_key.push_back(key[at++]);
      continue;
    }
    const char after = key[at + 1];
    at += 2;
    if (after == kEnd && key.size() - at == sizeof(uint64_t)) {
      parts.order = ~get_be<uint64_t>(key.data() + at);
      return parts;
    }
    if (after != kEscapedZero) break;
    parts.object_key.push_back('\0');
  }
  return fail(Code::kCorruption, "a stored version's key does not parse");
}

Bytes encode_null_version(uint64_t order) {
  Bytes value;
  append_be(value, order);
  return value;
}

Result<uint64_t> decode_null_version(BytesView value) {
  if (value.size() != sizeof(uint64_t)) return fail(Code::kCorruption, "the name of a null version does not parse");
  return get_be<uint64_t>(value.data());
}

}  // namespace tp::meta
