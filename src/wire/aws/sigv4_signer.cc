#include "wire/aws/sigv4_signer.h"

#include <algorithm>
#include <vector>

#include "wire/aws/canonical_request.h"
#include "wire/text/timestamp.h"
#include "wire/text/uri.h"

namespace tp::wire {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return out;
}

bool should_sign(std::string_view name) {
  return name.starts_with("x-amz-") || name == "host" || name == "content-type" || name == "content-md5" ||
         name == "range";
}

/// "host;x-amz-date": the names in lower case, sorted, each once.
std::string signed_headers_of(std::span<const HeaderField> headers, bool all) {
  std::vector<std::string> names;
  for (const HeaderField& field : headers) {
    std::string name = lower(field.name);
    if (all || should_sign(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += ';';
    list += name;
  }
  return list;
}

std::string scope_of(const SigningCredentials& credentials, std::string_view date) {
  std::string scope(date.substr(0, 8));
  scope += '/';
  scope += credentials.region;
  scope += '/';
  scope += credentials.service;
  scope += "/aws4_request";
  return scope;
}

/// Signs a request whose query and headers are already what they will be.
Result<VerifiedSignature> sign(const SigV4Request& request, const SigningCredentials& credentials, int64_t now,
                               std::string_view signed_headers, std::string_view payload_hash, SigningKeyCache& keys) {
  VerifiedSignature seed;
  seed.amz_date = amz_date(now);
  seed.scope = scope_of(credentials, seed.amz_date);
  seed.payload_mode = parse_payload_mode(payload_hash).value_or(PayloadMode::kUnsigned);
  Bytes canonical;
  TP_TRY_VOID(append_canonical_request(canonical, request, signed_headers, payload_hash));
  Bytes to_sign;
  append_string_to_sign(to_sign, seed.amz_date, seed.scope, canonical);
  const std::string_view date = std::string_view(seed.amz_date).substr(0, 8);
  seed.signing_key = keys.get(credentials.secret, date, credentials.region, credentials.service);
  seed.seed_signature = hex_of(seed.signing_key.sign(to_sign));
  return seed;
}

void append_param(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query += name;
  query += '=';
  append_percent_encoded(query, value, Slash::kEncode);
}

}  // namespace

Result<SignedRequest> sign_request(const SigV4Request& request, const SigningCredentials& credentials, int64_t now,
                                   std::string_view payload_hash, SigningKeyCache& keys) {
  const std::string signed_headers = signed_headers_of(request.headers, false);
  SignedRequest result;
  TP_TRY(result.seed, sign(request, credentials, now, signed_headers, payload_hash, keys));
  result.authorization = "AWS4-HMAC-SHA256 Credential=";
  result.authorization += credentials.access_key;
  result.authorization += '/';
  result.authorization += result.seed.scope;
  result.authorization += ", SignedHeaders=";
  result.authorization += signed_headers;
  result.authorization += ", Signature=";
  result.authorization += as_text(result.seed.seed_signature);
  return result;
}

Result<std::string> presign(const SigV4Request& request, const SigningCredentials& credentials, int64_t now,
                            int64_t expires_seconds, SigningKeyCache& keys) {
  const std::string signed_headers = signed_headers_of(request.headers, true);
  const std::string date = amz_date(now);
  std::string query(request.query);
  append_param(query, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  append_param(query, "X-Amz-Credential", credentials.access_key + "/" + scope_of(credentials, date));
  append_param(query, "X-Amz-Date", date);
  append_param(query, "X-Amz-Expires", std::to_string(expires_seconds));
  append_param(query, "X-Amz-SignedHeaders", signed_headers);
  SigV4Request signable = request;
  signable.query = query;
  TP_TRY(const VerifiedSignature seed, sign(signable, credentials, now, signed_headers, kUnsignedPayload, keys));
  append_param(query, "X-Amz-Signature", as_text(seed.seed_signature));
  return query;
}

std::string sign_policy(std::string_view policy_base64, const SigningCredentials& credentials, std::string_view date,
                        SigningKeyCache& keys) {
  const HmacSha256Key& key = keys.get(credentials.secret, date.substr(0, 8), credentials.region, credentials.service);
  return std::string(as_text(hex_of(key.sign(policy_base64))));
}

}  // namespace tp::wire
