// FileHandle: what a client holds of a file: opaque to it, good across restarts, and not to be made up: it carries a
// checksum keyed by a secret of the store. Layout: docs/protocols/nfs.md, handles.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/hash/hmac_sha256.h"
#include "plane/file_types.h"

namespace tp::nfs {

/// Where a handle leads: a file of a volume, or the pseudo root above the volumes.
struct HandleTarget {
  bool pseudo_root = false;
  plane::FileId file;
  friend bool operator==(const HandleTarget&, const HandleTarget&) = default;
};

class HandleCodec {
 public:
  using Key = std::array<char, 32>;
  static constexpr size_t kHandleBytes = 32;  // of every handle; within NFSv3's 64 and NFSv4's 128

  explicit HandleCodec(const Key& key) : mac_(BytesView(key.data(), key.size())) {}
  Bytes encode(const HandleTarget& target) const;
  /// nullopt for what this store did not make.
  std::optional<HandleTarget> decode(BytesView handle) const;

 private:
  HmacSha256Key mac_;
};

}  // namespace tp::nfs
