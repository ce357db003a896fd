// POST policies: the input is the JSON document.
#include "base/bytes.h"
#include "wire/fuzz_input.h"
#include "wire/upload/post_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tp::fuzz::text_of(data, size);
  (void)tp::wire::PostPolicy::parse(text);
  const auto policy = tp::wire::PostPolicy::parse(tp::to_base64(text));
  if (!policy) return 0;
  const std::vector<tp::wire::FormField> fields = {{"key", "user/a"}, {"Content-Type", "image/png,image/gif"}};
  (void)policy->check(fields, "bucket", 0);
  (void)policy->check_size(size);
  const std::vector<tp::wire::FormField> uncovered = {{std::string(100, 'n'), ""}};
  tp::fuzz::require(!policy->check(uncovered, "bucket", 0) || size > 100);
  return 0;
}
