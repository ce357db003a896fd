// Percent-encoding, queries and the canonical forms of SigV4: what is encoded decodes to itself, and the canonical form
// of a canonical form is the same.
#include "wire/aws/canonical_request.h"
#include "wire/fuzz_input.h"
#include "wire/text/uri.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tp::fuzz::ExactCopy copy(tp::fuzz::text_of(data, size));
  const std::string_view text = copy.view();
  for (const tp::wire::Slash slash : {tp::wire::Slash::kEncode, tp::wire::Slash::kKeep}) {
    const auto decoded = tp::wire::percent_decode(tp::wire::percent_encode(text, slash));
    tp::fuzz::require(decoded && *decoded == text);
  }
  (void)tp::wire::percent_decode(text);
  const auto params = tp::wire::parse_query(text);
  tp::Bytes canonical;
  tp::fuzz::require(tp::wire::append_canonical_query(canonical, text) == params.has_value());
  tp::Bytes again;
  if (params) tp::fuzz::require(tp::wire::append_canonical_query(again, canonical) && again == canonical);
  tp::Bytes path;
  tp::Bytes path_again;
  if (tp::wire::append_canonical_path(path, text)) {
    tp::fuzz::require(tp::wire::append_canonical_path(path_again, path) && path_again == path);
  }
  return 0;
}
