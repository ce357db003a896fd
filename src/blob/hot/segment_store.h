// SegmentStore: the BlobStore over segment files of a FileSystem. Each loop appends to a segment of its own, one
// allocation at a time; everything else (the table of segments, handles, counts) is shared by all loops. Invariants: a
// segment file is removed only when it is sealed, counted, has nothing live and nobody writes to it; after a failed
// sync nothing is written any more. Owner: the composition root, through BlobStore::open(). Format:
// docs/formats/segment.md.
#pragma once

#include <map>
#include <shared_mutex>

#include "blob/hot/block_cache.h"
#include "blob/hot/segment.h"
#include "rt/semaphore.h"

namespace tp::blob {

using SegmentPointer = std::shared_ptr<Segment>;
using FilePointer = std::shared_ptr<io::File>;

class SegmentStore final : public BlobStore {
 public:
  explicit SegmentStore(Options options);
  ~SegmentStore() override;

  /// Reads the directory; before any other call.
  Task<void> load();

  Task<void> stop() override;
  BufferPool& buffers() override;
  Task<std::unique_ptr<BlobWriter>> create(uint64_t size_limit_bytes) override;
  Task<void> sync(std::span<const BlobRecord> blobs) override;
  Task<io::SendRegion> read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes, bool fill_cache) override;
  io::SendRegion read_cached(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) override;
  Task<void> verify(const BlobRecord& blob) override;
  Task<void> free(const BlobRecord& blob) override;
  Task<BlobRecord> relocate(const BlobRecord& blob) override;
  Task<BlobRecord> store(BlobId id, std::shared_ptr<const Bytes> data) override;
  std::vector<SegmentInfo> segments() override;
  Task<void> reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) override;
  bool read_only() const override { return read_only_.load(); }
  Result<io::SpaceInfo> space() const override;
  BlobStoreStats stats() const override;

 private:
  friend class SegmentWriter;
  enum class SpaceGuard : uint8_t { kApply, kIgnore };
  /// What one loop appends to.
  struct LoopState {
    explicit LoopState(size_t buffers) : pool(buffers) {}
    BufferPool pool;
    rt::Semaphore allocating{1};  // one allocation at a time: it may have to wait for fallocate or a new segment
    SegmentPointer open;
    rt::TaskGroup tasks;  // writes under way
  };
  struct Counters {
    std::atomic<uint64_t> cache_hits{0}, cache_misses{0}, checksum_failures{0}, syncs{0}, sync_requests{0};
    std::atomic<uint64_t> bytes_written{0}, bytes_read{0};
  };
  /// Space for one blob, at the tail of the current loop's segment.
  struct Place {
    SegmentPointer segment;
    FilePointer file;
    uint64_t offset = 0;
  };

  // segment_store.cc: segments and their space
  LoopState& here();
  SegmentPointer find(SegmentId id) const;
  Task<FilePointer> file_of(SegmentPointer segment);
  void close_idle_handle();
  Task<void> load_segment(SegmentId id);
  void report(const std::string& text) const;
  Task<void> remove_if_dead(SegmentPointer segment);
  Task<void> stop_loop(unsigned index);
  Result<void> check_space();
  Result<void> check_writable() const;

  // segment_writer.cc: appending
  Task<std::unique_ptr<BlobWriter>> create_as(BlobId id, uint64_t size_limit_bytes, SpaceGuard guard);
  Task<Place> allocate(uint64_t padded_bytes);
  Task<void> roll(LoopState& state);
  Task<void> reserve_ahead(SegmentPointer segment, FilePointer file, uint64_t padded_bytes);
  Task<void> seal(SegmentPointer segment);
  /// Gives back [keep_end, end) of an allocation: by moving the tail, or by a hole.
  Task<void> give_back(SegmentPointer segment, FilePointer file, uint64_t keep_end, uint64_t end);

  // segment_store_read.cc
  Result<void> check_record(const BlobRecord& blob) const;
  Task<FilePointer> file_for_reading(const BlobRecord& blob);
  /// Reads whole units from `first_unit` into `out` (padded to 4096) and verifies each.
  Task<void> read_units(FilePointer file, const BlobRecord& blob, uint64_t first_unit, MutableBytes out);
  Task<io::SendRegion> read_into_cache(FilePointer file, const BlobRecord& blob, uint64_t from, uint64_t to,
                                       BlockCache::Fill fill);
  Task<io::SendRegion> read_privately(FilePointer file, const BlobRecord& blob, uint64_t from, uint64_t to);

  Options options_;
  std::unique_ptr<BlockCache> cache_;  // null: none
  std::vector<std::unique_ptr<LoopState>> loops_;
  mutable std::shared_mutex segments_mutex_;
  std::map<SegmentId, SegmentPointer> segments_;
  std::atomic<bool> read_only_{false};
  std::atomic<bool> stopped_{false};
  std::atomic<uint64_t> next_segment_{1};
  std::atomic<uint64_t> next_blob_{1};
  std::atomic<size_t> open_handles_{0};
  std::atomic<int64_t> space_checked_at_{0};
  std::atomic<uint64_t> free_bytes_{0};
  Counters counters_;
};

}  // namespace tp::blob
