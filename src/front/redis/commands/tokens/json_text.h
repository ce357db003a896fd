// JSON as text: checked, stored without spaces, answered with the spaces that were asked for. Numbers stay as they were
// written. Spec: RFC 8259.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::redis {

/// The text without spaces between its parts. kInvalidArgument: it is no JSON, or nested deeper than 128.
Result<Bytes> compact_json(BytesView text);

struct JsonSpacing {
  BytesView indent, newline, space;
  bool plain() const { return indent.empty() && newline.empty() && space.empty(); }
};
/// Compact JSON with its spacing; at most `limit` bytes, else kTooLarge.
Result<Bytes> spaced_json(BytesView compact, const JsonSpacing& spacing, size_t limit);

}  // namespace tp::redis
