#include "front/s3/bucket/bucket_handlers.h"

#include <array>

#include "front/s3/cors/cors_handlers.h"
#include "front/s3/list/list_handlers.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

std::span<const HandlerRow> bucket_handlers() {
  static constexpr std::array kRows = {
      HandlerRow{Operation::kCreateBucket, create_bucket},
      HandlerRow{Operation::kDeleteBucket, delete_bucket},
      HandlerRow{Operation::kGetBucketLocation, get_bucket_location},
      HandlerRow{Operation::kHeadBucket, head_bucket},
      HandlerRow{Operation::kListBuckets, list_buckets},
      // listings
      HandlerRow{Operation::kListObjects, list_objects},
      HandlerRow{Operation::kListObjectsV2, list_objects_v2},
      // CORS
      HandlerRow{Operation::kDeleteBucketCors, delete_bucket_cors},
      HandlerRow{Operation::kGetBucketCors, get_bucket_cors},
      HandlerRow{Operation::kPutBucketCors, put_bucket_cors},
      HandlerRow{Operation::kOptionsPreflight, options_preflight},
      // settings
      HandlerRow{Operation::kDeleteBucketOwnershipControls, delete_bucket_ownership_controls},
      HandlerRow{Operation::kDeleteBucketPolicy, delete_bucket_policy},
      HandlerRow{Operation::kDeleteBucketTagging, delete_bucket_tagging},
      HandlerRow{Operation::kGetBucketAcl, get_bucket_acl},
      HandlerRow{Operation::kGetBucketOwnershipControls, get_bucket_ownership_controls},
      HandlerRow{Operation::kGetBucketPolicy, get_bucket_policy},
      HandlerRow{Operation::kGetBucketPolicyStatus, get_bucket_policy_status},
      HandlerRow{Operation::kGetBucketTagging, get_bucket_tagging},
      HandlerRow{Operation::kPutBucketAcl, put_bucket_acl},
      HandlerRow{Operation::kPutBucketOwnershipControls, put_bucket_ownership_controls},
      HandlerRow{Operation::kPutBucketPolicy, put_bucket_policy},
      HandlerRow{Operation::kPutBucketTagging, put_bucket_tagging},
  };
  return kRows;
}

}  // namespace tp::s3
