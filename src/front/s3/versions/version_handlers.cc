#include "front/s3/versions/version_handlers.h"

#include <array>

namespace tp::s3 {

std::span<const HandlerRow> version_handlers() {
  static constexpr std::array kRows = {
      HandlerRow{Operation::kGetBucketVersioning, get_bucket_versioning},
      HandlerRow{Operation::kListObjectVersions, list_object_versions},
      HandlerRow{Operation::kPutBucketVersioning, put_bucket_versioning},
  };
  return kRows;
}

}  // namespace tp::s3
