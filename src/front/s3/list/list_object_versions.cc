#include "front/s3/core/s3_request.h"
#include "front/s3/list/list_handlers.h"
#include "front/s3/list/list_page_writer.h"
#include "front/s3/list/list_params.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {

// Every object has one version, "null": a marker with or without it is after the key.
Result<void> check_version_marker(S3Request& request, std::string_view key_marker) {
  const std::string_view version_marker = request.param("version-id-marker");
  if (version_marker.empty()) return ok;
  if (key_marker.empty()) {
    request.add_error_detail("ArgumentName", "version-id-marker");
    return s3_fail(S3Code::kInvalidArgument, "A version-id marker cannot be specified without a key marker.");
  }
  if (version_marker != "null") {
    request.add_error_detail("ArgumentName", "version-id-marker");
    return s3_fail(S3Code::kInvalidArgument, "Invalid version id specified");
  }
  return ok;
}

}  // namespace

Task<void> list_object_versions(S3Request& request) {
  TP_CO_TRY(const ListParams params, parse_list_params(request, "max-keys"));
  TP_CO_TRY(const std::string_view key_marker, name_param(request, "key-marker"));
  TP_CO_TRY_VOID(check_version_marker(request, key_marker));
  plane::ListQuery query = query_after(params, key_marker);
  TP_CO_TRY(const plane::ListPage page, co_await list_page_of(request, std::move(query)));

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
    text.name_element("NextKeyMarker", page.last);
    if (!page.last_is_prefix) xml.element("NextVersionIdMarker", "null");
  }
  write_page_settings(xml, text, params, page);
  writer.versions(page);
  writer.common_prefixes(page.common_prefixes);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
