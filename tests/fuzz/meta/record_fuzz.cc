// Every reader of stored records: the first byte chooses which. What parses must survive being written and read again.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "meta/blob_codec.h"
#include "meta/codec/store_state.h"
#include "meta/inode_record.h"
#include "meta/journal.h"
#include "meta/keys.h"
#include "meta/upload_record.h"
#include "meta/user_record.h"
#include "meta/versions/version_id.h"
#include "meta/versions/version_record.h"

namespace {

using namespace tp;
using namespace tp::meta;

template <class Decode, class Encode>
void again(BytesView value, Decode decode, Encode encode) {
  const auto record = decode(value);
  if (!record) {
    TP_CHECK(record.error().code == Code::kCorruption);
    return;
  }
  const Bytes written = encode(*record);
  const auto reread = decode(written);
  TP_CHECK(reread.has_value());
  TP_CHECK(encode(*reread) == written);
}

void read_keys(BytesView key) {
  if (const auto name = parse_name_key(key)) {
    TP_CHECK(name_key(name->parent, name->name, name->directory) == key);
  }
  if (const auto upload = parse_upload_key(key)) {
    TP_CHECK(upload_key(upload->volume, upload->object_key, upload->upload) == key);
  }
  if (const auto version = parse_version_key(key)) {
    TP_CHECK(version_key(version->volume, version->object_key, version->order) == key);
  }
  if (const auto number = parse_version_text(key)) TP_CHECK(version_text(*number) == key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const BytesView value(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr uint64_t kOffset = 4096;
  switch (data[0] % 15) {
    case 0: again(value, decode_inode, encode_inode); break;
    case 1: again(value, decode_name, encode_name); break;
    case 2: again(value, [](BytesView bytes) { return decode_extent(kOffset, bytes); }, encode_extent); break;
    case 3: again(value, decode_volume, encode_volume); break;
    case 4: again(value, decode_counters, encode_counters); break;
    case 5: again(value, decode_user, encode_user); break;
    case 6: again(value, decode_upload, encode_upload); break;
    case 7: again(value, decode_part, encode_part); break;
    case 8: again(value, decode_completed, encode_completed); break;
    case 9: again(value, [](BytesView bytes) { return decode_blob(BlobId(7), bytes); }, encode_blob); break;
    case 10: read_keys(value); break;
    case 11: again(value, decode_change, encode_change); break;
    case 12: again(value, decode_store_state, encode_store_state); break;
    case 14: again(value, decode_version, encode_version); break;
    default:
      if (const auto small = decode_small_data(InodeId(1), value)) {
        TP_CHECK(encode_small_data(InodeId(1), *small) == value);
      }
  }
  return 0;
}
