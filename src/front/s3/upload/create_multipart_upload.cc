#include "front/s3/core/s3_request.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/upload/upload_token.h"

namespace tp::s3 {

namespace {

Result<void> parse_checksum(const S3Request& request, plane::UploadOptions& options) {
  if (request.has(HeaderId::kChecksumAlgorithm)) {
    const auto algorithm = checksum_from_name(request.header(HeaderId::kChecksumAlgorithm));
    if (!algorithm) {
      return s3_fail(S3Code::kInvalidRequest, "Checksum algorithm provided is unsupported. Please try again with any "
                                              "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
    options.checksum_algorithm = *algorithm;
  }
  if (!request.has(HeaderId::kChecksumType)) return ok;
  options.checksum_type = checksum_type_from_name(request.header(HeaderId::kChecksumType));
  if (!options.checksum_type) {
    return s3_fail(S3Code::kInvalidRequest, "Value for x-amz-checksum-type header is invalid.");
  }
  if (options.checksum_algorithm == ChecksumAlgorithm::kNone) {
    return s3_fail(S3Code::kInvalidRequest, "The x-amz-checksum-type header can only be used with the "
                                            "x-amz-checksum-algorithm header.");
  }
  return ok;
}

// What S3 takes where the client names an algorithm alone.
meta::ChecksumType default_type(ChecksumAlgorithm algorithm) {
  return algorithm == ChecksumAlgorithm::kCrc64Nvme ? meta::ChecksumType::kFullObject : meta::ChecksumType::kComposite;
}

}  // namespace

Task<void> create_multipart_upload(S3Request& request) {
  plane::UploadOptions options;
  TP_CO_TRY(options.attributes, parse_object_attributes(request));
  TP_CO_TRY_VOID(parse_checksum(request, options));
  const ChecksumAlgorithm algorithm = options.checksum_algorithm;
  const meta::ChecksumType type = options.checksum_type.value_or(default_type(algorithm));
  if (algorithm != ChecksumAlgorithm::kNone) options.checksum_type = type;
  TP_CO_TRY(const UploadId upload,
            co_await request.plane.create_upload(request.caller, request.object(), std::move(options)));
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("InitiateMultipartUploadResult", kNamespace);
  xml.element("Bucket", request.bucket);
  xml.element("Key", request.key);
  xml.element("UploadId", encode_upload_id(upload));
  xml.close();
  wire::ResponseHeadWriter head = request.start(200);
  head.header("Content-Type", "application/xml");
  if (algorithm != ChecksumAlgorithm::kNone) {
    head.header("x-amz-checksum-algorithm", checksum_name(algorithm));
    head.header("x-amz-checksum-type", checksum_type_name(type));
  }
  co_return co_await request.http.finish(body);
}

}  // namespace tp::s3
