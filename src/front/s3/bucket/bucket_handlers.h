// The operations on buckets and the service, one a file, listings among them.
#pragma once

#include <span>

#include "front/s3/core/operation.h"
#include "wire/http/head_writer.h"

namespace tp::s3 {

std::span<const HandlerRow> bucket_handlers();

/// Adds the Access-Control-* fields that the bucket's CORS rules grant to a request with an Origin. Called for every
/// answer, errors included, once the head has begun.
void append_cors_headers(S3Request& request, wire::ResponseHeadWriter& head);

}  // namespace tp::s3
