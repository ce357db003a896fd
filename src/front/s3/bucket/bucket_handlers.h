// The operations on buckets and the service, one a file; and the rows of all that a bucket has: its settings, its CORS
// rules, its listings.
#pragma once

#include <span>

#include "front/s3/core/operation.h"
#include "wire/http/head_writer.h"

namespace tp::s3 {

Task<void> create_bucket(S3Request& request);
Task<void> delete_bucket(S3Request& request);
Task<void> get_bucket_location(S3Request& request);
Task<void> head_bucket(S3Request& request);
Task<void> list_buckets(S3Request& request);

std::span<const HandlerRow> bucket_handlers();

/// Adds the Access-Control-* fields that the bucket's CORS rules grant to a request with an Origin. Called for every
/// answer, errors included, once the head has begun. (In cors/cors_fields.cc.)
void append_cors_headers(S3Request& request, wire::ResponseHeadWriter& head);

}  // namespace tp::s3
