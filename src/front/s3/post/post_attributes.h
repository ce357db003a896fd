// What a form's fields say of the object that it makes: what the headers of the same names say for PutObject.
// Spec: S3 API, "POST Object": form fields.
#pragma once

#include "front/s3/core/s3_request.h"
#include "front/s3/post/post_form.h"
#include "plane/object_types.h"

namespace tp::s3 {

struct PostAttributes {
  plane::ObjectAttributes attributes;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kNone;  // kNone: the form claims no checksum
  plane::ExpectedDigests expected;
};

/// Errors: as parse_object_attributes, and InvalidDigest, InvalidRequest for the digests.
Result<PostAttributes> parse_post_attributes(S3Request& request, const PostForm& form);

}  // namespace tp::s3
