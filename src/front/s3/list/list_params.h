// ListParams: the query parameters that the listings share, and the plane's query that they make.
// Spec: S3 API, "ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads": URI request parameters.
#pragma once

#include <string>
#include <string_view>

#include "front/s3/core/s3_request.h"
#include "plane/object_types.h"

namespace tp::s3 {

inline constexpr uint32_t kMaxListedKeys = 1000;

struct ListParams {
  std::string_view prefix, delimiter;  // views into the request's query
  bool url_encoded = false;            // encoding-type=url
  uint32_t max_entries = kMaxListedKeys;
};

/// `max_name` is "max-keys" or "max-uploads": 0 to 2^31-1, more than 1000 means 1000. Errors: InvalidArgument.
Result<ListParams> parse_list_params(S3Request& request, std::string_view max_name);
/// A parameter that names a key or part of one. InvalidArgument unless it is valid UTF-8.
Result<std::string_view> name_param(S3Request& request, std::string_view name);
/// A key to go on from. With encoding-type=url it may be of any bytes: file protocols make such names, and a page may
/// have ended at one.
Result<std::string_view> position_param(S3Request& request, const ListParams& params, std::string_view name);

/// A query for what comes after `marker`, which a client wrote or took from NextMarker. A marker within a common prefix
/// means that the prefix has been given: entries are compared as they are listed.
plane::ListQuery query_after(const ListParams& params, std::string_view marker);

/// The page, with rights checked; nothing at all where no entry was asked for.
Task<plane::ListPage> list_page_of(S3Request& request, plane::ListQuery query);

}  // namespace tp::s3
