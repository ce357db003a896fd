// How a form upload is answered: a redirect, an empty success, or a small document, as the form asked.
// Spec: S3 API, "POST Object": success_action_redirect, success_action_status.
#pragma once

#include "front/s3/core/s3_request.h"
#include "front/s3/post/post_form.h"
#include "plane/object_types.h"

namespace tp::s3 {

/// The URL to go to with bucket, key and etag added; empty unless `target` is an http(s) URL.
std::string post_redirect(std::string_view target, std::string_view bucket, std::string_view key,
                          std::string_view etag);

Task<void> answer_post(S3Request& request, const PostForm& form, std::string key, plane::PutResult object);

}  // namespace tp::s3
