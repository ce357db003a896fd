#include "front/s3/message/conditions.h"

#include "front/s3/core/router.h"
#include "front/s3/lock/lock_headers.h"
#include "meta/versions/version_id.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

std::optional<std::string> text_of(const S3Request& request, HeaderId id) {
  if (!request.has(id)) return std::nullopt;
  return std::string(request.header(id));
}

std::optional<rt::Nanos> date_of(const S3Request& request, HeaderId id) {
  if (!request.has(id)) return std::nullopt;
  const auto seconds = wire::parse_http_date(request.header(id));
  if (!seconds) return std::nullopt;
  return *seconds * rt::kSecond;
}

// ETags of writes are compared as text: quotes are optional on the wire.
std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

std::unexpected<Error> not_implemented(HeaderId id) {
  return s3_fail(S3Code::kNotImplemented, "A header you provided implies functionality that is not implemented: " +
                                              std::string(header_name(id)));
}

}  // namespace

plane::ReadConditions parse_read_conditions(const S3Request& request, const ConditionFields& fields) {
  plane::ReadConditions conditions;
  conditions.if_match = text_of(request, fields.if_match);
  conditions.if_none_match = text_of(request, fields.if_none_match);
  conditions.if_modified_since = date_of(request, fields.if_modified_since);
  conditions.if_unmodified_since = date_of(request, fields.if_unmodified_since);
  return conditions;
}

Result<plane::WriteConditions> parse_write_conditions(const S3Request& request) {
  plane::WriteConditions conditions;
  if (request.has(HeaderId::kIfNoneMatch)) {
    if (unquoted(request.header(HeaderId::kIfNoneMatch)) != "*") {
      return not_implemented(HeaderId::kIfNoneMatch);
    }
    conditions.if_none_match_any = true;
  }
  if (request.has(HeaderId::kIfMatch)) conditions.if_match = unquoted(request.header(HeaderId::kIfMatch));
  for (const HeaderId id : {HeaderId::kIfModifiedSince, HeaderId::kIfUnmodifiedSince}) {
    if (request.has(id)) return not_implemented(id);
  }
  return conditions;
}

Result<plane::WriteConditions> parse_delete_conditions(S3Request& request) {
  plane::WriteConditions conditions;
  if (request.has(HeaderId::kIfNoneMatch)) return not_implemented(HeaderId::kIfNoneMatch);
  if (request.has(HeaderId::kIfMatch)) conditions.if_match = unquoted(request.header(HeaderId::kIfMatch));
  if (request.has(HeaderId::kIfMatchLastModifiedTime)) {
    const std::string_view text = request.header(HeaderId::kIfMatchLastModifiedTime);
    conditions.if_modified_time = date_of(request, HeaderId::kIfMatchLastModifiedTime);
    if (!conditions.if_modified_time) conditions.if_modified_time = wire::parse_iso8601(text);
    if (!conditions.if_modified_time) {
      return s3_fail(S3Code::kInvalidArgument, "x-amz-if-match-last-modified-time is not a date");
    }
  }
  if (request.has(HeaderId::kIfMatchSize)) {
    TP_TRY(conditions.if_size, request.number_header(HeaderId::kIfMatchSize, INT64_MAX));
  }
  conditions.bypass_governance = asks_to_bypass_governance(request);
  return conditions;
}

Result<plane::ObjectRef> parse_copy_source(const S3Request& request) {
  constexpr const char* kForm = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
  std::string_view source = request.header(HeaderId::kCopySource);
  std::string version;
  // A '?' of the key itself comes percent-encoded.
  if (const size_t question = source.find('?'); question != std::string_view::npos) {
    const auto params = wire::parse_query(source.substr(question + 1));
    if (!params) return s3_fail(S3Code::kInvalidArgument, kForm);
    if (const wire::QueryParam* named = wire::find_query_param(*params, "versionId")) {
      version = named->value;
      if (!meta::parse_version_text(version)) {
        return s3_fail(S3Code::kInvalidArgument, "Invalid version id specified");
      }
      source = source.substr(0, question);
    }
  }
  // S3 reads the field as a form does: '+' is a space.
  Bytes decoded;
  if (!wire::append_percent_decoded(decoded, source, wire::Plus::kSpace)) {
    return s3_fail(S3Code::kInvalidArgument, kForm);
  }
  std::string_view rest = decoded;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (rest.starts_with("arn:")) {
    return s3_fail(S3Code::kNotImplemented, "Access points are not implemented by this server.");
  }
  const size_t slash = rest.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == rest.size()) {
    return s3_fail(S3Code::kInvalidArgument, kForm);
  }
  plane::ObjectRef ref{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1)), std::move(version)};
  TP_TRY_VOID(check_lookup_key(ref.key));
  return ref;
}

}  // namespace tp::s3
