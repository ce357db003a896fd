// The CORSConfiguration document, to and from rules. Spec: S3 API, "PutBucketCors", "CORSRule".
#pragma once

#include "base/result.h"
#include "front/s3/cors/cors_rules.h"

namespace tp::s3 {

inline constexpr size_t kMaxCorsDocumentBytes = 64 << 10;
inline constexpr size_t kMaxCorsRules = 100;
inline constexpr size_t kMaxCorsIdBytes = 255;

/// MalformedXML, InvalidRequest (methods, wildcards).
Result<CorsRules> parse_cors_document(BytesView xml);
Bytes cors_document(const CorsRules& rules);

}  // namespace tp::s3
