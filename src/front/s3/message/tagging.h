// Tag sets of objects and buckets: the x-amz-tagging field and the Tagging document.
// Spec: S3 user guide, "Categorizing your objects using tags": characters, lengths, counts.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "meta/volume_record.h"

namespace tp::s3 {

inline constexpr size_t kMaxObjectTags = 10;
inline constexpr size_t kMaxBucketTags = 50;
inline constexpr size_t kMaxTagKeyCharacters = 128;
inline constexpr size_t kMaxTagValueCharacters = 256;

/// "k1=v1&k2=v2", percent-encoded. InvalidArgument, InvalidTag.
Result<meta::TagSet> parse_tagging_header(std::string_view field);
/// MalformedXML, InvalidTag; BadRequest for more than max_tags.
Result<meta::TagSet> parse_tagging_document(BytesView xml, size_t max_tags);
Bytes tagging_document(const meta::TagSet& tags);

}  // namespace tp::s3
