// Any bytes as a pack's header, as a sealed frame, as a key file, as an object's name: no crash, and no frame opens
// that was not sealed here.
#include <cstdint>
#include <cstdlib>

#include "base/hash/crc.h"
#include "blob/archive/pack_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tp::blob;
  const tp::BytesView bytes(reinterpret_cast<const char*>(data), size);
  tp::Bytes header(bytes.substr(0, kPackHeaderBytes));
  header.resize(kPackHeaderBytes);
  // The checksum keeps a fuzzer out: mend it, so that the fields behind it are reached.
  constexpr size_t kChecksumAt = kPackHeaderBytes - 4;
  tp::put_be<uint32_t>(header.data() + kChecksumAt, tp::crc32c(0, tp::BytesView(header).substr(0, kChecksumAt)));
  for (const tp::BytesView text : {bytes, tp::BytesView(header)}) {
    const auto decoded = decode_pack_header(text);
    if (!decoded) continue;
    tp::Bytes again;
    append_pack_header(*decoded, again);
    if (decode_pack_header(again).value() != *decoded) std::abort();
  }
  static const ArchiveKeys keys = *ArchiveKeys::parse(std::string(64, 'a'));
  const PackId pack{7, tp::SegmentId(9)};
  const FramePlace place{64, tp::BlobId(3), 0, 100};
  tp::Bytes sealed(bytes);
  if (sealed.size() >= 4) tp::put_be<uint32_t>(sealed.data(), keys.sealing().fingerprint);
  if (open_frame(keys, pack, place, bytes) || open_frame(keys, pack, place, sealed)) std::abort();
  [[maybe_unused]] const auto parsed = ArchiveKeys::parse(bytes);
  const std::string prefix = pack_name_prefix("p", 7, 1);
  if (const auto id = segment_of_pack(prefix, bytes); id && pack_name(prefix, *id) != bytes) std::abort();
  return 0;
}
