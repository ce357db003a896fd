#include "front/s3/core/s3_request.h"
#include "front/s3/list/list_page_writer.h"
#include "front/s3/list/list_params.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/versions/version_handlers.h"
#include "meta/versions/version_id.h"

namespace tp::s3 {

namespace {

Result<void> check_version_marker(S3Request& request, std::string_view key_marker) {
  const std::string_view version_marker = request.param("version-id-marker");
  if (version_marker.empty()) return ok;
  if (key_marker.empty()) {
    request.add_error_detail("ArgumentName", "version-id-marker");
    return s3_fail(S3Code::kInvalidArgument, "A version-id marker cannot be specified without a key marker.");
  }
  if (!meta::parse_version_text(version_marker)) {
    request.add_error_detail("ArgumentName", "version-id-marker");
    return s3_fail(S3Code::kInvalidArgument, "Invalid version id specified");
  }
  return ok;
}

plane::VersionQuery query_of(const S3Request& request, const ListParams& params, std::string_view key_marker) {
  plane::ListQuery after = query_after(params, key_marker);
  plane::VersionQuery query;
  query.prefix = std::move(after.prefix);
  query.delimiter = std::move(after.delimiter);
  query.key_marker = std::move(after.after);
  query.marker_is_prefix = after.after_is_prefix;
  query.version_marker = request.param("version-id-marker");
  query.max_entries = params.max_entries;
  return query;
}

Task<plane::VersionPage> page_of(S3Request& request, plane::VersionQuery query) {
  const bool nothing_asked = query.max_entries == 0;
  if (nothing_asked) query.max_entries = 1;  // the bucket and the caller's rights are checked all the same
  TP_CO_TRY(plane::VersionPage page,
            co_await request.plane.list_versions(request.caller, request.bucket, std::move(query)));
  if (nothing_asked) page = plane::VersionPage();
  co_return std::move(page);
}

}  // namespace

Task<void> list_object_versions(S3Request& request) {
  TP_CO_TRY(const ListParams params, parse_list_params(request, "max-keys"));
  TP_CO_TRY(const std::string_view key_marker, position_param(request, params, "key-marker"));
  TP_CO_TRY_VOID(check_version_marker(request, key_marker));
  plane::VersionQuery query = query_of(request, params, key_marker);
  TP_CO_TRY(const plane::VersionPage page, co_await page_of(request, std::move(query)));

  Bytes body;
  body.reserve(estimate_page_bytes(page));
  wire::XmlWriter xml(body);
  ListText text(body, params.url_encoded);
  ListPageWriter writer(body, text, request.plane.users());
  xml.declaration();
  xml.open("ListVersionsResult", kNamespace);
  xml.element("Name", request.bucket);
  text.name_element("Prefix", params.prefix);
  text.name_element("KeyMarker", key_marker);
  xml.element("VersionIdMarker", request.param("version-id-marker"));
  if (page.truncated) {
    text.name_element("NextKeyMarker", page.next_key);
    if (!page.next_version.empty()) xml.element("NextVersionIdMarker", page.next_version);
  }
  write_page_settings(xml, text, params, page.truncated);
  writer.versions(page);
  writer.common_prefixes(page.common_prefixes);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
