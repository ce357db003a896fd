#include "meta/user_record.h"

#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {
enum UserField : uint32_t { kId = 1, kName = 2, kEmail = 3, kCreated = 4, kKey = 5 };
}

Bytes encode_user(const UserRecord& record) {
  FieldWriter out(kValueVersion, 128);
  out.bytes(kId, record.id);
  out.bytes(kName, record.name);
  out.bytes(kEmail, record.email);
  out.fixed64(kCreated, static_cast<uint64_t>(record.created));
  StringPairs keys;
  for (const AccessKey& key : record.keys) keys.emplace_back(key.access_key, key.secret_key);
  write_pairs(out, kKey, keys);
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
