// The aws-chunked coding in its three modes. The first byte picks mode and declared trailer, the second the length.
#include "wire/fuzz_input.h"
#include "wire/upload/aws_chunked_decoder.h"

using tp::wire::AwsChunkedDecoder;
using tp::wire::PayloadMode;

namespace {

AwsChunkedDecoder make_decoder(uint8_t choice, uint8_t length) {
  static const tp::wire::VerifiedSignature seed;
  const PayloadMode modes[] = {PayloadMode::kStreamingSigned, PayloadMode::kStreamingSignedTrailer,
                               PayloadMode::kStreamingUnsignedTrailer};
  const std::string_view trailers[] = {"", "x-amz-checksum-crc32", "a, b"};
  return AwsChunkedDecoder(modes[choice % 3], length, trailers[choice / 3 % 3], &seed);
}

/// The outcome with the end of the body in it.
std::string decode(AwsChunkedDecoder decoder, std::string_view body, size_t piece) {
  std::string payload;
  const tp::fuzz::ExactCopy copy(body);
  for (size_t at = 0; at < body.size();) {
    const std::string_view part = copy.view().substr(at, piece);
    const auto step = decoder.next(part);
    if (!step) return "!";  // how much payload came before an error may depend on the split
    tp::fuzz::require(step->consumed_bytes <= part.size() && step->consumed_bytes > 0);
    payload += step->payload;
    at += step->consumed_bytes;
  }
  if (!decoder.finish()) return payload + "!";
  for (const auto& field : decoder.trailer()) payload += field.name + field.value;
  return payload + "#";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view body = tp::fuzz::text_of(data + 2, size - 2);
  const std::string whole = decode(make_decoder(data[0], data[1]), body, size);
  tp::fuzz::require(whole == decode(make_decoder(data[0], data[1]), body, 1));
  tp::fuzz::require(whole == decode(make_decoder(data[0], data[1]), body, 7));
  return 0;
}
