// Who sends a form, and whether its policy lets it in. A form without a policy is anonymous: then the plane decides, by
// the bucket's own ACL and policy. Spec: S3 API, "Authenticating requests in browser-based uploads using POST (SigV4)".
#pragma once

#include <optional>

#include "front/s3/core/s3_request.h"
#include "front/s3/post/post_form.h"
#include "wire/upload/post_policy.h"

namespace tp::s3 {

/// Sets request.caller to the signer of the form's policy and checks the form against it. No policy: an anonymous form.
/// Errors: InvalidArgument, InvalidAccessKeyId, SignatureDoesNotMatch, InvalidPolicyDocument, AccessDenied.
Result<std::optional<wire::PostPolicy>> check_post_policy(S3Request& request, const PostForm& form);

}  // namespace tp::s3
