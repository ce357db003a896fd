// ArchiveKeys: the secrets that seal what leaves for an archive: the first seals, all of them open, so that a key is
// replaced by putting a new one first. Whoever loses them loses the archive. Owner: the tier.
#pragma once

#include <cstdint>
#include <vector>

#include "base/hash/hmac_sha256.h"
#include "base/result.h"

namespace tp::blob {

class ArchiveKeys {
 public:
  static constexpr size_t kMaxKeys = 16;
  struct Key {
    uint32_t fingerprint = 0;  // which key a frame was sealed with; tells nothing of the key
    HmacSha256Key secret{BytesView()};
  };

  /// A key file: 32 bytes, one key; or text, a line of 64 hexadecimal digits a key, where empty lines and lines that
  /// begin with '#' are skipped.
  /// kInvalidArgument: none, too many, the same twice, or a line that is something else. Errors never show a key.
  static Result<ArchiveKeys> parse(BytesView text);

  const Key& sealing() const { return keys_.front(); }
  const Key* find(uint32_t fingerprint) const;

 private:
  std::vector<Key> keys_;  // at least one
};

}  // namespace tp::blob
