// Dates: what is read is written in the same form, or in another form of the same time; words decode without a crash.
#include "wire/fuzz_input.h"
#include "wire/text/encoded_word.h"
#include "wire/text/timestamp.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tp::fuzz::ExactCopy copy(tp::fuzz::text_of(data, size));
  const std::string_view text = copy.view();
  if (const auto time = tp::wire::parse_http_date(text)) {
    tp::fuzz::require(tp::wire::parse_http_date(tp::wire::http_date(*time)) == time);
  }
  if (const auto time = tp::wire::parse_amz_date(text)) {
    tp::fuzz::require(tp::wire::parse_amz_date(tp::wire::amz_date(*time)) == time);
  }
  if (const auto time = tp::wire::parse_iso8601(text)) {
    tp::fuzz::require(tp::wire::parse_iso8601(tp::wire::iso8601(*time)).value() / 1'000'000 == *time / 1'000'000);
  }
  tp::fuzz::require(tp::wire::decode_encoded_words(text).size() <= size);
  tp::fuzz::require(tp::wire::decode_encoded_words(tp::wire::encode_word_if_needed("\x80" + std::string(text))) ==
                    "\x80" + std::string(text));
  return 0;
}
