#include <algorithm>

#include "wire/aws/canonical_request.h"
#include "wire/aws/sigv4.h"

namespace tp::wire {

namespace {

Result<void> check_scope(const SigV4Claim& claim, const SigV4Options& options) {
  if (claim.scope.service() != options.service) {
    return sigv4_fail(SigV4Error::kScopeService,
                      "the credential's service must be \"" + std::string(options.service) + "\"");
  }
  if (!options.region.empty() && claim.scope.region() != options.region) {
    return sigv4_fail(SigV4Error::kScopeRegion, "the region \"" + std::string(claim.scope.region()) +
                                                    "\" is wrong; expecting \"" + std::string(options.region) + "\"");
  }
  if (claim.scope.date() != std::string_view(claim.amz_date).substr(0, 8)) {
    return sigv4_fail(SigV4Error::kScopeDate, "the credential's date \"" + std::string(claim.scope.date()) +
                                                  "\" is not the request's \"" + claim.amz_date + "\"");
  }
  return ok;
}

Result<void> check_time(const SigV4Claim& claim, int64_t now, const SigV4Options& options) {
  const int64_t age = now - claim.signed_at;
  if (claim.form == SigV4Form::kQuery) {
    if (-age > options.max_skew_seconds) return sigv4_fail(SigV4Error::kNotYetValid, "Request is not valid yet");
    if (age > claim.expires_seconds) return sigv4_fail(SigV4Error::kExpired, "Request has expired");
    return ok;
  }
  if (age > options.max_skew_seconds || -age > options.max_skew_seconds) {
    return sigv4_fail(SigV4Error::kTimeSkewed,
                      "The difference between the request time and the current time is too large.");
  }
  return ok;
}

/// What is not signed can be changed on the way: everything that S3 obeys must be.
Result<void> check_signed_headers(const SigV4Request& request, std::string_view signed_headers) {
  std::string missing;
  if (!is_signed(signed_headers, "host")) missing = "host";
  for (const HeaderField& field : request.headers) {
    if (!starts_with_ignoring_case(field.name, "x-amz-") || is_signed(signed_headers, field.name)) continue;
    if (!missing.empty()) missing += ", ";
    missing += field.name;
  }
  if (missing.empty()) return ok;
  return sigv4_fail(SigV4Error::kUnsignedHeaders, std::move(missing));
}

}  // namespace

Result<VerifiedSignature> verify_sigv4(const SigV4Request& request, const SigV4Claim& claim, std::string_view secret,
                                       int64_t now, SigningKeyCache& keys, const SigV4Options& options,
                                       SignatureMismatch* mismatch) {
  TP_TRY_VOID(check_scope(claim, options));
  TP_TRY_VOID(check_time(claim, now, options));
  TP_TRY_VOID(check_signed_headers(request, claim.signed_headers));
  Bytes canonical;
  canonical.reserve(1024);
  TP_TRY_VOID(append_canonical_request(canonical, request, claim.signed_headers, claim.payload_hash));
  Bytes to_sign;
  to_sign.reserve(192);
  append_string_to_sign(to_sign, claim.amz_date, claim.scope.scope(), canonical);
  const HmacSha256Key& key = keys.get(secret, claim.scope.date(), claim.scope.region(), claim.scope.service());
  VerifiedSignature verified;
  verified.seed_signature = hex_of(key.sign(to_sign));
  if (!equal_constant_time(as_text(verified.seed_signature), claim.signature)) {
    if (mismatch != nullptr) *mismatch = {std::move(canonical), std::move(to_sign)};
    return sigv4_fail(SigV4Error::kSignatureMismatch,
                      "The request signature we calculated does not match the signature you provided. Check your key "
                      "and signing method.");
  }
  verified.signing_key = key;
  verified.amz_date = claim.amz_date;
  verified.scope = claim.scope.scope();
  verified.payload_mode = claim.payload_mode;
  return verified;
}

bool verify_policy_signature(std::string_view policy_base64, const CredentialScope& scope, std::string_view secret,
                             std::string_view signature_hex, SigningKeyCache& keys) {
  const HmacSha256Key& key = keys.get(secret, scope.date(), scope.region(), scope.service());
  return equal_constant_time(as_text(hex_of(key.sign(policy_base64))), signature_hex);
}

}  // namespace tp::wire
