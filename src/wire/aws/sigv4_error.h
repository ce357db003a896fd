// SigV4Error: why a request was not authenticated; it stands in Error::reason. The front maps each to S3's code.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tp::wire {

enum class SigV4Error : uint16_t {
  kBothMechanisms = 0x2001,   // an Authorization header and X-Amz-* query parameters (InvalidArgument)
  kSigV2,                     // the retired Signature Version 2 (InvalidRequest: use AWS4-HMAC-SHA256)
  kUnsupportedAlgorithm,      // another Authorization scheme, SigV4A included (InvalidArgument / NotImplemented)
  kMalformedAuthorization,    // AuthorizationHeaderMalformed
  kMalformedQuery,            // AuthorizationQueryParametersError
  kMalformedCredential,       // the credential scope does not parse (AuthorizationHeaderMalformed)
  kScopeService,              // the scope names another service (AuthorizationHeaderMalformed)
  kScopeDate,                 // the scope's date is not the request's (AuthorizationHeaderMalformed)
  kScopeRegion,               // the scope names another region than the one demanded (AuthorizationHeaderMalformed)
  kMissingDate,               // neither x-amz-date nor Date, or not readable (AccessDenied)
  kMissingPayloadHash,        // no x-amz-content-sha256 (InvalidRequest)
  kBadPayloadHash,            // neither 64 hexadecimal digits nor a known word (InvalidArgument)
  kBadExpires,                // X-Amz-Expires outside 1 to 604800 (AuthorizationQueryParametersError)
  kExpired,                   // a presigned request after its time (AccessDenied: Request has expired)
  kNotYetValid,               // a presigned request from the future (AccessDenied: Request is not valid yet)
  kTimeSkewed,                // RequestTimeTooSkewed
  kUnsignedHeaders,           // host or an x-amz-* header is not signed (AccessDenied); Error::message names them
  kSignatureMismatch,         // SignatureDoesNotMatch
  kChunkSignatureMismatch,    // SignatureDoesNotMatch, in the body
};

/// Code::kUnauthenticated with that reason.
[[nodiscard]] std::unexpected<Error> sigv4_fail(SigV4Error reason, std::string message);

}  // namespace tp::wire
