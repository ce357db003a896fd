// Byte ranges of reads (Range) and of part copies (x-amz-copy-source-range). Pure. Spec: RFC 9110 §14.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tp::s3 {

/// [offset, offset + size_bytes) of an object.
struct ByteRange {
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Nothing: the whole object, because the field is malformed, of another unit, or names several ranges (S3 answers all
/// three so). InvalidRange: no byte of it lies in the object.
Result<std::optional<ByteRange>> parse_range(std::string_view field, uint64_t object_bytes);

/// "bytes=first-last", both given: the only form that a part copy takes. InvalidArgument. Whether the range lies in the
/// source is checked where the source is known.
Result<ByteRange> parse_copy_source_range(std::string_view field);

/// "bytes 0-9/100"
std::string content_range(const ByteRange& range, uint64_t object_bytes);

}  // namespace tp::s3
