#include "front/s3/core/s3_request.h"
#include "front/s3/list/list_handlers.h"
#include "front/s3/list/list_page_writer.h"
#include "front/s3/list/list_params.h"
#include "front/s3/list/list_token.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {

// A continuation token says exactly where the page before ended; it wins over start-after. An empty one is a wrong one,
// as S3 has it.
Result<plane::ListQuery> parse_position(S3Request& request, const ListParams& params, std::string_view start_after) {
  if (!request.has_param("continuation-token")) return query_after(params, start_after);
  const std::optional<ListToken> token = decode_list_token(request.param("continuation-token"));
  if (!token) {
    request.add_error_detail("ArgumentName", "continuation-token");
    return s3_fail(S3Code::kInvalidArgument, "The continuation token provided is incorrect");
  }
  plane::ListQuery query = query_after(params, {});
  query.after = token->last;
  query.after_is_prefix = token->last_is_prefix;
  return query;
}

}  // namespace

Task<void> list_objects_v2(S3Request& request) {
  TP_CO_TRY(const ListParams params, parse_list_params(request, "max-keys"));
  TP_CO_TRY(const std::string_view start_after, position_param(request, params, "start-after"));
  TP_CO_TRY(plane::ListQuery query, parse_position(request, params, start_after));
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
  if (!start_after.empty()) text.name_element("StartAfter", start_after);
  if (request.has_param("continuation-token")) xml.element("ContinuationToken", request.param("continuation-token"));
  if (page.truncated) {
    const ListToken token{page.last, page.last_is_prefix};
    xml.element("NextContinuationToken", encode_list_token(token));
  }
  xml.element("KeyCount", page.objects.size() + page.common_prefixes.size());
  write_page_settings(xml, text, params, page.truncated);
  writer.contents(page, request.param("fetch-owner") == "true");
  writer.common_prefixes(page.common_prefixes);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
