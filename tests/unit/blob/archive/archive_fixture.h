// ArchiveFixture: an archive tier over a bucket in memory, which outlives the starts of the tier.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backend/memory/memory_object_store.h"
#include "blob/archive/archive_tier.h"
#include "blob/archive/pack_format.h"
#include "blob/blob_checksum.h"
#include "rt/await.h"
#include "rt/task_group.h"

namespace tp::blob {

inline Bytes noise(size_t size, uint64_t seed) {
  Bytes bytes(size, '\0');
  uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

inline TierItem item_of(uint64_t id, Bytes data) {
  TierItem item;
  item.blob.id = BlobId(id);
  item.blob.segment = SegmentId(7);
  item.blob.offset = 4096;
  item.blob.length_bytes = static_cast<uint32_t>(data.size());
  for (size_t at = 0; at < data.size(); at += kChecksumUnitBytes) {
    item.blob.checksums.push_back(unit_checksum(BlobId(id), static_cast<uint32_t>(at / kChecksumUnitBytes),
                                                BytesView(data).substr(at, kChecksumUnitBytes)));
  }
  item.data = std::make_shared<const Bytes>(std::move(data));
  return item;
}

/// [offset, offset + size) of the blob, however many reads that takes.
inline Task<Bytes> read_range(Tier* tier, BlobRecord blob, uint64_t offset, uint64_t size) {
  Bytes all;
  while (all.size() < size) {
    TP_CO_TRY(const auto region, co_await tier->read(blob, offset + all.size(), size - all.size()));
    EXPECT_GT(region.bytes.size(), 0u);
    EXPECT_LE(region.bytes.size(), kFrameBytes);
    all.append(region.bytes);
  }
  co_return all;
}

class ArchiveFixture : public testing::Test {
 protected:
  ~ArchiveFixture() override { close(); }

  ArchiveOptions options() {
    ArchiveOptions made;
    made.runtime = &runtime_;
    made.store = memory::make_object_store(bucket_);
    made.prefix = "pre/fix";
    made.store_id = 0xab;
    made.tier = 3;
    made.start_number = ++starts_;
    made.keys = *ArchiveKeys::parse(key_text_);
    made.pack_bytes = 4 << 20;
    made.report = [this](const std::string& text) { reports_.push_back(text); };
    return made;
  }
  Result<void> open(ArchiveOptions made) {
    close();
    TP_TRY(tier_, runtime_.block_on(open_archive_tier(std::move(made))));
    return ok;
  }
  void must_open() {
    auto opened = open(options());
    ASSERT_TRUE(opened) << opened.error().to_string();
  }
  void close() {
    if (tier_ != nullptr) EXPECT_TRUE(runtime_.block_on(tier_->stop()));
    tier_.reset();
  }
  Result<std::vector<BlobRecord>> put(std::vector<TierItem> items, unsigned loop = 0) {
    return runtime_.block_on(tier_->put(std::move(items)), loop);
  }
  BlobRecord must_put(uint64_t id, Bytes data) {
    auto records = put({item_of(id, std::move(data))});
    EXPECT_TRUE(records) << records.error().to_string();
    return records ? (*records)[0] : BlobRecord();
  }
  Result<Bytes> read(const BlobRecord& blob, uint64_t offset, uint64_t size, unsigned loop = 0) {
    return runtime_.block_on(read_range(tier_.get(), blob, offset, size), loop);
  }
  Result<Bytes> read(const BlobRecord& blob) { return read(blob, 0, blob.length_bytes); }
  Result<void> verify(const BlobRecord& blob) { return runtime_.block_on(tier_->verify(blob)); }
  Result<void> free(const BlobRecord& blob) { return runtime_.block_on(tier_->free(blob)); }
  std::vector<SegmentInfo> must_list() {
    auto segments = runtime_.block_on(tier_->segments());
    EXPECT_TRUE(segments) << segments.error().to_string();
    return segments ? *segments : std::vector<SegmentInfo>();
  }
  Result<void> reclaim(SegmentId segment, const std::vector<BlobRecord>& alive) {
    std::vector<std::pair<uint64_t, uint64_t>> live;
    for (const BlobRecord& blob : alive) {
      if (blob.segment == segment) live.emplace_back(blob.offset, blob.stored_bytes());
    }
    std::ranges::sort(live);
    return runtime_.block_on(tier_->reclaim(segment, std::move(live)));
  }
  /// What the mover does after a start.
  void reclaim_all(const std::vector<BlobRecord>& alive) {
    for (const SegmentInfo& segment : must_list()) {
      if (!segment.from_earlier_start) continue;
      auto done = reclaim(segment.id, alive);
      EXPECT_TRUE(done) << done.error().to_string();
    }
  }
  std::string name_of(SegmentId segment) { return pack_name(pack_name_prefix("pre/fix", 0xab, 3), segment); }
  size_t objects() {
    const std::lock_guard lock(bucket_->mutex);
    return bucket_->objects.size();
  }
  void fail_all(const std::string& operation, Code code) {
    bucket_->fault = [operation, code](const memory::MemoryBucket::Request& request) -> Result<void> {
      if (request.operation == operation) return fail(code, "made to fail");
      return ok;
    };
  }
  void change_object(const std::string& name, const std::function<void(Bytes&)>& change) {
    const std::lock_guard lock(bucket_->mutex);
    Bytes bytes = *bucket_->objects.at(name);
    change(bytes);
    bucket_->objects[name] = std::make_shared<const Bytes>(std::move(bytes));
  }

  rt::ManualClock clock_;
  rt::Runtime runtime_{{.loops = 2, .clock = &clock_}};
  std::shared_ptr<memory::MemoryBucket> bucket_ = std::make_shared<memory::MemoryBucket>();
  std::string key_text_ = std::string(64, '1') + "\n";
  std::vector<std::string> reports_;
  uint64_t starts_ = 0;
  std::unique_ptr<Tier> tier_;
};

}  // namespace tp::blob
