#include "front/s3/upload/upload_handlers.h"

#include <array>

#include "front/s3/post/post_object.h"

namespace tp::s3 {

std::span<const HandlerRow> upload_handlers() {
  static constexpr std::array kRows = {
      HandlerRow{Operation::kAbortMultipartUpload, abort_multipart_upload},
      HandlerRow{Operation::kCompleteMultipartUpload, complete_multipart_upload},
      HandlerRow{Operation::kCreateMultipartUpload, create_multipart_upload},
      HandlerRow{Operation::kListMultipartUploads, list_multipart_uploads},
      HandlerRow{Operation::kListParts, list_parts},
      HandlerRow{Operation::kPostObject, post_object},
      HandlerRow{Operation::kUploadPart, upload_part},
      HandlerRow{Operation::kUploadPartCopy, upload_part_copy},
  };
  return kRows;
}

}  // namespace tp::s3
