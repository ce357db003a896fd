// Tag sets in both spellings: what parses comes back the same when written and parsed again.
#include "front/s3/message/tagging.h"
#include "wire/fuzz_input.h"

using namespace tp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::ExactCopy copy(fuzz::text_of(data, size));
  for (const bool as_field : {false, true}) {
    const auto tags = as_field ? s3::parse_tagging_header(copy.view())
                               : s3::parse_tagging_document(copy.view(), s3::kMaxBucketTags);
    if (!tags) continue;
    fuzz::require(tags->size() <= s3::kMaxBucketTags);
    const auto again = s3::parse_tagging_document(s3::tagging_document(*tags), s3::kMaxBucketTags);
    fuzz::require(again && *again == *tags);
  }
  return 0;
}
