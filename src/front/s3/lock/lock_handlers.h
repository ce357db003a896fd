// The operations of Object Lock, one a file.
#pragma once

#include <span>

#include "front/s3/core/operation.h"

namespace tp::s3 {

Task<void> get_object_legal_hold(S3Request& request);
Task<void> get_object_lock_configuration(S3Request& request);
Task<void> get_object_retention(S3Request& request);
Task<void> put_object_legal_hold(S3Request& request);
Task<void> put_object_lock_configuration(S3Request& request);
Task<void> put_object_retention(S3Request& request);

std::span<const HandlerRow> lock_handlers();

}  // namespace tp::s3
