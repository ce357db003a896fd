#include <algorithm>
#include <charconv>
#include <vector>

#include "wire/aws/sigv4.h"
#include "wire/text/timestamp.h"
#include "wire/text/uri.h"

namespace tp::wire {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr int64_t kMaxExpiresSeconds = 7 * 24 * 3600;
constexpr size_t kMaxSignatureBytes = 256;
constexpr size_t kMaxSignedHeaders = 256;  // as many as a request head may have

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// A list of lower-case names without repetition: a name that came twice would be signed, and copied, twice.
bool is_signed_headers_list(std::string_view list) {
  std::vector<std::string_view> names;
  for (;;) {
    const std::string_view name = list.substr(0, list.find(';'));
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (name.empty() || names.size() == kMaxSignedHeaders || std::any_of(name.begin(), name.end(), is_upper)) {
      return false;
    }
    names.push_back(name);
    if (name.size() == list.size()) break;
    list.remove_prefix(name.size() + 1);
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

/// The three parts of an Authorization header, or of the query parameters that stand for it.
struct ClaimText {
  std::string_view credential;
  std::string_view signed_headers;
  std::string_view signature;
};

Result<void> set_claim(const ClaimText& text, SigV4Error malformed, SigV4Claim* claim) {
  if (text.credential.empty() || text.signed_headers.empty() || text.signature.empty()) {
    return sigv4_fail(malformed, "Credential, SignedHeaders and Signature must all be given");
  }
  std::optional<CredentialScope> scope = CredentialScope::parse(text.credential);
  if (!scope) {
    return sigv4_fail(SigV4Error::kMalformedCredential,
                      "the credential must be ACCESS-KEY/YYYYMMDD/REGION/SERVICE/aws4_request");
  }
  if (!is_signed_headers_list(text.signed_headers)) return sigv4_fail(malformed, "SignedHeaders is malformed");
  if (text.signature.size() > kMaxSignatureBytes) return sigv4_fail(malformed, "Signature is malformed");
  claim->scope = std::move(*scope);
  claim->signed_headers = text.signed_headers;
  claim->signature = text.signature;
  return ok;
}

Result<void> set_payload_hash(std::string_view hash, SigV4Claim* claim) {
  const std::optional<PayloadMode> mode = parse_payload_mode(hash);
  if (!mode) {
    return sigv4_fail(SigV4Error::kBadPayloadHash,
                      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a SHA-256");
  }
  claim->payload_mode = *mode;
  claim->payload_hash = hash;
  return ok;
}

Result<void> set_date(std::span<const HeaderField> headers, SigV4Claim* claim) {
  std::optional<std::string_view> text = find_header(headers, "x-amz-date");
  if (!text) text = find_header(headers, "date");
  if (!text) return sigv4_fail(SigV4Error::kMissingDate, "no x-amz-date and no Date");
  std::optional<int64_t> seconds = parse_amz_date(*text);
  if (!seconds) seconds = parse_http_date(*text);
  if (!seconds) return sigv4_fail(SigV4Error::kMissingDate, "the request's date is malformed");
  claim->signed_at = *seconds;
  claim->amz_date = amz_date(*seconds);
  return ok;
}

Result<SigV4Claim> parse_header_form(const SigV4Request& request, std::string_view authorization) {
  SigV4Claim claim;
  claim.form = SigV4Form::kHeader;
  ClaimText text;
  for (std::string_view rest = authorization.substr(kAlgorithm.size()); !rest.empty();) {
    const std::string_view raw = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), raw.size() + 1));
    const std::string_view part = trim(raw);
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return sigv4_fail(SigV4Error::kMalformedAuthorization, "a component of the Authorization header lacks its '='");
    }
    const std::string_view name = part.substr(0, equals);
    std::string_view* target = name == "Credential"      ? &text.credential
                               : name == "SignedHeaders" ? &text.signed_headers
                               : name == "Signature"     ? &text.signature
                                                         : nullptr;
    if (target == nullptr || !target->empty()) {
      return sigv4_fail(SigV4Error::kMalformedAuthorization, "an unknown or repeated component in Authorization");
    }
    *target = part.substr(equals + 1);
  }
  TP_TRY_VOID(set_claim(text, SigV4Error::kMalformedAuthorization, &claim));
  TP_TRY_VOID(set_date(request.headers, &claim));
  const std::optional<std::string_view> hash = find_header(request.headers, "x-amz-content-sha256");
  if (!hash) return sigv4_fail(SigV4Error::kMissingPayloadHash, "no x-amz-content-sha256");
  TP_TRY_VOID(set_payload_hash(*hash, &claim));
  claim.session_token = find_header(request.headers, "x-amz-security-token").value_or(std::string_view());
  return claim;
}

/// The value of a parameter that must not be repeated; empty if it is not there.
Result<std::string_view> single_param(std::span<const QueryParam> params, std::string_view name) {
  const QueryParam* first = find_query_param(params, name);
  if (first == nullptr) return std::string_view();
  const auto after = static_cast<size_t>(first - params.data()) + 1;
  if (find_query_param(params.subspan(after), name) != nullptr) {
    return sigv4_fail(SigV4Error::kMalformedQuery, std::string(name) + " is given twice");
  }
  return std::string_view(first->value);
}

Result<void> set_expires(std::string_view text, SigV4Claim* claim) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), claim->expires_seconds);
  if (error != std::errc() || end != text.data() + text.size() || claim->expires_seconds < 1 ||
      claim->expires_seconds > kMaxExpiresSeconds) {
    return sigv4_fail(SigV4Error::kBadExpires, "X-Amz-Expires must be a number of seconds from 1 to 604800");
  }
  return ok;
}

Result<SigV4Claim> parse_query_form(const SigV4Request& request, std::span<const QueryParam> params) {
  SigV4Claim claim;
  claim.form = SigV4Form::kQuery;
  TP_TRY(const std::string_view algorithm, single_param(params, "X-Amz-Algorithm"));
  if (algorithm != kAlgorithm) {
    return sigv4_fail(algorithm.empty() ? SigV4Error::kMalformedQuery : SigV4Error::kUnsupportedAlgorithm,
                      "X-Amz-Algorithm must be AWS4-HMAC-SHA256");
  }
  ClaimText text;
  TP_TRY(text.credential, single_param(params, "X-Amz-Credential"));
  TP_TRY(text.signed_headers, single_param(params, "X-Amz-SignedHeaders"));
  TP_TRY(text.signature, single_param(params, "X-Amz-Signature"));
  TP_TRY_VOID(set_claim(text, SigV4Error::kMalformedQuery, &claim));
  TP_TRY(const std::string_view date, single_param(params, "X-Amz-Date"));
  const std::optional<int64_t> signed_at = parse_amz_date(date);
  if (!signed_at) return sigv4_fail(SigV4Error::kMalformedQuery, "X-Amz-Date must be like 20261123T060000Z");
  claim.signed_at = *signed_at;
  claim.amz_date = date;
  TP_TRY(const std::string_view expires, single_param(params, "X-Amz-Expires"));
  TP_TRY_VOID(set_expires(expires, &claim));
  TP_TRY(std::string_view hash, single_param(params, "X-Amz-Content-Sha256"));
  if (hash.empty()) hash = find_header(request.headers, "x-amz-content-sha256").value_or(kUnsignedPayload);
  TP_TRY_VOID(set_payload_hash(hash, &claim));
  TP_TRY(const std::string_view token, single_param(params, "X-Amz-Security-Token"));
  claim.session_token = token;
  return claim;
}

}  // namespace

Result<SigV4Claim> parse_sigv4(const SigV4Request& request) {
  const std::optional<std::string_view> authorization = find_header(request.headers, "authorization");
  std::vector<QueryParam> params;
  // Most requests carry no signature in the query: do not decode it for them.
  if (request.query.find("Signature") != std::string_view::npos || request.query.find('%') != std::string_view::npos ||
      request.query.find("X-Amz-Algorithm") != std::string_view::npos) {
    Result<std::vector<QueryParam>> parsed = parse_query(request.query);
    if (!parsed) return std::unexpected(std::move(parsed).error());
    params = std::move(*parsed);
  }
  const bool query_form = find_query_param(params, "X-Amz-Signature") != nullptr ||
                          find_query_param(params, "X-Amz-Algorithm") != nullptr;
  if (authorization && query_form) {
    return sigv4_fail(SigV4Error::kBothMechanisms, "an Authorization header and X-Amz-* query parameters at once");
  }
  if (query_form) return parse_query_form(request, params);
  if (find_query_param(params, "AWSAccessKeyId") != nullptr && find_query_param(params, "Signature") != nullptr) {
    return sigv4_fail(SigV4Error::kSigV2, "Signature Version 2 is not supported: use AWS4-HMAC-SHA256");
  }
  if (!authorization) return SigV4Claim();
  if (count_headers(request.headers, "authorization") > 1) {
    return sigv4_fail(SigV4Error::kMalformedAuthorization, "more than one Authorization header");
  }
  if (authorization->starts_with("AWS ")) {
    return sigv4_fail(SigV4Error::kSigV2, "Signature Version 2 is not supported: use AWS4-HMAC-SHA256");
  }
  const size_t after = kAlgorithm.size();
  if (!authorization->starts_with(kAlgorithm) || authorization->size() == after ||
      ((*authorization)[after] != ' ' && (*authorization)[after] != '\t')) {
    return sigv4_fail(SigV4Error::kUnsupportedAlgorithm, "unsupported Authorization type: use AWS4-HMAC-SHA256");
  }
  return parse_header_form(request, *authorization);
}

}  // namespace tp::wire
