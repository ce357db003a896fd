#include "front/s3/upload/upload_params.h"

#include <charconv>

#include "front/s3/upload/upload_token.h"

namespace tp::s3 {

Result<UploadId> parse_upload_id(S3Request& request) {
  const std::string_view text = request.param("uploadId");
  if (const auto upload = decode_upload_id(text)) return *upload;
  request.add_error_detail("UploadId", text);
  return s3_fail(S3Code::kNoSuchUpload);
}

Result<uint16_t> parse_part_number(S3Request& request) {
  const std::string_view text = request.param("partNumber");
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= plane::kMaxPartNumber) {
    return number;
  }
  request.add_error_detail("ArgumentName", "partNumber");
  request.add_error_detail("ArgumentValue", text);
  return s3_fail(S3Code::kInvalidArgument, "Part number must be an integer between 1 and 10000, inclusive");
}

}  // namespace tp::s3
