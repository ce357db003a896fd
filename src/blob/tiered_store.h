// TieredStore: the BlobStore of a store with several tiers: new blobs go to the hot one, reads go where the record
// says. Frames of other tiers are kept decoded for a while. Owner: the composition root.
#pragma once

#include <map>
#include <memory>

#include "blob/blob_store.h"
#include "blob/frame_cache.h"
#include "blob/tier.h"

namespace tp::blob {

class TieredStore final : public BlobStore {
 public:
  /// Numbers 1..255. `cache_bytes`: of decoded frames.
  TieredStore(std::unique_ptr<BlobStore> hot, std::map<uint8_t, std::unique_ptr<Tier>> tiers, uint64_t cache_bytes);

  Task<void> stop() override;
  BufferPool& buffers() override { return hot_->buffers(); }
  Task<std::unique_ptr<BlobWriter>> create(uint64_t size_limit_bytes) override;
  Task<void> sync(std::span<const BlobRecord> blobs) override;
  Task<io::SendRegion> read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes, bool fill_cache) override;
  io::SendRegion read_cached(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) override;
  Task<void> verify(const BlobRecord& blob) override;
  Task<void> free(const BlobRecord& blob) override;
  /// Of the hot tier alone: elsewhere the mover puts blobs again.
  Task<BlobRecord> relocate(const BlobRecord& blob) override;
  Task<BlobRecord> store(BlobId id, std::shared_ptr<const Bytes> data) override;
  Tier* tier(uint8_t number) override;
  std::vector<uint8_t> tiers() const override;
  std::vector<SegmentInfo> segments() override { return hot_->segments(); }
  Task<void> reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) override;
  bool read_only() const override { return hot_->read_only(); }
  Result<io::SpaceInfo> space() const override { return hot_->space(); }
  BlobStoreStats stats() const override { return hot_->stats(); }

 private:
  /// kUnavailable: the configuration does not name the tier.
  Result<Tier*> tier_of(const BlobRecord& blob);

  std::unique_ptr<BlobStore> hot_;
  std::map<uint8_t, std::unique_ptr<Tier>> tiers_;
  FrameCache frames_;
};

}  // namespace tp::blob
