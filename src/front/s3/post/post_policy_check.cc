#include "front/s3/post/post_policy_check.h"

#include "front/s3/core/s3_front.h"

namespace tp::s3 {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

Result<std::string_view> required_field(S3Request& request, const PostForm& form, std::string_view name) {
  if (const auto value = form.field(name); value && !value->empty()) return *value;
  request.add_error_detail("ArgumentName", name);
  return s3_fail(S3Code::kInvalidArgument,
                 "Bucket POST must contain a field named '" + std::string(name) +
                     "'.  If it is specified, please check the order of the fields.");
}

Result<wire::CredentialScope> parse_scope(S3Request& request, std::string_view credential, std::string_view date) {
  const auto scope = wire::CredentialScope::parse(credential);
  if (!scope || scope->service() != "s3" || !date.starts_with(scope->date())) {
    request.add_error_detail("ArgumentName", "x-amz-credential");
    return s3_fail(S3Code::kInvalidArgument,
                   "The credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  }
  const auto& options = request.front.options();
  if (options.demand_region && scope->region() != options.region) {
    request.add_error_detail("Region", options.region);
    return s3_fail(S3Code::kAuthorizationHeaderMalformed,
                   "The credential names another region than this server's, '" + options.region + "'");
  }
  return *scope;
}

Result<void> authenticate_form(S3Request& request, const PostForm& form, std::string_view policy_text) {
  if (form.field("AWSAccessKeyId")) {
    return s3_fail(S3Code::kInvalidRequest,
                   "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
  }
  TP_TRY(const std::string_view algorithm, required_field(request, form, "x-amz-algorithm"));
  if (algorithm != kAlgorithm) {
    request.add_error_detail("ArgumentName", "x-amz-algorithm");
    return s3_fail(S3Code::kInvalidArgument, "Only AWS4-HMAC-SHA256 is supported as x-amz-algorithm");
  }
  TP_TRY(const std::string_view credential_text, required_field(request, form, "x-amz-credential"));
  TP_TRY(const std::string_view date, required_field(request, form, "x-amz-date"));
  TP_TRY(const std::string_view signature, required_field(request, form, "x-amz-signature"));
  // There is no token service here: nobody can hold a token that is good.
  if (form.field("x-amz-security-token")) return s3_fail(S3Code::kInvalidToken);
  TP_TRY(const wire::CredentialScope scope, parse_scope(request, credential_text, date));
  const auto credential = request.plane.users().find_access_key(scope.access_key());
  if (credential == nullptr) {
    request.add_error_detail("AWSAccessKeyId", scope.access_key());
    return s3_fail(S3Code::kInvalidAccessKeyId);
  }
  if (!wire::verify_policy_signature(policy_text, scope, credential->secret_key, signature,
                                     request.front.signing_keys())) {
    request.add_error_detail("AWSAccessKeyId", scope.access_key());
    request.add_error_detail("StringToSign", policy_text);
    request.add_error_detail("SignatureProvided", signature);
    return s3_fail(S3Code::kSignatureDoesNotMatch);
  }
  request.caller.user_id = credential->caller.user_id;
  request.caller.name = credential->caller.name;
  request.caller.root = credential->caller.root;
  return ok;
}

}  // namespace

Result<std::optional<wire::PostPolicy>> check_post_policy(S3Request& request, const PostForm& form) {
  const auto policy_text = form.field("policy");
  if (!policy_text) {
    if (!form.field("x-amz-signature") && !form.field("signature")) return std::optional<wire::PostPolicy>();
    return s3_fail(S3Code::kInvalidArgument, "Bucket POST must contain a field named 'policy'.  If it is specified, "
                                             "please check the order of the fields.");
  }
  TP_TRY_VOID(authenticate_form(request, form, *policy_text));
  TP_TRY(wire::PostPolicy policy, wire::PostPolicy::parse(*policy_text));
  TP_TRY_VOID(policy.check(form.fields(), request.bucket, request.wall_time));
  return std::optional<wire::PostPolicy>(std::move(policy));
}

}  // namespace tp::s3
