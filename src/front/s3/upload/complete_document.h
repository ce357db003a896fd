// The CompleteMultipartUpload document. Spec: S3 API, "CompleteMultipartUpload": request body.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "plane/object_types.h"

namespace tp::s3 {

/// 10,000 parts with every field they may have.
inline constexpr size_t kMaxCompleteBytes = 8 << 20;

/// In the order sent; whether that is ascending is the plane's to say. MalformedXML: no part, more than 10,000, a part
/// without number or ETag, two checksums in one part.
Result<std::vector<plane::CompletePart>> parse_complete_document(BytesView xml);

/// An ETag as a document or a field has it, without its quotes.
std::string_view unquoted_etag(std::string_view etag);

}  // namespace tp::s3
