#include "front/s3/lifecycle/lifecycle_handlers.h"

#include <array>

namespace tp::s3 {

std::span<const HandlerRow> lifecycle_handlers() {
  static constexpr std::array kRows = {
      HandlerRow{Operation::kDeleteBucketLifecycle, delete_bucket_lifecycle},
      HandlerRow{Operation::kGetBucketLifecycleConfiguration, get_bucket_lifecycle_configuration},
      HandlerRow{Operation::kPutBucketLifecycleConfiguration, put_bucket_lifecycle_configuration},
  };
  return kRows;
}

std::string_view transition_minimum_name(lifecycle::TransitionMinimum minimum) noexcept {
  switch (minimum) {
    case lifecycle::TransitionMinimum::kAll128K: return "all_storage_classes_128K";
    case lifecycle::TransitionMinimum::kVariesByStorageClass: return "varies_by_storage_class";
  }
  return "";
}

}  // namespace tp::s3
