// What a bucket can be told: its ACL, object ownership, policy and tags. Each does what the S3 API reference says.
#pragma once

#include "front/s3/core/operation.h"

namespace tp::s3 {

/// No document of a bucket's settings is larger.
inline constexpr size_t kMaxSettingBytes = 64 << 10;

Task<void> delete_bucket_ownership_controls(S3Request& request);
Task<void> delete_bucket_policy(S3Request& request);
Task<void> delete_bucket_tagging(S3Request& request);
Task<void> get_bucket_acl(S3Request& request);
Task<void> get_bucket_ownership_controls(S3Request& request);
Task<void> get_bucket_policy(S3Request& request);
Task<void> get_bucket_policy_status(S3Request& request);
Task<void> get_bucket_tagging(S3Request& request);
Task<void> put_bucket_acl(S3Request& request);
Task<void> put_bucket_ownership_controls(S3Request& request);
Task<void> put_bucket_policy(S3Request& request);
Task<void> put_bucket_tagging(S3Request& request);

}  // namespace tp::s3
