#include "blob/tiered_store.h"

#include <algorithm>

namespace tp::blob {

namespace {

io::SendRegion part_of(io::SendRegion frame, uint64_t from, uint64_t max_bytes) {
  if (from >= frame.bytes.size()) return {};
  frame.bytes = frame.bytes.substr(from, max_bytes);
  return frame;
}

}  // namespace

TieredStore::TieredStore(std::unique_ptr<BlobStore> hot, std::map<uint8_t, std::unique_ptr<Tier>> tiers,
                         uint64_t cache_bytes)
    : hot_(std::move(hot)), tiers_(std::move(tiers)), frames_(cache_bytes) {}

Task<void> TieredStore::stop() {
  Result<void> result = ok;
  for (auto& [number, tier] : tiers_) {
    auto stopped = co_await tier->stop();
    if (!stopped && result) result = std::move(stopped);
  }
  auto stopped = co_await hot_->stop();
  co_return stopped ? std::move(result) : std::move(stopped);
}

Result<Tier*> TieredStore::tier_of(const BlobRecord& blob) {
  Tier* found = tier(blob.tier);
  if (found != nullptr) return found;
  return fail(Code::kUnavailable, "blob " + std::to_string(blob.id.value) + " is on tier " +
                                      std::to_string(blob.tier) + ", which is not configured");
}

Tier* TieredStore::tier(uint8_t number) {
  const auto found = tiers_.find(number);
  return found == tiers_.end() ? nullptr : found->second.get();
}

std::vector<uint8_t> TieredStore::tiers() const {
  std::vector<uint8_t> numbers;
  for (const auto& [number, tier] : tiers_) numbers.push_back(number);
  return numbers;
}

Task<std::unique_ptr<BlobWriter>> TieredStore::create(uint64_t size_limit_bytes) {
  return hot_->create(size_limit_bytes);
}

Task<void> TieredStore::sync(std::span<const BlobRecord> blobs) { return hot_->sync(blobs); }

Task<io::SendRegion> TieredStore::read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes, bool fill_cache) {
  if (blob.tier == 0) co_return co_await hot_->read(blob, offset, max_bytes, fill_cache);
  if (auto cached = read_cached(blob, offset, max_bytes); !cached.bytes.empty()) co_return cached;
  if (offset >= blob.length_bytes || max_bytes == 0) co_return fail(Code::kOutOfRange, "read outside the blob");
  TP_CO_TRY(Tier * tier, tier_of(blob));
  const uint64_t begin = offset / kFrameBytes * kFrameBytes;
  const uint64_t size = std::min<uint64_t>(kFrameBytes, blob.length_bytes - begin);
  // Frames are decoded whole anyhow. A tier may give less of one that it stores raw.
  TP_CO_TRY(io::SendRegion frame, co_await tier->read(blob, begin, size));
  if (frame.bytes.size() < size) {
    if (frame.bytes.size() > offset - begin) co_return part_of(std::move(frame), offset - begin, max_bytes);
    co_return co_await tier->read(blob, offset, std::min(max_bytes, begin + size - offset));
  }
  if (fill_cache) frames_.insert(blob.id, static_cast<uint32_t>(offset / kFrameBytes), frame);
  co_return part_of(std::move(frame), offset - begin, max_bytes);
}

io::SendRegion TieredStore::read_cached(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) {
  if (blob.tier == 0) return hot_->read_cached(blob, offset, max_bytes);
  if (offset >= blob.length_bytes) return {};
  return part_of(frames_.find(blob.id, static_cast<uint32_t>(offset / kFrameBytes)), offset % kFrameBytes, max_bytes);
}

Task<void> TieredStore::verify(const BlobRecord& blob) {
  if (blob.tier == 0) co_return co_await hot_->verify(blob);
  TP_CO_TRY(Tier * tier, tier_of(blob));
  co_return co_await tier->verify(blob);
}

Task<void> TieredStore::free(const BlobRecord& blob) {
  if (blob.tier == 0) co_return co_await hot_->free(blob);
  TP_CO_TRY(Tier * tier, tier_of(blob));
  co_return co_await tier->free(blob);
}

Task<BlobRecord> TieredStore::relocate(const BlobRecord& blob) {
  if (blob.tier == 0) co_return co_await hot_->relocate(blob);
  co_return fail(Code::kNotImplemented, "blobs of other tiers are put again, not relocated");
}

Task<BlobRecord> TieredStore::store(BlobId id, std::shared_ptr<const Bytes> data) {
  return hot_->store(id, std::move(data));
}

Task<void> TieredStore::reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) {
  return hot_->reclaim(segment, std::move(live));
}

}  // namespace tp::blob
