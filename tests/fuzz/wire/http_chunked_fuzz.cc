// The HTTP chunked coding: every split has the same outcome, and decoding in place agrees.
#include "wire/fuzz_input.h"
#include "wire/http/chunked_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body = tp::fuzz::text_of(data, size);
  const std::string whole = tp::fuzz::decode_in_pieces(tp::wire::ChunkedDecoder(), body, size + 1);
  tp::fuzz::require(whole == tp::fuzz::decode_in_pieces(tp::wire::ChunkedDecoder(), body, 1));
  tp::fuzz::require(whole == tp::fuzz::decode_in_pieces(tp::wire::ChunkedDecoder(), body, 5));
  tp::fuzz::ExactCopy copy(body);
  tp::wire::ChunkedDecoder decoder;
  const auto in_place = decoder.decode_in_place({copy.data(), size});
  if (in_place) {
    const std::string_view payload = copy.view().substr(0, in_place->payload_bytes);
    tp::fuzz::require(whole == std::string(payload) + (in_place->done ? "#" : ""));
  } else {
    tp::fuzz::require(whole.ends_with('!'));
  }
  return 0;
}
