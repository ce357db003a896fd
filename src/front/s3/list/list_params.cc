#include "front/s3/list/list_params.h"

#include <algorithm>
#include <limits>

#include "wire/text/utf8.h"

namespace tp::s3 {

Result<std::string_view> name_param(S3Request& request, std::string_view name) {
  const std::string_view value = request.param(name);
  if (!wire::is_valid_utf8(value)) {
    request.add_error_detail("ArgumentName", name);
    return s3_fail(S3Code::kInvalidArgument, "The parameter is not valid UTF-8.");
  }
  return value;
}

Result<std::string_view> position_param(S3Request& request, const ListParams& params, std::string_view name) {
  if (params.url_encoded) return request.param(name);
  return name_param(request, name);
}

Result<ListParams> parse_list_params(S3Request& request, std::string_view max_name) {
  ListParams params;
  TP_TRY(params.prefix, name_param(request, "prefix"));
  TP_TRY(params.delimiter, name_param(request, "delimiter"));
  const std::string_view encoding = request.param("encoding-type");
  if (!encoding.empty() && encoding != "url") {
    request.add_error_detail("ArgumentName", "encoding-type");
    request.add_error_detail("ArgumentValue", encoding);
    return s3_fail(S3Code::kInvalidArgument, "Invalid Encoding Method specified in Request");
  }
  params.url_encoded = encoding == "url";
  constexpr uint64_t kLargest = std::numeric_limits<int32_t>::max();
  TP_TRY(const uint64_t max_entries, request.number_param(max_name, kMaxListedKeys, 0, kLargest));
  params.max_entries = static_cast<uint32_t>(std::min<uint64_t>(max_entries, kMaxListedKeys));
  return params;
}

plane::ListQuery query_after(const ListParams& params, std::string_view marker) {
  plane::ListQuery query;
  query.prefix = params.prefix;
  query.delimiter = params.delimiter;
  query.max_entries = params.max_entries;
  query.after = marker;
  if (params.delimiter.empty() || !marker.starts_with(params.prefix)) return query;
  const size_t found = marker.find(params.delimiter, params.prefix.size());
  if (found == std::string_view::npos) return query;
  query.after = marker.substr(0, found + params.delimiter.size());
  query.after_is_prefix = true;
  return query;
}

Task<plane::ListPage> list_page_of(S3Request& request, plane::ListQuery query) {
  const bool nothing_asked = query.max_entries == 0;
  if (nothing_asked) query.max_entries = 1;  // the bucket and the caller's rights are checked all the same
  TP_CO_TRY(plane::ListPage page, co_await request.plane.list(request.caller, request.bucket, std::move(query)));
  if (nothing_asked) page = plane::ListPage();
  co_return std::move(page);
}

}  // namespace tp::s3
