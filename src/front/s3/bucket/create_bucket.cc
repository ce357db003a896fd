#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/bucket/cache_headers.h"
#include "front/s3/bucket/create_bucket_document.h"
#include "front/s3/core/s3_request.h"
#include "front/s3/message/access_list.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/settings/ownership_document.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

namespace {

Result<plane::CreateVolumeOptions> parse_options(S3Request& request) {
  plane::CreateVolumeOptions options;
  options.object_lock = wire::equal_ignoring_case(request.header(HeaderId::kBucketObjectLockEnabled), "true");
  if (request.has(HeaderId::kObjectOwnership)) {
    const auto ownership = ownership_from_name(request.header(HeaderId::kObjectOwnership));
    if (!ownership) {
      request.add_error_detail("ArgumentName", "x-amz-object-ownership");
      return s3_fail(S3Code::kInvalidArgument, "Invalid x-amz-object-ownership header");
    }
    options.ownership = *ownership;
  }
  const AccessOwners owners{request.caller.user_id, request.caller.user_id};
  TP_TRY(options.access, parse_access_headers(request, owners));
  if (options.ownership == meta::Ownership::kBucketOwnerEnforced &&
      grants_to_others(options.access, request.caller.user_id)) {
    return s3_fail(S3Code::kInvalidBucketAclWithObjectOwnership);
  }
  TP_TRY_VOID(take_cache_headers(request, &options));
  return options;
}

}  // namespace

Task<void> create_bucket(S3Request& request) {
  TP_CO_TRY(plane::CreateVolumeOptions options, parse_options(request));
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes body, co_await reader.read_document(kMaxSettingBytes));
  TP_CO_TRY(CreateBucketConfiguration configuration, parse_create_bucket_document(body));
  options.location = std::move(configuration.location);
  TP_CO_TRY_VOID(co_await request.plane.create_volume(request.caller, request.bucket, std::move(options)));
  if (!configuration.tags.empty()) {
    plane::VolumeChange change;
    change.tags = std::move(configuration.tags);
    TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  }
  wire::ResponseHeadWriter head = request.start(200);
  head.header("Location", "/" + request.bucket);
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
