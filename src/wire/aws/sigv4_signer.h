// The client's side of SigV4: signs requests, presigns URLs, signs POST policies. Used by the load generator, by tiers
// that speak S3, and by tests as the other half of verify_sigv4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/aws/sigv4.h"

namespace tp::wire {

struct SigningCredentials {
  std::string access_key;
  std::string secret;
  std::string region = "us-east-1";
  std::string service = "s3";
};

struct SignedRequest {
  std::string authorization;   // the value of the Authorization header
  VerifiedSignature seed;      // what chunk signatures continue from
};

/// Signs a request in the header form. `request.headers` already has host, x-amz-date (of `now`) and
/// x-amz-content-sha256; host, content-type, content-md5, range and every x-amz-* header are signed.
Result<SignedRequest> sign_request(const SigV4Request& request, const SigningCredentials& credentials, int64_t now,
                                   std::string_view payload_hash, SigningKeyCache& keys);

/// The query string (without '?') that makes a request valid for `expires_seconds` from `now`: request.query and the
/// X-Amz-* parameters. All of `request.headers` are signed; host must be among them.
Result<std::string> presign(const SigV4Request& request, const SigningCredentials& credentials, int64_t now,
                            int64_t expires_seconds, SigningKeyCache& keys);

/// The x-amz-signature field of a POST form.
std::string sign_policy(std::string_view policy_base64, const SigningCredentials& credentials, std::string_view date,
                        SigningKeyCache& keys);

}  // namespace tp::wire
