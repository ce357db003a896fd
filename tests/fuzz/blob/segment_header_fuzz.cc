// Any 4 KiB, and any file name: decoded without a crash; what decodes encodes to the same bytes again.
#include <cstdint>
#include <cstdlib>

#include "base/hash/crc.h"
#include "blob/hot/segment_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tp::BytesView bytes(reinterpret_cast<const char*>(data), size);
  if (const auto id = tp::blob::segment_id_of(bytes); id && tp::blob::segment_file_name(*id) != bytes) std::abort();
  if (tp::blob::decode_segment_header(bytes)) {
    tp::Bytes again(tp::blob::kSegmentHeaderBytes, '\0');
    tp::blob::encode_segment_header(*tp::blob::decode_segment_header(bytes), again);
    if (*tp::blob::decode_segment_header(again) != *tp::blob::decode_segment_header(bytes)) std::abort();
  }
  // The checksum keeps a fuzzer out: pad, and mend it, so that the fields behind it are reached.
  tp::Bytes block(bytes.substr(0, tp::blob::kSegmentHeaderBytes));
  block.resize(tp::blob::kSegmentHeaderBytes);
  constexpr size_t kChecksumAt = tp::blob::kSegmentHeaderBytes - 4;
  tp::put_be<uint32_t>(block.data() + kChecksumAt, tp::crc32c(0, tp::BytesView(block).substr(0, kChecksumAt)));
  [[maybe_unused]] const auto header = tp::blob::decode_segment_header(block);
  return 0;
}
