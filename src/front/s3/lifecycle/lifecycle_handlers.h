// The operations of a bucket's lifecycle, one a file.
#pragma once

#include <span>
#include <string_view>

#include "front/s3/core/operation.h"
#include "lifecycle/rules.h"

namespace tp::s3 {

Task<void> delete_bucket_lifecycle(S3Request& request);
Task<void> get_bucket_lifecycle_configuration(S3Request& request);
Task<void> put_bucket_lifecycle_configuration(S3Request& request);

std::span<const HandlerRow> lifecycle_handlers();

/// x-amz-transition-default-minimum-object-size
std::string_view transition_minimum_name(lifecycle::TransitionMinimum minimum) noexcept;

}  // namespace tp::s3
