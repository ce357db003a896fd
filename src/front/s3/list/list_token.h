// ListToken: the opaque text by which a client goes on with a listing: the last key (or common prefix) given. It
// carries a checksum, so that a token that was cut or edited is refused and does not silently list from elsewhere.
// Spec: S3 API, "ListObjectsV2", "ListBuckets": continuation-token.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tp::s3 {

struct ListToken {
  std::string last;
  bool last_is_prefix = false;
};

/// Only letters, digits, '-' and '_': clients that forget to encode a query survive it.
std::string encode_list_token(const ListToken& token);
/// Nothing for text that encode_list_token did not make.
std::optional<ListToken> decode_list_token(std::string_view text);

}  // namespace tp::s3
