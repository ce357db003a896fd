// RFC 2047 encoded words, as S3 carries user metadata that is not ASCII: =?UTF-8?B?...?= and =?UTF-8?Q?...?=.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace tp::wire {

/// Replaces each encoded word of charset UTF-8 or US-ASCII by its bytes; white space between two encoded words goes.
/// Anything else, malformed and foreign-charset words included, stays as it is.
Bytes decode_encoded_words(std::string_view text);

/// `text` itself if it is printable ASCII, otherwise one base64 word ("=?UTF-8?B?...?=").
Bytes encode_word_if_needed(BytesView text);

}  // namespace tp::wire
