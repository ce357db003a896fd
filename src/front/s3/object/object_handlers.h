// The operations on objects, one a file. What each does is in the S3 API reference under its name.
#pragma once

#include <span>

#include "front/s3/core/operation.h"

namespace tp::s3 {

Task<void> copy_object(S3Request& request);
Task<void> delete_object(S3Request& request);
Task<void> delete_object_tagging(S3Request& request);
Task<void> delete_objects(S3Request& request);
Task<void> get_object(S3Request& request);
Task<void> get_object_acl(S3Request& request);
Task<void> get_object_attributes(S3Request& request);
Task<void> get_object_tagging(S3Request& request);
Task<void> head_object(S3Request& request);
Task<void> put_object(S3Request& request);
Task<void> put_object_acl(S3Request& request);
Task<void> put_object_tagging(S3Request& request);
Task<void> rename_object(S3Request& request);
Task<void> restore_object(S3Request& request);

std::span<const HandlerRow> object_handlers();

}  // namespace tp::s3
