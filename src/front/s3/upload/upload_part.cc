#include "front/s3/core/s3_request.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/upload/upload_params.h"

namespace tp::s3 {

Task<void> upload_part(S3Request& request) {
  TP_CO_TRY(const UploadId upload, parse_upload_id(request));
  TP_CO_TRY(const uint16_t number, parse_part_number(request));
  TP_CO_TRY_VOID(refuse_unsupported_headers(request));
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kData));
  plane::WriteOptions options;
  reader.fill(options);
  // A client that names none leaves it to the upload, which knows what was asked when it began.
  options.checksum_algorithm = reader.checksum_algorithm();
  TP_CO_TRY(const auto writer, co_await request.plane.open_part_writer(request.caller, request.object(), upload, number,
                                                                       std::move(options)));
  TP_CO_TRY_VOID(co_await reader.read_into(*writer));
  TP_CO_TRY(const plane::PutResult part, co_await writer->commit(reader.expected()));
  wire::ResponseHeadWriter head = request.start(200);
  append_etag(head, part.etag);
  // What the client claimed was found true. A checksum that it did not claim is the store's own business.
  if (const auto checksum = reader.expected().checksum) {
    head.header(checksum_header(reader.checksum_algorithm()), to_base64(*checksum));
  }
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
