// SigV4 verification in two steps, because finding the secret may have to wait: parse_sigv4 says who claims to have
// signed, verify_sigv4 says whether it is true. Both are pure: no clock, no lookup.
// Spec: S3 API, "Authenticating Requests (AWS Signature Version 4)": header and query form, S3's canonical request (the
// path is not normalised and is encoded once).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/aws/payload_mode.h"
#include "wire/aws/sigv4_error.h"
#include "wire/aws/signing_key.h"
#include "wire/http/header.h"

namespace tp::wire {

/// The parts of a request that are signed, as they came off the wire (path and query still percent-encoded).
struct SigV4Request {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::span<const HeaderField> headers;
};

enum class SigV4Form : uint8_t { kAnonymous, kHeader, kQuery };

/// What a request says of its own signature.
struct SigV4Claim {
  SigV4Form form = SigV4Form::kAnonymous;
  CredentialScope scope;
  std::string signed_headers;         // "host;x-amz-date", as sent
  std::string signature;              // 64 lower-case hexadecimal digits
  std::string amz_date;               // "20261123T060000Z"
  int64_t signed_at = 0;              // seconds since the epoch
  int64_t expires_seconds = 0;        // query form only
  std::string session_token;          // x-amz-security-token of either form; empty if none
  PayloadMode payload_mode = PayloadMode::kUnsigned;
  std::string payload_hash;           // x-amz-content-sha256 as sent; what the canonical request ends in
};

/// kAnonymous (no error) if the request carries no signature at all; every other form is checked for syntax.
Result<SigV4Claim> parse_sigv4(const SigV4Request& request);

struct SigV4Options {
  int64_t max_skew_seconds = 15 * 60;
  std::string_view service = "s3";
  std::string_view region;            // empty: any region the client signed for
};

/// What chunk signatures continue from, and what logs and error bodies show.
struct VerifiedSignature {
  HmacSha256Key signing_key{BytesView()};
  std::array<char, 64> seed_signature{};  // lower-case hexadecimal
  std::string amz_date;
  std::string scope;                      // "20261123/us-east-1/s3/aws4_request"
  PayloadMode payload_mode = PayloadMode::kUnsigned;
};

/// What S3 shows to a client whose signature does not match. It holds nothing that the client did not send.
struct SignatureMismatch {
  std::string canonical_request;
  std::string string_to_sign;
};

/// Whether `claim` (of this request, not anonymous) was signed with `secret`. `now` is in seconds since the epoch.
/// Order of checks: scope, time, signed headers, signature. Errors carry a SigV4Error; on kSignatureMismatch
/// `*mismatch`, if given, is filled.
Result<VerifiedSignature> verify_sigv4(const SigV4Request& request, const SigV4Claim& claim, std::string_view secret,
                                       int64_t now, SigningKeyCache& keys, const SigV4Options& options = {},
                                       SignatureMismatch* mismatch = nullptr);

/// Whether `signature_hex` signs a POST policy's base64 text, in constant time.
bool verify_policy_signature(std::string_view policy_base64, const CredentialScope& scope, std::string_view secret,
                             std::string_view signature_hex, SigningKeyCache& keys);

}  // namespace tp::wire
