#include "front/s3/core/s3_request.h"
#include "front/s3/list/list_handlers.h"
#include "front/s3/list/list_page_writer.h"
#include "front/s3/list/list_params.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

Task<void> list_objects(S3Request& request) {
  TP_CO_TRY(const ListParams params, parse_list_params(request, "max-keys"));
  TP_CO_TRY(const std::string_view marker, position_param(request, params, "marker"));
  plane::ListQuery query = query_after(params, marker);
  TP_CO_TRY(const plane::ListPage page, co_await list_page_of(request, std::move(query)));

  Bytes body;
  body.reserve(estimate_page_bytes(page));
  wire::XmlWriter xml(body);
  ListText text(body, params.url_encoded);
  ListPageWriter writer(body, text, request.plane.users());
  xml.declaration();
  xml.open("ListBucketResult", kNamespace);
  xml.element("Name", request.bucket);
  text.name_element("Prefix", params.prefix);
  text.name_element("Marker", marker);
  // Without a delimiter the client goes on from the last key itself, as S3 has it.
  if (page.truncated && !params.delimiter.empty()) text.name_element("NextMarker", page.last);
  write_page_settings(xml, text, params, page.truncated);
  writer.contents(page, /*with_owner=*/true);
  writer.common_prefixes(page.common_prefixes);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
