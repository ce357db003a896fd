#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {

constexpr size_t kRawEtagBytes = 16;

bool known_permission(uint64_t value) {
  switch (static_cast<Permission>(value)) {
    case Permission::kRead:
    case Permission::kWrite:
    case Permission::kReadAcl:
    case Permission::kWriteAcl:
    case Permission::kFullControl:
      return true;
  }
  return false;
}

bool is_raw_etag(const std::string& etag) {
  char raw[kRawEtagBytes];
  return etag.size() == 2 * kRawEtagBytes && from_hex(etag, raw) && to_hex({raw, kRawEtagBytes}) == etag;
}

}  // namespace

void write_grants(FieldWriter& out, uint32_t number, const AccessList& grants) {
  for (const Grant& grant : grants) {
    FieldWriter inner;
    inner.varint(1, static_cast<uint64_t>(grant.grantee));
    inner.bytes(2, grant.user_id);
    inner.varint(3, static_cast<uint64_t>(grant.permission));
    out.message(number, inner);
  }
}

void read_grant(FieldReader& in, AccessList* grants) {
  FieldReader inner(in.bytes());
  Grant grant;
  uint64_t grantee = 0;
  uint64_t permission = 0;
  while (inner.next()) {
    switch (inner.number()) {
      case 1:
        grantee = inner.varint(static_cast<uint64_t>(GranteeKind::kLogDelivery));
        break;
      case 2:
        grant.user_id = read_string(inner);
        break;
      case 3:
        permission = inner.varint();
        break;
      default:
        break;
    }
  }
  in.require(inner.good() && grantee != 0 && known_permission(permission) && grants->size() < kMaxListLength);
  if (!in.good()) return;
  grant.grantee = static_cast<GranteeKind>(grantee);
  grant.permission = static_cast<Permission>(permission);
  grants->push_back(std::move(grant));
}

void write_pairs(FieldWriter& out, uint32_t number, const StringPairs& pairs) {
  for (const auto& [name, value] : pairs) {
    FieldWriter inner;
    inner.raw_varint(name.size());
    inner.raw_bytes(name);
    inner.raw_bytes(value);
    out.message(number, inner);
  }
}

void read_pair(FieldReader& in, StringPairs* pairs) {
  BytesView packed = in.bytes();
  FieldReader inner(packed);
  const BytesView name = inner.raw_bytes(inner.raw_varint());
  in.require(inner.good() && pairs->size() < kMaxListLength);
  if (!in.good()) return;
  const BytesView value(name.data() + name.size(), packed.data() + packed.size());
  pairs->emplace_back(std::string(name), std::string(value));
}

void write_checksum(FieldWriter& out, uint32_t number, const Checksum& checksum) {
  if (checksum.algorithm == ChecksumAlgorithm::kNone) return;
  FieldWriter inner;
  inner.varint(1, static_cast<uint64_t>(checksum.algorithm));
  inner.varint(2, static_cast<uint64_t>(checksum.type));
  inner.bytes(3, checksum.value);
  out.message(number, inner);
}

void read_checksum(FieldReader& in, Checksum* checksum) {
  FieldReader inner(in.bytes());
  *checksum = {};
  while (inner.next()) {
    switch (inner.number()) {
      case 1:
        checksum->algorithm = read_algorithm(inner);
        break;
      case 2:
        checksum->type = inner.enumeration(ChecksumType::kFullObject, ChecksumType::kComposite);
        break;
      case 3:
        checksum->value = Bytes(inner.bytes(kMaxDigestSize));
        break;
      default:
        break;
    }
  }
  in.require(inner.good());
}

void write_etag(FieldWriter& out, uint32_t raw_number, uint32_t text_number, const std::string& etag) {
  char raw[kRawEtagBytes];
  if (is_raw_etag(etag) && from_hex(etag, raw)) {
    out.bytes(raw_number, {raw, kRawEtagBytes});
  } else {
    out.bytes(text_number, etag);
  }
}

void read_raw_etag(FieldReader& in, std::string* etag) {
  const BytesView raw = in.bytes(kRawEtagBytes);
  in.require(raw.size() == kRawEtagBytes);
  if (in.good()) *etag = to_hex(raw);
}

void write_extents(FieldWriter& out, uint32_t number, const std::vector<Extent>& extents) {
  if (extents.empty()) return;
  FieldWriter packed;
  for (const Extent& extent : extents) {
    packed.raw_varint(extent.offset);
    packed.raw_varint(extent.length_bytes);
    packed.raw_varint(extent.blob.value);
    packed.raw_varint(extent.blob_offset);
  }
  out.message(number, packed);
}

void read_extents(FieldReader& in, std::vector<Extent>* extents) {
  FieldReader packed(in.bytes());
  while (packed.good() && !packed.at_end() && extents->size() < kMaxExtents) {
    Extent extent;
    extent.offset = packed.raw_varint();
    extent.length_bytes = packed.raw_varint(UINT64_MAX - extent.offset);
    extent.blob = BlobId(packed.raw_varint());
    extent.blob_offset = packed.raw_varint(UINT64_MAX - extent.length_bytes);
    extents->push_back(extent);
  }
  in.require(packed.good() && packed.at_end());
}

ChecksumAlgorithm read_algorithm(FieldReader& in) {
  const auto algorithm = checksum_from_byte(static_cast<uint8_t>(in.varint(UINT8_MAX)));
  if (!algorithm) in.fail_here();
  return algorithm.value_or(ChecksumAlgorithm::kNone);
}

}  // namespace tp::meta
