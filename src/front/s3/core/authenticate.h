// authenticate(): establishes who the caller is. A request without a signature is anonymous, and the plane decides what
// that may do; one with a signature is refused unless it is right.
// Spec: S3 API, "Authenticating Requests (AWS Signature Version 4)".
#pragma once

#include "base/result.h"
#include "front/s3/core/s3_request.h"

namespace tp::s3 {

/// Fills request.claim, request.signature and request.caller. Errors carry a SigV4Error or an S3Code; the details that
/// S3 shows of a mismatch (StringToSign, CanonicalRequest) are added to the request's error document.
Result<void> authenticate(S3Request& request);

}  // namespace tp::s3
