// A frame of any bytes, for any length of data: read within its bounds or refused. And any data: what is packed is
// read back, and nothing grows.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "blob/codec/frame.h"

namespace {

void read(tp::BytesView frame, size_t length) {
  const auto out = std::make_unique<char[]>(length);
  [[maybe_unused]] const auto result = tp::blob::decode_frame(frame, tp::MutableBytes(out.get(), length));
}

void write_and_read(tp::BytesView data, const tp::blob::FrameOptions& options) {
  const tp::Bytes frame = tp::blob::encode_frame(data, options);
  const auto out = std::make_unique<char[]>(data.size());
  if (frame.size() > data.size()) std::abort();
  if (!tp::blob::decode_frame(frame, tp::MutableBytes(out.get(), data.size()))) std::abort();
  if (tp::BytesView(out.get(), data.size()) != data) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size < 4) return 0;
  const size_t length = (static_cast<size_t>(bytes[0]) << 16 | bytes[1] << 8 | bytes[2]) % (tp::blob::kFrameBytes + 2);
  const tp::BytesView rest(reinterpret_cast<const char*>(bytes + 3), size - 3);
  read(rest, length);
  read(rest, rest.size() + 1 + length % 64);
  const tp::BytesView data = rest.substr(0, tp::blob::kFrameBytes);
  write_and_read(data, {tp::blob::Codec::kLz4});
  write_and_read(data, {tp::blob::Codec::kZstd, static_cast<int>(bytes[0] % 5)});
  return 0;
}
