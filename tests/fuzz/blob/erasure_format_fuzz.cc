// Any bytes as a shard's header, a table of drives or a shard's name: decoded without a crash; what decodes encodes to
// the same again. With the checksum mended too, so that the fields behind it are reached.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/hash/crc.h"
#include "blob/erasure/erasure_format.h"

namespace {

void table(tp::BytesView bytes) {
  const auto table = tp::blob::decode_drive_table(bytes);
  if (!table) return;
  const auto again = tp::blob::decode_drive_table(tp::blob::encode_drive_table(*table));
  if (!again || *again != *table) std::abort();
}

void header(tp::BytesView bytes) {
  const auto header = tp::blob::decode_shard_header(bytes);
  if (!header) return;
  tp::Bytes again(tp::blob::kShardHeaderBytes, '\0');
  tp::blob::encode_shard_header(*header, again);
  if (*tp::blob::decode_shard_header(again) != *header) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tp::BytesView bytes(reinterpret_cast<const char*>(data), size);
  if (const auto name = tp::blob::shard_name_of(bytes); name && tp::blob::shard_file_name(*name) != bytes) std::abort();
  table(bytes);
  header(bytes);
  tp::Bytes block(bytes.substr(0, tp::blob::kShardHeaderBytes));
  block.resize(tp::blob::kShardHeaderBytes);
  constexpr size_t kChecksumAt = tp::blob::kShardHeaderBytes - 4;
  tp::put_be<uint32_t>(block.data() + kChecksumAt, tp::crc32c(0, tp::BytesView(block).substr(0, kChecksumAt)));
  header(block);
  if (size >= 16) {
    tp::Bytes slot(bytes.substr(0, tp::blob::kTableSlotBytes));
    slot.resize(tp::blob::kTableSlotBytes);
    const size_t covered = std::clamp<size_t>(tp::get_be<uint32_t>(slot.data() + 12), 16, slot.size() - 4);
    tp::put_be<uint32_t>(slot.data() + 12, static_cast<uint32_t>(covered));
    tp::put_be<uint32_t>(slot.data() + covered, tp::crc32c(0, tp::BytesView(slot).substr(0, covered)));
    table(slot);
  }
  return 0;
}
