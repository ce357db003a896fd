#include "front/s3/lifecycle/expiration_header.h"
#include "front/s3/lock/lock_headers.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/conditions.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/object/object_handlers.h"
#include "front/s3/versions/version_headers.h"

namespace tp::s3 {

namespace {

Result<plane::WriteOptions> parse_options(S3Request& request, const BodyReader& body) {
  plane::WriteOptions options;
  TP_TRY(options.attributes, parse_object_attributes(request));
  TP_TRY_VOID(require_lock_digest(request, options.attributes, body.has_integrity_check()));
  TP_TRY(options.conditions, parse_write_conditions(request));
  TP_TRY(options.append_offset, request.number_header(HeaderId::kWriteOffsetBytes, INT64_MAX));
  body.fill(options);
  return options;
}

}  // namespace

// PutObject, and S3 Express's append when x-amz-write-offset-bytes is there.
Task<void> put_object(S3Request& request) {
  TP_CO_TRY_VOID(refuse_version_id(request));
  TP_CO_TRY(BodyReader body, BodyReader::create(request, BodyReader::Kind::kData));
  TP_CO_TRY(plane::WriteOptions options, parse_options(request, body));
  const bool append = options.append_offset.has_value();
  TP_CO_TRY(const auto writer,
            co_await request.plane.open_writer(request.caller, request.object(), std::move(options)));
  TP_CO_TRY_VOID(co_await body.read_into(*writer));
  TP_CO_TRY(const plane::PutResult put, co_await writer->commit(body.expected()));
  TP_CO_TRY(const std::string expiration, co_await expiration_of_new(request));
  wire::ResponseHeadWriter head = request.start(200);
  append_expiration(head, expiration);
  append_etag(head, put.etag);
  append_version_id(head, put.version);
  append_checksum(head, put.checksum, 1);
  if (append) head.header("x-amz-object-size", put.size_bytes);
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
