// The bodies that S3 operations parse, each by its own parser: tag sets (which come back the same when written and
// parsed again, as do lifecycle rules and lock configurations), CORS rules, bucket configurations, ownership, the parts
// of a completion, retention and legal holds, bucket policies.
#include "front/s3/bucket/create_bucket_document.h"
#include "front/s3/cors/cors_document.h"
#include "front/s3/lifecycle/lifecycle_document.h"
#include "front/s3/lock/lock_document.h"
#include "front/s3/message/tagging.h"
#include "front/s3/settings/ownership_document.h"
#include "front/s3/upload/complete_document.h"
#include "plane/rights/policy.h"
#include "wire/fuzz_input.h"

using namespace tp;

namespace {

void check_tags(std::string_view text) {
  for (const bool as_field : {false, true}) {
    const auto tags =
        as_field ? s3::parse_tagging_header(text) : s3::parse_tagging_document(text, s3::kMaxBucketTags);
    if (!tags) continue;
    fuzz::require(tags->size() <= s3::kMaxBucketTags);
    const auto again = s3::parse_tagging_document(s3::tagging_document(*tags), s3::kMaxBucketTags);
    fuzz::require(again && *again == *tags);
  }
}

void check_lifecycle(std::string_view text) {
  auto rules = s3::parse_lifecycle_document(text);
  if (!rules || lifecycle::validate(*rules)) return;
  lifecycle::complete(&*rules);
  fuzz::require(!lifecycle::validate(*rules));
  const auto again = s3::parse_lifecycle_document(s3::lifecycle_document(*rules));
  fuzz::require(again && *again == *rules);
  const auto kept = lifecycle::decode_rules(lifecycle::encode_rules(*rules));
  fuzz::require(kept && *kept == *rules);
}

void check_locks(std::string_view text) {
  if (const auto rules = s3::parse_lock_configuration(text)) {
    const auto again = s3::parse_lock_configuration(s3::lock_configuration_document(*rules));
    fuzz::require(again && *again == *rules);
  }
  if (const auto retention = s3::parse_retention(text)) {
    const auto again = s3::parse_retention(s3::retention_document(*retention));
    fuzz::require(again && again->mode == retention->mode);
  }
  [[maybe_unused]] const auto hold = s3::parse_legal_hold(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::ExactCopy copy(fuzz::text_of(data, size));
  check_tags(copy.view());
  check_lifecycle(copy.view());
  check_locks(copy.view());
  [[maybe_unused]] const auto cors = s3::parse_cors_document(copy.view());
  [[maybe_unused]] const auto bucket = s3::parse_create_bucket_document(copy.view());
  [[maybe_unused]] const auto ownership = s3::parse_ownership_document(copy.view());
  const auto policy = plane::Policy::parse(copy.view(), "bucket");
  fuzz::require(!policy || *policy != nullptr);
  const auto parts = s3::parse_complete_document(copy.view());
  if (!parts) return 0;
  for (const auto& part : *parts) fuzz::require(part.number >= 1 && part.number <= plane::kMaxPartNumber);
  return 0;
}
