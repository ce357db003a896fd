// Signed requests: the input is a request head; whatever claim it makes is verified, and must not be found true.
#include "wire/aws/sigv4.h"
#include "wire/fuzz_input.h"
#include "wire/http/head_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tp::fuzz::ExactCopy copy(tp::fuzz::text_of(data, size));
  tp::wire::RequestHead head;
  tp::wire::HeadParser parser;
  const auto status = parser.parse_request(copy.view(), head);
  if (!status || *status != tp::wire::HeadStatus::kComplete) return 0;
  const tp::wire::SigV4Request request{head.method_text, head.path, head.query, head.headers};
  const auto claim = tp::wire::parse_sigv4(request);
  if (!claim || claim->form == tp::wire::SigV4Form::kAnonymous) return 0;
  static tp::wire::SigningKeyCache keys;
  tp::wire::SignatureMismatch mismatch;
  const auto verified = tp::wire::verify_sigv4(request, *claim, "a secret that the corpus does not know",
                                               claim->signed_at, keys, {}, &mismatch);
  tp::fuzz::require(!verified);
  tp::fuzz::require(mismatch.canonical_request.size() <= 4 * size + 4096);
  return 0;
}
