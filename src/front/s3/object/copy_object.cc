#include <charconv>

#include "front/s3/lifecycle/expiration_header.h"
#include "front/s3/lock/lock_headers.h"
#include "front/s3/message/access_list.h"
#include "front/s3/message/conditions.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/tagging.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/object/object_handlers.h"
#include "front/s3/versions/version_headers.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

Result<bool> parse_directive(const S3Request& request, HeaderId id, const char* what) {
  if (!request.has(id) || request.header(id) == "COPY") return false;
  if (request.header(id) == "REPLACE") return true;
  return s3_fail(S3Code::kInvalidArgument, std::string("Unknown ") + what + " directive.");
}

Result<plane::CopyOptions> parse_options(S3Request& request) {
  plane::CopyOptions options;
  TP_TRY_VOID(refuse_unsupported_headers(request));
  TP_TRY(options.replace_metadata, parse_directive(request, HeaderId::kMetadataDirective, "metadata"));
  TP_TRY(options.replace_tags, parse_directive(request, HeaderId::kTaggingDirective, "tagging"));
  if (options.replace_metadata) {
    TP_TRY(options.attributes.headers, parse_system_headers(request));
    TP_TRY(options.attributes.user_metadata, parse_user_metadata(request));
  }
  if (options.replace_tags) {
    TP_TRY(options.attributes.tags, parse_tagging_header(request.header(HeaderId::kTagging)));
  }
  TP_TRY(options.attributes.storage_class, parse_storage_class(request));
  TP_TRY(options.attributes.access, parse_new_object_access(request));
  TP_TRY_VOID(parse_lock_headers(request, &options.attributes));
  options.source_conditions = parse_read_conditions(request, kCopySourceFields);
  TP_TRY(options.conditions, parse_write_conditions(request));
  if (request.has(HeaderId::kChecksumAlgorithm)) {
    options.checksum_algorithm = checksum_from_name(request.header(HeaderId::kChecksumAlgorithm));
    if (!options.checksum_algorithm) {
      return s3_fail(S3Code::kInvalidRequest,
                     "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                     "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
  }
  return options;
}

// A composite checksum names its parts' number, which the ETag ends in: "hex-3".
size_t parts_of(std::string_view etag) {
  const size_t dash = etag.rfind('-');
  size_t parts = 0;
  if (dash != std::string_view::npos) std::from_chars(etag.data() + dash + 1, etag.data() + etag.size(), parts);
  return parts;
}

}  // namespace

Task<void> copy_object(S3Request& request) {
  TP_CO_TRY_VOID(refuse_version_id(request));
  TP_CO_TRY(plane::ObjectRef source, parse_copy_source(request));
  TP_CO_TRY_VOID(check_expected_owner(request, source.volume, HeaderId::kSourceExpectedBucketOwner));
  TP_CO_TRY(plane::CopyOptions options, parse_options(request));
  auto outcome =
      co_await request.plane.copy(request.caller, std::move(source), request.object(), std::move(options));
  if (!outcome) co_return std::unexpected(copy_source_error(std::move(outcome).error()));
  const plane::PutResult& copied = *outcome;
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("CopyObjectResult", kNamespace);
  xml.element("LastModified", wire::iso8601(copied.modified));
  xml.element("ETag", quoted_etag(copied.etag));
  append_checksum_elements(xml, copied.checksum, parts_of(copied.etag));
  xml.close();
  TP_CO_TRY(const std::string expiration, co_await expiration_of_new(request));
  wire::ResponseHeadWriter head = request.start(200);
  append_expiration(head, expiration);
  append_version_id(head, copied.version);
  if (!copied.source_version.empty()) head.header("x-amz-copy-source-version-id", copied.source_version);
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(out);
}

}  // namespace tp::s3
