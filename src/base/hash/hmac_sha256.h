// HmacSha256Key: an HMAC-SHA-256 key (RFC 2104) with both padded key blocks already hashed, for repeated use.
// A plain value; using it from several threads at once is fine.
#pragma once

#include "base/hash/sha256.h"

namespace tp {

class HmacSha256Key {
 public:
  explicit HmacSha256Key(BytesView key) noexcept;

  Sha256Digest sign(BytesView data) const noexcept;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

/// One signature with a key that is not used again.
Sha256Digest hmac_sha256(BytesView key, BytesView data) noexcept;

}  // namespace tp
