// UploadToken: an upload id as clients see it: 40 hexadecimal digits that hold the store's number and a check, so that
// invented or cut ids are told from real ones before the store is asked. It is no secret: rights are checked as ever.
// Spec: S3 API, "CreateMultipartUpload": UploadId is opaque.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace tp::s3 {

std::string encode_upload_id(UploadId upload);
/// Nothing for text that encode_upload_id did not make.
std::optional<UploadId> decode_upload_id(std::string_view text);

}  // namespace tp::s3
