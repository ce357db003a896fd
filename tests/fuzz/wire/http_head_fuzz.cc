// Request and response heads: whole, and growing by a few bytes at a time.
#include "wire/fuzz_input.h"
#include "wire/http/head_parser.h"

using tp::fuzz::ExactCopy;
using tp::wire::HeadParser;
using tp::wire::HeadStatus;

namespace {

template <class Head>
auto parse(HeadParser& parser, std::string_view text, Head& head) {
  if constexpr (std::is_same_v<Head, tp::wire::RequestHead>) {
    return parser.parse_request(text, head);
  } else {
    return parser.parse_response(text, head);
  }
}

template <class Head>
void check(std::string_view text) {
  const ExactCopy copy(text);
  Head head;
  HeadParser whole;
  const auto at_once = parse(whole, copy.view(), head);
  if (at_once && *at_once == HeadStatus::kComplete) {
    tp::fuzz::require(head.head_bytes <= text.size() && head.headers.size() <= 256);
    tp::fuzz::require(!(head.chunked && head.content_length));
    for (const auto& field : head.headers) {
      tp::fuzz::require(!field.name.empty() && field.value.find_first_of("\r\n\0") == std::string_view::npos);
    }
  }
  HeadParser slow;
  Head grown;
  for (size_t size = 0;; size = std::min(text.size(), size + 3)) {
    const ExactCopy part(text.substr(0, size));
    const auto status = parse(slow, part.view(), grown);
    if (!status || *status == HeadStatus::kComplete) {
      tp::fuzz::require(!status ? !at_once : at_once && *at_once == HeadStatus::kComplete);
      if (status) tp::fuzz::require(grown.head_bytes == head.head_bytes && grown.headers.size() == head.headers.size());
      return;
    }
    if (size == text.size()) break;
  }
  // Growing slowly, the parser waits for the end of a head before it looks closely: it may know less, never more.
  tp::fuzz::require(!at_once || *at_once == HeadStatus::kNeedMore);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tp::fuzz::text_of(data, std::min<size_t>(size, 4096));
  check<tp::wire::RequestHead>(text);
  check<tp::wire::ResponseHead>(text);
  return 0;
}
