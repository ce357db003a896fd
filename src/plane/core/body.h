// Body: the bytes of one new object, appended run or part on their way into the store: small ones gather on the heap,
// larger ones stream through pool buffers into blobs. While buffer k fills, k-1 is hashed and those before are written,
// so memory is a few buffers. Nothing refers to what was stored until a transaction does; destroyed before keep(), it
// is freed. Belongs to one loop.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/hash/md5.h"
#include "plane/core/core.h"

namespace tp::plane {

class Body {
 public:
  struct Options {
    std::optional<uint64_t> size_bytes;  // if the client said
    uint64_t limit_bytes = kMaxPutBytes;
    size_t small_limit_bytes = kSmallDataBytes;  // 0: always blobs
    ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kNone;
    bool compute_sha256 = false;
    Bytes prefix;  // stored first, in no digest and not in size_bytes: an appended-to object's small data
  };
  /// What came in, in full.
  struct Stored {
    uint64_t size_bytes = 0;   // without the prefix
    Md5Digest md5{};
    Bytes checksum;            // raw; of Options::checksum_algorithm
    bool small = false;
    BytesView data;            // if small: all bytes, with the prefix; lives as long as the Body
    std::vector<blob::BlobRecord> blobs;  // else: in order
  };

  Body(Core& core, Options options);
  ~Body();
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  /// See ObjectWriter.
  Task<MutableBytes> space();
  Task<void> filled(size_t size);
  uint64_t size_bytes() const;

  /// Ends the bytes, compares them with what the client claimed (kInvalidArgument with kBadDigest,
  /// kContentSha256Mismatch, kChecksumMismatch, kIncompleteBody) and makes the blobs durable. Once.
  Task<void> finish(ExpectedDigests expected);
  const Stored& stored() const;
  /// A committed transaction refers to the blobs now (or may: Applied::kMaybe).
  void keep();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

/// The extents that blobs, laid one after another from `offset` on, make.
std::vector<meta::Extent> extents_of(const std::vector<blob::BlobRecord>& blobs, uint64_t offset);

}  // namespace tp::plane
