// ArchiveStore: the Tier that open_archive_tier() makes. Writing is in archive_write.cc, reading in archive_read.cc,
// what is known of packs in pack_table.h. Invariant: a pack's name is used for one upload (and its retries) only.
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "blob/archive/archive_tier.h"
#include "blob/archive/frame_seal.h"
#include "blob/archive/pack_table.h"
#include "blob/frame_cache.h"
#include "rt/async_mutex.h"
#include "rt/threads/background_pool.h"

namespace tp::blob {

class ArchiveStore final : public Tier {
 public:
  explicit ArchiveStore(ArchiveOptions options);
  Task<void> probe();

  Task<void> stop() override;
  Task<std::vector<BlobRecord>> put(std::vector<TierItem> items) override;
  Task<io::SendRegion> read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) override;
  Task<void> verify(const BlobRecord& blob) override;
  Task<void> free(const BlobRecord& blob) override;
  bool wants_moving(SegmentId segment) override;
  Task<std::vector<SegmentInfo>> segments() override;
  Task<void> reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) override;
  bool remote() const override { return true; }
  TierStats stats() const override;

 private:
  struct Draft;  // a pack being built
  /// A range of frames of one blob that is under way, and who waits for it.
  struct Fetch {
    BlobId blob;
    SegmentId segment;
    uint32_t first = 0, end = 0;  // frames
    rt::AsyncMutex under_way;
    std::optional<Error> error;                                // of the request
    std::vector<Result<std::shared_ptr<const Bytes>>> frames;  // decoded and verified
  };
  using FetchPointer = std::shared_ptr<Fetch>;
  struct Ended {
    SegmentId segment;
    uint64_t offset = 0;  // where a fetch ended
    uint32_t frames = 0;  // how many it had
  };

  // archive_write.cc
  Result<std::unique_ptr<Draft>> new_draft();
  Result<BlobRecord> add(Draft& draft, const TierItem& item) const;
  Task<void> upload(std::unique_ptr<Draft> draft);
  Task<std::vector<BlobRecord>> put_packs(std::vector<TierItem> items, std::vector<SegmentId>* uploaded);
  Task<void> remove_pack(SegmentId pack);
  Task<void> remove_dead();
  Task<void> list_packs();

  // archive_read.cc
  Result<void> check_record(const BlobRecord& blob) const;
  FetchPointer join_or_begin(const BlobRecord& blob, uint32_t frame, bool* begun);
  uint32_t window_of(const BlobRecord& blob, uint32_t frame);
  Task<void> run_fetch(FetchPointer fetch, BlobRecord blob);
  Task<void> fetch_frames(Fetch* fetch, const BlobRecord& blob);
  Task<void> check_header(SegmentId segment);
  Result<std::shared_ptr<const Bytes>> decode(const BlobRecord& blob, uint32_t frame, BytesView sealed) const;
  io::SendRegion take(const BlobRecord& blob, std::shared_ptr<const Bytes> frame, uint64_t offset, uint64_t max_bytes);

  std::string name_of(SegmentId pack) const;
  std::string describe(const BlobRecord& blob) const;
  PackId pack_id(SegmentId pack) const { return {options_.store_id, pack}; }
  void report(const std::string& text) const;

  ArchiveOptions options_;
  rt::BackgroundPool encoders_;  // puts are of blobs that move: nobody waits for them
  const std::string name_prefix_;
  PackTable packs_;
  FrameCache cache_;
  std::atomic<uint64_t> next_counter_{1};
  std::atomic<uint64_t> next_lane_{0};
  std::vector<std::unique_ptr<rt::AsyncMutex>> lanes_;  // one pack is built in each at a time
  rt::AsyncMutex listing_;
  std::optional<rt::Nanos> listed_at_;  // under listing_

  std::mutex reads_mutex_;
  std::multimap<BlobId, FetchPointer> fetches_;
  std::list<Ended> ended_;        // the latest first
  std::list<SegmentId> headers_;  // of packs whose header was seen to be right, the latest first

  struct Counters {
    std::atomic<uint64_t> bytes_written{0}, bytes_read{0}, reads{0}, writes{0}, checksum_failures{0}, reread{0};
  };
  mutable Counters counters_;
};

/// As a reader of the tier is told: what is missing or cut off is damage, what is refused or slow is not there now.
Error read_error(Error error, const std::string& what);

}  // namespace tp::blob
