#include "front/s3/bucket/bucket_handlers.h"

namespace tp::s3 {

std::span<const HandlerRow> bucket_handlers() { return {}; }

void append_cors_headers(S3Request&, wire::ResponseHeadWriter&) {}

}  // namespace tp::s3
