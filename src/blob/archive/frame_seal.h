// Sealing of frames: AES-256-GCM under a key of the pack's own, bound to the place in the pack, the blob and the frame.
// A frame can be opened by itself: it says which key and which salt it was sealed with. Invariant: a pack's key and an
// offset in it are used once. Pure functions, safe from any thread. Format: docs/formats/archive.md §3.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "blob/archive/archive_keys.h"

namespace tp::blob {

inline constexpr size_t kPackSaltBytes = 12;
inline constexpr uint32_t kSealBytes = 4 + kPackSaltBytes + 16;  // key fingerprint, salt, tag

using PackSalt = std::array<char, kPackSaltBytes>;

struct PackId {
  uint64_t store_id = 0;
  SegmentId segment;
};

/// What a frame is sealed as.
struct FramePlace {
  uint64_t offset = 0;  // of the sealed frame in the pack
  BlobId blob;
  uint32_t frame = 0;
  uint32_t data_bytes = 0;  // of the frame, decoded
};

/// The sealing side of one pack. Its salt is random and never used for another pack.
class PackSealer {
 public:
  PackSealer(const ArchiveKeys::Key& key, const PackId& pack, const PackSalt& salt);
  uint32_t fingerprint() const { return fingerprint_; }
  const PackSalt& salt() const { return salt_; }
  /// Appends the sealed frame, kSealBytes longer than `frame`. kInternal: OpenSSL failed.
  Result<void> seal(const FramePlace& place, BytesView frame, Bytes& out) const;

 private:
  uint32_t fingerprint_;
  PackSalt salt_;
  Sha256Digest key_;
};

/// The frame in `sealed`. kCorruption: not what was sealed at this place. kUnavailable: sealed with a key that is not
/// among `keys`. Any bytes may be passed.
Result<Bytes> open_frame(const ArchiveKeys& keys, const PackId& pack, const FramePlace& place, BytesView sealed);

}  // namespace tp::blob
