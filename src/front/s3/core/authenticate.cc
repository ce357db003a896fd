#include "front/s3/core/authenticate.h"

#include "front/s3/core/s3_front.h"
#include "front/s3/message/body_reader.h"
#include "wire/aws/sigv4_error.h"
#include "wire/sigv2/presigned_v2.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

// As S3 shows it, so that whoever writes a client can compare byte by byte.
void show_mismatch(S3Request& request, const wire::SignatureMismatch& mismatch) {
  const auto spaced_hex = [](BytesView bytes) {
    const std::string hex = to_hex(bytes);
    std::string out;
    for (size_t i = 0; i < hex.size(); i += 2) {
      if (i > 0) out.push_back(' ');
      out.append(hex, i, 2);
    }
    return out;
  };
  request.add_error_detail("AWSAccessKeyId", request.claim.scope.access_key());
  request.add_error_detail("StringToSign", mismatch.string_to_sign);
  request.add_error_detail("SignatureProvided", request.claim.signature);
  request.add_error_detail("StringToSignBytes", spaced_hex(mismatch.string_to_sign));
  request.add_error_detail("CanonicalRequest", mismatch.canonical_request);
  request.add_error_detail("CanonicalRequestBytes", spaced_hex(mismatch.canonical_request));
}

void show_details(S3Request& request, wire::SigV4Error reason, const wire::SignatureMismatch& mismatch,
                  int64_t max_skew_seconds) {
  const std::string server_time = wire::iso8601(request.wall_time);
  const int64_t signed_at_ns = request.claim.signed_at * rt::kSecond;
  switch (reason) {
    case wire::SigV4Error::kSignatureMismatch: show_mismatch(request, mismatch); break;
    case wire::SigV4Error::kTimeSkewed:
      request.add_error_detail("RequestTime", request.claim.amz_date);
      request.add_error_detail("ServerTime", server_time);
      request.add_error_detail("MaxAllowedSkewMilliseconds", std::to_string(max_skew_seconds * 1000));
      break;
    case wire::SigV4Error::kExpired:
      request.add_error_detail("X-Amz-Expires", std::to_string(request.claim.expires_seconds));
      request.add_error_detail("Expires",
                               wire::iso8601(signed_at_ns + request.claim.expires_seconds * rt::kSecond));
      request.add_error_detail("ServerTime", server_time);
      break;
    case wire::SigV4Error::kScopeRegion:
      request.add_error_detail("Region", request.front.options().region);
      break;
    default: break;
  }
}

// SDKs hoist x-amz-* fields into a presigned query, where they mean the same; but the checksum there is of the empty
// body that was presigned, and says nothing of the one that comes.
void take_hoisted_headers(S3Request& request) {
  for (const wire::QueryParam& param : request.query) {
    const bool of_body = checksum_of_header(param.name) ||
                         wire::starts_with_ignoring_case(param.name, "x-amz-sdk-checksum-");
    if (!of_body && wire::starts_with_ignoring_case(param.name, "x-amz-")) {
      request.headers.add({param.name, param.value});
    }
  }
}

void take_caller(S3Request& request, const plane::Credential& credential) {
  request.caller.user_id = credential.caller.user_id;
  request.caller.name = credential.caller.name;
  request.caller.root = credential.caller.root;
}

Result<void> authenticate_v2(S3Request& request, const wire::PresignedV2& claim) {
  if (request.head.find_header("authorization")) {
    return wire::sigv4_fail(wire::SigV4Error::kBothMechanisms, "an Authorization header and a presigned query at once");
  }
  const auto credential = request.plane.users().find_access_key(claim.access_key);
  if (credential == nullptr) {
    request.add_error_detail("AWSAccessKeyId", claim.access_key);
    return s3_fail(S3Code::kInvalidAccessKeyId);
  }
  wire::V2Request signed_request;
  signed_request.method = request.head.method_text;
  if (request.virtual_hosted) signed_request.virtual_bucket = request.bucket;
  signed_request.path = request.head.path;
  signed_request.params = request.query;
  signed_request.headers = request.head.headers;
  const auto verified =
      wire::verify_presigned_v2(signed_request, claim, credential->secret_key, request.now_seconds());
  if (!verified) {
    if (static_cast<wire::SigV4Error>(verified.error().reason) == wire::SigV4Error::kSignatureMismatch) {
      request.add_error_detail("AWSAccessKeyId", claim.access_key);
      request.add_error_detail("StringToSign", wire::string_to_sign_v2(signed_request, claim.expires));
      request.add_error_detail("SignatureProvided", claim.signature);
    }
    return verified;
  }
  request.claim.form = wire::SigV4Form::kQuery;
  take_caller(request, *credential);
  take_hoisted_headers(request);
  return ok;
}

}  // namespace

Result<void> authenticate(S3Request& request) {
  TP_TRY(const auto presigned_v2, wire::parse_presigned_v2(request.query));
  if (presigned_v2) return authenticate_v2(request, *presigned_v2);
  const wire::SigV4Request signed_request{request.head.method_text, request.head.path, request.head.query,
                                          request.head.headers};
  TP_TRY(request.claim, wire::parse_sigv4(signed_request));
  if (request.claim.form == wire::SigV4Form::kAnonymous) return ok;
  // There is no token service here: nobody can hold a token that is good.
  if (!request.claim.session_token.empty()) return s3_fail(S3Code::kInvalidToken);
  const auto credential = request.plane.users().find_access_key(request.claim.scope.access_key());
  if (credential == nullptr) {
    request.add_error_detail("AWSAccessKeyId", request.claim.scope.access_key());
    return s3_fail(S3Code::kInvalidAccessKeyId);
  }
  wire::SigV4Options options;
  if (request.front.options().demand_region) options.region = request.front.options().region;
  wire::SignatureMismatch mismatch;
  auto verified = wire::verify_sigv4(signed_request, request.claim, credential->secret_key, request.now_seconds(),
                                     request.front.signing_keys(), options, &mismatch);
  if (!verified) {
    show_details(request, static_cast<wire::SigV4Error>(verified.error().reason), mismatch, options.max_skew_seconds);
    return std::unexpected(std::move(verified).error());
  }
  request.signature = std::move(*verified);
  take_caller(request, *credential);
  if (request.claim.form == wire::SigV4Form::kQuery) take_hoisted_headers(request);
  return ok;
}

}  // namespace tp::s3
