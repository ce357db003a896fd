#include "front/s3/core/router.h"
#include "front/s3/message/conditions.h"
#include "front/s3/object/object_handlers.h"

namespace tp::s3 {

namespace {

constexpr size_t kMaxClientTokenBytes = 64;

// x-amz-rename-source is "key", "/key" or "bucket/key", encoded. A key that itself begins with the bucket's name and a
// slash needs the last form.
Result<std::string> parse_source(const S3Request& request) {
  Bytes decoded;
  if (!wire::append_percent_decoded(decoded, request.header(HeaderId::kRenameSource), wire::Plus::kLiteral)) {
    return s3_fail(S3Code::kInvalidArgument, "x-amz-rename-source is not well encoded");
  }
  std::string_view key = decoded;
  if (key.starts_with('/')) key.remove_prefix(1);
  const std::string bucket_prefix = request.bucket + "/";
  if (key.starts_with(bucket_prefix) && key.size() > bucket_prefix.size()) key.remove_prefix(bucket_prefix.size());
  if (key.empty()) return s3_fail(S3Code::kInvalidArgument, "x-amz-rename-source must name an object");
  TP_TRY_VOID(check_lookup_key(key));
  return std::string(key);
}

}  // namespace

// RenameObject, of objects and, where both names end in '/', of everything under a prefix. A client token changes
// nothing: the retry of a rename that was done finds no source, as a repeated rename does.
Task<void> rename_object(S3Request& request) {
  if (request.header(HeaderId::kClientToken).size() > kMaxClientTokenBytes) {
    co_return s3_fail(S3Code::kInvalidArgument, "x-amz-client-token has at most 64 characters");
  }
  TP_CO_TRY(std::string source, parse_source(request));
  TP_CO_TRY(plane::WriteConditions conditions, parse_write_conditions(request));
  plane::ReadConditions source_conditions = parse_read_conditions(request, kRenameSourceFields);
  TP_CO_TRY_VOID(co_await request.plane.rename(request.caller, request.bucket, std::move(source), request.key,
                                               std::move(source_conditions), std::move(conditions)));
  co_return co_await request.answer_empty(200);
}

}  // namespace tp::s3
