#include "wire/sigv2/presigned_v2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <vector>

#include "base/hash/hasher.h"
#include "wire/aws/sigv4_error.h"

namespace tp::wire {

namespace {

constexpr size_t kSha1BlockBytes = 64;

// Query parameters that belong to the resource and are signed with it.
constexpr std::array<std::string_view, 40> kSigned = {
    "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "encryption", "inventory",
    "intelligent-tiering", "legal-hold", "lifecycle", "location", "logging", "metrics", "notification", "object-lock",
    "partNumber", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment",
    "response-cache-control", "response-content-disposition", "response-content-encoding",
    "response-content-language", "response-content-type", "response-expires", "restore", "retention", "select",
    "select-type", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website"};
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

// A field of the request: its header, or the query parameter that a presigning client put in its place.
std::string_view field(const V2Request& request, std::string_view name) {
  if (const auto value = find_header(request.headers, name)) return *value;
  for (const QueryParam& param : request.params) {
    if (equal_ignoring_case(param.name, name)) return param.value;
  }
  return {};
}

std::string amz_fields(const V2Request& request) {
  std::map<std::string, std::string> fields;
  for (const HeaderField& header : request.headers) {
    if (!starts_with_ignoring_case(header.name, "x-amz-")) continue;
    std::string& value = fields[lower(header.name)];
    if (!value.empty()) value += ',';
    value += header.value;
  }
  for (const QueryParam& param : request.params) {
    if (starts_with_ignoring_case(param.name, "x-amz-")) fields.emplace(lower(param.name), param.value);
  }
  std::string out;
  for (const auto& [name, value] : fields) out += name + ":" + value + "\n";
  return out;
}

std::string resource(const V2Request& request) {
  std::string out;
  if (!request.virtual_bucket.empty()) out += "/" + std::string(request.virtual_bucket);
  out += request.path;
  std::vector<std::string> parts;
  for (const QueryParam& param : request.params) {
    if (std::ranges::find(kSigned, param.name) == kSigned.end()) continue;
    parts.push_back(param.has_value ? param.name + "=" + param.value : param.name);
  }
  std::ranges::sort(parts);
  for (size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "?" : "&") + parts[i];
  return out;
}

}  // namespace

Result<std::optional<PresignedV2>> parse_presigned_v2(std::span<const QueryParam> params) {
  const QueryParam* access_key = find_query_param(params, "AWSAccessKeyId");
  const QueryParam* signature = find_query_param(params, "Signature");
  if (access_key == nullptr || signature == nullptr) return std::nullopt;
  PresignedV2 claim;
  claim.access_key = access_key->value;
  claim.signature = signature->value;
  const QueryParam* expires = find_query_param(params, "Expires");
  const std::string_view text = expires == nullptr ? std::string_view() : std::string_view(expires->value);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), claim.expires);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || claim.expires < 0) {
    return sigv4_fail(SigV4Error::kMalformedQuery, "Expires must be a time in seconds since the epoch");
  }
  return std::optional(std::move(claim));
}

std::string string_to_sign_v2(const V2Request& request, int64_t expires) {
  std::string text(request.method);
  text += '\n';
  text += field(request, "content-md5");
  text += '\n';
  text += field(request, "content-type");
  text += '\n';
  text += std::to_string(expires) + "\n" + amz_fields(request) + resource(request);
  return text;
}

std::string sign_v2(std::string_view string_to_sign, std::string_view secret) {
  Bytes key(secret);
  if (key.size() > kSha1BlockBytes) key = digest(ChecksumAlgorithm::kSha1, key);
  key.resize(kSha1BlockBytes, '\0');
  Bytes inner = key;
  Bytes outer = key;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  const Bytes hashed = digest(ChecksumAlgorithm::kSha1, inner + Bytes(string_to_sign));
  return to_base64(digest(ChecksumAlgorithm::kSha1, outer + hashed));
}

Result<void> verify_presigned_v2(const V2Request& request, const PresignedV2& claim, std::string_view secret,
                                 int64_t now) {
  if (now > claim.expires) return sigv4_fail(SigV4Error::kExpired, "Request has expired");
  const auto signed_by_secret = [&](const V2Request& as_signed) {
    return equal_constant_time(sign_v2(string_to_sign_v2(as_signed, claim.expires), secret), claim.signature);
  };
  if (signed_by_secret(request)) return ok;
  // botocore signs "/bucket/" and sends "/bucket": the same resource.
  if (request.virtual_bucket.empty() && request.path.find('/', 1) == std::string_view::npos) {
    const std::string with_slash = std::string(request.path) + "/";
    V2Request as_signed = request;
    as_signed.path = with_slash;
    if (signed_by_secret(as_signed)) return ok;
  }
  return sigv4_fail(SigV4Error::kSignatureMismatch, "the signature is not the secret's");
}

}  // namespace tp::wire
