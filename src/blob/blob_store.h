// BlobStore: immutable blobs of up to 8 MiB, appended to large segment files, checksummed per 64 KiB and verified on
// every read, freed by hole punching and compaction. It keeps no index: the metadata owns the BlobRecords and tells the
// store what is dead. Format: docs/formats/segment.md. One instance serves all loops; each loop appends to its own
// segment.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "blob/blob_record.h"
#include "blob/buffer_pool.h"
#include "io/file_system.h"
#include "io/send_region.h"
#include "io/shared_memory.h"
#include "rt/runtime.h"

namespace tp::blob {

class Tier;  // tier.h

/// Writes one blob on one loop. Destroyed without finish(): its space is freed.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  /// Appends a buffer's bytes; all but the last are full (kBufferBytes). Returns when the write is under way, or when
  /// enough earlier ones are done: at most a few buffers of one blob are in flight. kNoSpace, kIo, kReadOnly.
  virtual Task<void> append(Buffer buffer) = 0;
  /// Waits for the writes. The blob is readable, and durable after BlobStore::sync().
  virtual Task<BlobRecord> finish() = 0;
};

struct SegmentInfo {
  SegmentId id;
  uint64_t size_bytes = 0;  // appended so far
  uint64_t live_bytes = 0;  // known live (padded); valid once reclaim() has run for segments of an earlier start
  bool sealed = false;
  bool from_earlier_start = false;
};

struct BlobStoreStats {
  uint64_t segments = 0, disk_bytes = 0, live_bytes = 0;
  uint64_t cache_hits = 0, cache_misses = 0, cache_bytes = 0;
  uint64_t checksum_failures = 0, syncs = 0, sync_requests = 0;
  uint64_t bytes_written = 0, bytes_read = 0;
};

class BlobStore {
 public:
  struct Options {
    io::FileSystem* files = nullptr;  // rooted at the store's data directory; segments live in "blobs/"
    rt::Runtime* runtime = nullptr;
    std::unique_ptr<io::SharedMemory> cache_memory;  // null: no cache
    uint64_t start_number = 1;                       // grows with every start; makes blob and segment ids unique
    uint64_t segment_bytes = 1ull << 30;
    size_t upload_buffers_per_loop = 96;    // of kBufferBytes
    uint64_t min_free_bytes = 64ull << 20;  // below this, writes fail with kNoSpace
    uint64_t store_id = 0;                  // written into each segment; one of another store is left alone
    /// Told in words what open() found odd (a foreign file, a torn header) but could live with; may be empty.
    std::function<void(const std::string&)> report;
  };
  static Task<std::unique_ptr<BlobStore>> open(Options options);
  virtual ~BlobStore() = default;
  /// Joins background work and waits for writes under way.
  virtual Task<void> stop() = 0;

  /// The current loop's upload buffers.
  virtual BufferPool& buffers() = 0;
  /// `size_limit_bytes` (1..kMaxBlobBytes) is reserved; what finish() does not need of it is given back.
  virtual Task<std::unique_ptr<BlobWriter>> create(uint64_t size_limit_bytes) = 0;
  /// The blobs are on stable storage when this succeeds. Concurrent calls share fdatasyncs. After a failed sync the
  /// store is read-only until reopened.
  virtual Task<void> sync(std::span<const BlobRecord> blobs) = 0;

  /// Verified bytes of the blob from `offset`, at least 1, at most `max_bytes`, as many as come cheaply in one piece
  /// (256 KiB). Out of the cache if there, else read, verified and (if `fill_cache`) kept. kCorruption, kIo.
  virtual Task<io::SendRegion> read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes, bool fill_cache) = 0;
  /// The same if it is in the cache now; never waits. An empty region if not.
  virtual io::SendRegion read_cached(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) = 0;

  /// Checks every checksum of the blob on disk, past the cache.
  virtual Task<void> verify(const BlobRecord& blob) = 0;

  /// The blob is dead and nobody reads it: frees its space.
  virtual Task<void> free(const BlobRecord& blob) = 0;
  /// A copy of the blob elsewhere, verified and durable, under the same id: compaction. The caller commits the new
  /// record and then frees the old one.
  virtual Task<BlobRecord> relocate(const BlobRecord& blob) = 0;

  /// All bytes of a blob of another tier, on the hot one under the same id; durable. As relocate() otherwise.
  virtual Task<BlobRecord> store(BlobId id, std::shared_ptr<const Bytes> data) = 0;
  /// The tier of that number; null if there is none (0 is the hot one, which is none of them).
  virtual Tier* tier(uint8_t) { return nullptr; }
  virtual std::vector<uint8_t> tiers() const { return {}; }

  /// Of the hot tier.
  virtual std::vector<SegmentInfo> segments() = 0;
  /// Tells the store what is live in a segment of an earlier start ((offset, padded length), sorted); everything else
  /// in it is freed. A segment with nothing live is removed.
  virtual Task<void> reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) = 0;

  virtual bool read_only() const = 0;
  /// Of the disk that the blobs lie on; free is what may still be written.
  virtual Result<io::SpaceInfo> space() const = 0;
  virtual BlobStoreStats stats() const = 0;
};

}  // namespace tp::blob
