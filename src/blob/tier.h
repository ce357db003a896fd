// Tier: a place for blobs other than the hot store: other drives, an erasure-coded set of them, an archive far away.
// Blobs come in batches from the mover, whole, and stay as they are. It keeps no index: the metadata owns the
// BlobRecords (segment and offset mean what the tier says they mean) and tells it what is dead. Safe from any loop.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "blob/blob_store.h"

namespace tp::blob {

struct TierItem {
  BlobRecord blob;                    // as it lies now; id, length and checksums stay as they are
  std::shared_ptr<const Bytes> data;  // all of it, verified
};

struct TierStats {
  uint64_t segments = 0, live_bytes = 0, disk_bytes = 0;  // disk_bytes: with parity and what is dead
  uint64_t bytes_written = 0, bytes_read = 0;             // as stored
  uint64_t reads = 0, writes = 0, checksum_failures = 0;
  uint64_t degraded_reads = 0, retries = 0;
};

class Tier {
 public:
  virtual ~Tier() = default;
  /// Joins what is under way.
  virtual Task<void> stop() = 0;

  /// Stores the items and makes them durable; one record an item, in order, complete but for BlobRecord::tier, which
  /// the caller sets. Until a record is committed, nothing knows of the copy: after a crash reclaim() frees it.
  /// kNoSpace, kIo, kUnavailable.
  virtual Task<std::vector<BlobRecord>> put(std::vector<TierItem> items) = 0;
  /// Verified bytes of the blob from `offset`, at least 1, at most `max_bytes`: what is in the frame (or the 256 KiB)
  /// that holds `offset`. kCorruption, kIo, kUnavailable.
  virtual Task<io::SendRegion> read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) = 0;
  /// Reads all of it back, redundancy included, and checks every checksum.
  virtual Task<void> verify(const BlobRecord& blob) = 0;
  /// The blob is dead and nobody reads it.
  virtual Task<void> free(const BlobRecord& blob) = 0;
  /// Whether a blob should be put again elsewhere, because what lies beside it is mostly dead (compaction).
  virtual bool wants_moving(SegmentId segment) = 0;

  /// What there is, also what an earlier start left: of an archive, by listing it.
  virtual Task<std::vector<SegmentInfo>> segments() = 0;
  /// What is live in a segment of an earlier start ((offset, stored length), sorted); all else in it goes.
  virtual Task<void> reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) = 0;
  /// Reading it costs money: the scrub passes it by, `check` does not.
  virtual bool remote() const { return false; }
  virtual TierStats stats() const = 0;
};

}  // namespace tp::blob
