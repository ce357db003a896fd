#include "meta/user_record.h"

#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {
enum UserField : uint32_t { kId = 1, kName = 2, kEmail = 3, kCreated = 4, kKey = 5, kUid = 6, kGid = 7 };

std::optional<uint32_t> read_id(FieldReader& in) {
  const uint64_t value = in.varint(uint64_t{UINT32_MAX} + 1);
  if (value == 0) return std::nullopt;
  return static_cast<uint32_t>(value - 1);
}
}  // namespace

Bytes encode_user(const UserRecord& record) {
  FieldWriter out(kValueVersion, 128);
  out.bytes(kId, record.id);
  out.bytes(kName, record.name);
  out.bytes(kEmail, record.email);
  out.fixed64(kCreated, static_cast<uint64_t>(record.created));
  StringPairs keys;
  for (const AccessKey& key : record.keys) keys.emplace_back(key.access_key, key.secret_key);
  write_pairs(out, kKey, keys);
  // One more than the number: 0 is root's, and a field that is not there says that the user has none.
  if (record.uid) out.varint(kUid, uint64_t{*record.uid} + 1);
  if (record.gid) out.varint(kGid, uint64_t{*record.gid} + 1);
  return out.take();
}

Result<UserRecord> decode_user(BytesView value) {
  FieldReader in(value, kValueVersion);
  UserRecord record;
  StringPairs keys;
  while (in.next()) {
    switch (in.number()) {
      case kId:
        record.id = read_string(in);
        break;
      case kName:
        record.name = read_string(in);
        break;
      case kEmail:
        record.email = read_string(in);
        break;
      case kCreated:
        record.created = read_time(in);
        break;
      case kKey:
        read_pair(in, &keys);
        break;
      case kUid:
        record.uid = read_id(in);
        break;
      case kGid:
        record.gid = read_id(in);
        break;
      default:
        break;
    }
  }
  in.require(!record.id.empty());
  TP_TRY_VOID(in.finish("user"));
  for (auto& [access_key, secret_key] : keys) record.keys.push_back({std::move(access_key), std::move(secret_key)});
  return record;
}

}  // namespace tp::meta
